"""The bodies that the generated tests send: any number of different ones, with their parents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

from jedgebot.rendering.code import Code, code, quoted
from jedgebot.rendering.series import MANY, Series, series_of
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec, TableSpec

USERS = "users"

Parents = Mapping[str, TableSpec]
"""Every table that another refers to, directly or through others, but `users`, by its name."""


@dataclass(frozen=True)
class Helper:
    """The function of a test file that makes a row of a table which the new one refers to.

    Attributes:
        name: what it is called.
        entries: of the body it sends.
        counts: whether its rows differ by a number.
    """

    table: str
    row: str
    name: str
    is_shared: bool
    entries: list[Code]
    counts: bool


class Factory:
    """How to make rows of a table.

    Args:
        spec: the table.
        parents: the tables that it refers to.
    """

    def __init__(self, spec: TableSpec, parents: Parents) -> None:
        self.spec = spec
        self._parents = parents

    @cached_property
    def sent(self) -> list[FieldSpec]:
        """The fields that a client may send when it makes a row."""
        return [field for field in self.spec.fields if field.access != "readonly"]

    @cached_property
    def entries(self) -> list[Code]:
        """Those of a body with every field, for the row with a `number`, of a `client`.

        It refers to no other row of its own table, which would be one more in the lists.
        """
        return [self._entry(field) for field in self.sent]

    @property
    def counts(self) -> bool:
        """Whether rows differ by their number."""
        return any(self.varies(field) and not _is_ref(field) for field in self.sent)

    @property
    def asks_client(self) -> bool:
        """Whether a row needs rows of other tables, which a client has."""
        return any(_is_ref(field) and not self.spec.is_own(field) for field in self.sent)

    @property
    def most(self) -> int:
        """How many rows of one owner there can be before they are no longer unique."""
        return min((self._capacity(group) for group in self._unique_groups), default=MANY)

    def varies(self, field: FieldSpec) -> bool:
        """Whether rows with other numbers have other values of a field."""
        if field.access == "readonly" or self.spec.is_own(field):
            return False
        if isinstance(field.type, types.Ref):
            return field.type.table != USERS or self._is_other_user(field)
        return self.series(field).capacity > 1

    def differs(self, field: FieldSpec) -> bool:
        """Whether the first two rows have different values of a field."""
        if not self.varies(field) or _is_ref(field):
            return self.varies(field)
        return self.index(field, 1) != self.index(field, 2)

    def series(self, field: FieldSpec) -> Series:
        """The values of a field that is no reference."""
        return series_of(field, differ=field in self._differing)

    def index(self, field: FieldSpec, number: int) -> int:
        """Which value of its series a field has in the row with a number."""
        return number // self._divisors.get(field.column, 1) % self.series(field).capacity

    def helpers(self) -> list[Helper]:
        """The functions that a body calls, each after those that it calls itself."""
        return list(self._helpers(set()))

    def made(self, field: FieldSpec, ref: types.Ref, client: str) -> str:
        """Python for what a column refers to: a new row, or the client's user."""
        return f"{self.helper_of(field, ref)}({client})[{quoted(ref.column)}]"

    def helper_of(self, field: FieldSpec, ref: types.Ref) -> str:
        """The name of the function that gives a row to refer to."""
        if ref.table == USERS:
            return "new_user" if self._is_other_user(field) else "user_of"
        return f"{self._parents[ref.table].singular}_of"

    def _entry(self, field: FieldSpec) -> Code:
        if self.spec.is_own(field):
            value = code("None")
        elif isinstance(field.type, types.Ref):
            value = code(self.made(field, field.type, "client"))
        else:
            divisor = self._divisors.get(field.column, 1)
            number = "number" if divisor == 1 else f"number // {divisor}"
            value = self.series(field).expression(number)
        return Code(f"{quoted(field.column)}: {value}", value.imports)

    @cached_property
    def _unique_groups(self) -> list[list[FieldSpec]]:
        """The fields that a client sends of each unique constraint."""
        groups = [[field] for field in self.sent if field.unique]
        groups += [
            [field for field in self.sent if field.column in columns]
            for columns in self.spec.unique
        ]
        return [group for group in groups if group]

    def _capacity(self, group: Iterable[FieldSpec]) -> int:
        return prod(map(self._values, group))

    def _values(self, field: FieldSpec) -> int:
        """How many values of a field there are."""
        if _is_ref(field):
            # Null is never the same as null.
            return MANY if self.varies(field) or self.spec.is_own(field) else 1
        return self.series(field).capacity

    def _is_other_user(self, field: FieldSpec) -> bool:
        """Whether rows can only differ by the user that a field refers to."""
        return _refers_to_users(field) and field in self._differing

    @cached_property
    def _differing(self) -> set[FieldSpec]:
        """The fields in which rows have to differ: one of each group, or all where one has few."""
        found: set[FieldSpec] = set()
        for group in self._unique_groups:
            if any(_is_ref(field) and not _refers_to_users(field) for field in group):
                continue
            many = (
                field
                for field in group
                if not _is_ref(field) and series_of(field, differ=True).capacity >= MANY
            )
            one = next(many, None)
            found |= {one} if one is not None else set(group)
        return found

    @cached_property
    def _divisors(self) -> dict[str, int]:
        """By what numbers are divided, so that fields with few values differ together.

        They count like the digits of a number: each starts again when those before it have had
        all their values.
        """
        divisors: dict[str, int] = {}
        for group in self._unique_groups:
            if any(self._values(field) >= MANY for field in group):
                continue
            divisor = 1
            for field in sorted(group, key=self._values):
                divisors.setdefault(field.column, divisor)
                divisor = divisors[field.column] * self._values(field)
        return divisors

    def _helpers(self, seen: set[str]) -> Iterator[Helper]:
        for field, ref in self.spec.refs:
            if self.spec.is_own(field) or field.access == "readonly":
                continue
            name = self.helper_of(field, ref)
            if name in seen:
                continue
            seen.add(name)
            if ref.table == USERS:
                yield Helper(USERS, "user", name, is_shared=True, entries=[], counts=False)
                continue
            parent = self._parents[ref.table]
            needed = Factory(_needed_part(parent), self._parents)
            yield from needed._helpers(seen)  # the same class's
            yield Helper(
                parent.name,
                words.spaced(parent.singular),
                name,
                parent.is_shared,
                needed.entries,
                needed.counts,
            )


def _needed_part(spec: TableSpec) -> TableSpec:
    """The table with the fields alone that a new row has to name, or has to differ in."""
    together = {column for columns in spec.unique for column in columns}
    fields = (
        field
        for field in spec.fields
        if field.access != "readonly"
        and (field.required or (field.column in together and not spec.is_own(field)))
    )
    return TableSpec(spec.name, spec.singular, tuple(fields), owner=spec.owner, unique=spec.unique)


def _refers_to_users(field: FieldSpec) -> bool:
    return isinstance(field.type, types.Ref) and field.type.table == USERS


def _is_ref(field: FieldSpec) -> bool:
    return isinstance(field.type, types.Ref)
