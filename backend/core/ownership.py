"""Whose rows a request is about, and whether its sender may act for them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True, eq=False)
class OwnerRule:
    """How a declared operation knows its owner. Each is equal to itself alone.

    Attributes:
        user: the annotation of a plain endpoint's argument that is the sender, with an `id`.
        lives: holds in the database, in the moment of the statement, if the session `SESSION`
            of the user `OWNER` (`backend.core.statements`) has not ended.
    """

    user: Any  # an annotation, which has no type of its own
    lives: ColumnElement[bool]
