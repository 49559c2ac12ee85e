"""What an edit can come to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Changed:
    """The source after the edit."""

    source: str


@dataclass(frozen=True)
class AlreadyThere:
    """The source has it already."""


@dataclass(frozen=True)
class CannotEdit:
    """The source has a form that the edit does not know.

    Attributes:
        reason: what is missing.
        hint: the lines to write by hand.
    """

    reason: str
    hint: str


Result = Changed | AlreadyThere | CannotEdit
