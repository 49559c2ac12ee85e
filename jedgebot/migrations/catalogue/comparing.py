"""How two catalogues differ."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

Facts = Mapping[str, str]
"""What is known of one table: the part, such as `column email`, and its definition."""

Catalogue = Mapping[str, Facts]
"""A schema: the facts of each table by its name, and of what belongs to no table by kind and
name, such as `view open_orders`."""

ORDER = "order of the columns"
"""The part that says in which order a table has its columns: an added column is always the last
one in a database, wherever the model has it."""


class FactsOfTexts(Mapping[str, str]):
    """Facts that are read from texts only when somebody asks for one.

    Args:
        texts: facts of equal texts are equal, the order of the columns included.
        read: gives the facts.
    """

    def __init__(self, texts: Hashable, read: Callable[[], Facts]) -> None:
        self.texts = texts
        self._read = read

    @cached_property
    def _facts(self) -> Facts:
        return self._read()

    def __getitem__(self, part: str) -> str:
        return self._facts[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


@dataclass(frozen=True)
class Difference:
    """One part that two catalogues do not agree about.

    Attributes:
        subject: the table, or what belongs to none.
        part: of the subject.
        wanted: its definition; None if there should be none.
        found: its definition; None if there is none.
    """

    subject: str
    part: str
    wanted: str | None
    found: str | None

    def line(self, wanted_by: str, found_in: str) -> str:
        """The difference in words, without the subject.

        Args:
            wanted_by: what `wanted` comes from, such as "the model".
            found_in: what `found` comes from, such as "the database".
        """
        if self.found is None:
            return f"{self.part}: {self.wanted} in {wanted_by}, missing in {found_in}"
        if self.wanted is None:
            return f"{self.part}: {self.found} in {found_in}, missing in {wanted_by}"
        return f"{self.part}: {self.wanted} in {wanted_by}, {self.found} in {found_in}"


def compare(wanted: Catalogue, found: Catalogue, *, order: bool = False) -> list[Difference]:
    """Every part that is not alike, sorted by subject and part.

    A subject that only one side has is told in one difference, of its part "table" or
    "definition".

    Args:
        wanted: as it should be.
        found: as it is.
        order: whether the order of the columns matters.
    """
    return [
        one
        for subject in sorted(wanted.keys() | found.keys())
        for one in _of_subject(subject, wanted.get(subject), found.get(subject), order=order)
    ]


def differences(wanted: Facts, found: Facts, *, wanted_by: str, found_in: str) -> list[str]:
    """How two descriptions of one table differ, a line for each part."""
    return [one.line(wanted_by, found_in) for one in _of_parts("", wanted, found, order=False)]


def _of_subject(
    subject: str, wanted: Facts | None, found: Facts | None, *, order: bool
) -> list[Difference]:
    if _same_texts(wanted, found):
        return []
    if wanted is not None and found is not None:
        return _of_parts(subject, wanted, found, order=order)
    [part] = [name for name in ("table", "definition") if name in (wanted or found or {})]
    definition = (wanted or found or {})[part]
    if found is None:
        return [Difference(subject, part, definition, None)]
    return [Difference(subject, part, None, definition)]


def _same_texts(wanted: Facts | None, found: Facts | None) -> bool:
    """Whether two facts need not be read to know that they are equal."""
    if not isinstance(wanted, FactsOfTexts) or not isinstance(found, FactsOfTexts):
        return False
    return wanted.texts == found.texts


def _of_parts(subject: str, wanted: Facts, found: Facts, *, order: bool) -> list[Difference]:
    parts = wanted.keys() | found.keys()
    columns = {part for part in parts if part.startswith("column ")}
    # A column too many or too few is told as such, not as another order as well.
    if not order or columns - wanted.keys() or columns - found.keys():
        parts -= {ORDER}
    return [
        Difference(subject, part, wanted.get(part), found.get(part))
        for part in sorted(parts)
        if wanted.get(part) != found.get(part)
    ]
