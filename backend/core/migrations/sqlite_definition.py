"""The text of a SQLite table: read, and changed in one place at a time.

SQLite keeps a table as the text of its CREATE TABLE statement. What a change does not concern
keeps its very words here, so nothing can be lost that nobody thought of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_grammar import Clause, Column, Constraint, read_table
from backend.core.migrations.sqlite_tokens import Place, tokens


@dataclass(frozen=True)
class TableDefinition:
    """A CREATE TABLE statement. Every change gives back a new one.

    Raises:
        CannotRebuild: the statement is of a kind that is not understood, or the change would
            take something with it that it does not name.
    """

    text: str

    @cached_property
    def _parts(self) -> tuple[tuple[Column, ...], tuple[Constraint, ...]]:
        return read_table(self.text)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, generated ones included."""
        return self._parts[0]

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The table constraints, which stand behind the columns."""
        return self._parts[1]

    def column(self, name: str) -> Column:
        """The column of this name; SQLite does not tell upper case from lower case."""
        for column in self.columns:
            if column.key == name.casefold():
                return column
        raise CannotRebuild(f"There is no column {name!r} in: {self.text}")

    def add_column(self, specification: str) -> "TableDefinition":
        """Put a column behind the others."""
        return _inserted(self, self.columns[-1].place.end, f", \n\t{specification}")

    def add_constraint(self, constraint: str) -> "TableDefinition":
        """Put a table constraint behind everything else."""
        return _inserted(self, _places(self)[-1].end, f", \n\t{constraint}")

    def drop_constraint(self, name: str) -> "TableDefinition":
        """Take away the constraint of this name, wherever it stands."""
        in_table = [found for found in self.constraints if found.name == name]
        in_columns = [c for column in self.columns for c in column.clauses if c.name == name]
        if len(in_table) + len(in_columns) != 1:
            count = "more than one" if in_table or in_columns else "no"
            raise CannotRebuild(f"There is {count} constraint {name!r} in: {self.text}")
        if in_table:
            return _without_item(self, in_table[0].place)
        return _without_clauses(self, in_columns)

    def drop_column(self, name: str) -> "TableDefinition":
        """Take away a column, and the constraints that are about this column alone.

        PostgreSQL does the same, but also drops constraints that concern other columns too;
        here these must be dropped by name first.
        """
        column = self.column(name)
        others = [other for other in self.columns if other is not column]
        for clause in (clause for other in others for clause in other.clauses):
            if column.key in clause.names:
                raise CannotRebuild(f"Another column uses column {name!r}: {clause.text}")
        definition = self
        for constraint in reversed(self.constraints):
            if column.key not in constraint.names:
                continue
            if constraint.names & {other.key for other in others}:
                raise CannotRebuild(
                    f"Column {name!r} is not alone in a constraint; drop that by its name first: "
                    f"{constraint.text}"
                )
            definition = _without_item(definition, constraint.place)
        return _without_item(definition, column.place)

    def set_nullable(self, name: str, *, nullable: bool) -> "TableDefinition":
        """Take NOT NULL away from a column or give it to it."""
        column = self.column(name)
        not_null = column.all_of("NOT NULL")
        if nullable:
            return _without_clauses(self, not_null)
        if not_null:
            return self
        definition = _without_clauses(self, column.all_of("NULL"))
        column = definition.column(name)
        defaults = column.all_of("DEFAULT")
        return _inserted(
            definition, defaults[0].place.end if defaults else column.type_end, " NOT NULL"
        )

    def set_default(self, name: str, default: str | None) -> "TableDefinition":
        """Give a column another default, or none."""
        definition = _without_clauses(self, self._plain(name).all_of("DEFAULT"))
        if default is None:
            return definition
        return _inserted(definition, definition.column(name).type_end, f" DEFAULT {default}")

    def set_type(self, name: str, type_name: str) -> "TableDefinition":
        """Give a column another type."""
        column = self._plain(name)
        definition = _without(self, Place(column.name_end, column.type_end))
        return _inserted(definition, column.name_end, f" {type_name}")

    def _plain(self, name: str) -> Column:
        column = self.column(name)
        if column.all_of("GENERATED"):
            raise CannotRebuild(f"Column {name!r} is generated; drop it and add it anew.")
        return column


def _inserted(definition: TableDefinition, position: int, text: str) -> TableDefinition:
    before, after = definition.text[:position], definition.text[position:]
    return TableDefinition(before + text + after)


def _without(definition: TableDefinition, place: Place) -> TableDefinition:
    return TableDefinition(definition.text[: place.start] + definition.text[place.end :])


def _without_clauses(definition: TableDefinition, clauses: Iterable[Clause]) -> TableDefinition:
    for place in sorted((clause.place for clause in clauses), reverse=True):
        # Not the end of a line: a comment may stand before it.
        start = len(definition.text[: place.start].rstrip(" \t"))
        definition = _without(definition, Place(start, place.end))
    return definition


def _without_item(definition: TableDefinition, item: Place) -> TableDefinition:
    places = _places(definition)
    position = places.index(item)
    if position:
        before = places[position - 1].end
        comments = _comments(definition.text[before : item.start])
        return _inserted(_without(definition, Place(before, item.end)), before, comments)
    if len(definition.columns) == 1:
        raise CannotRebuild(f"A table cannot lose its last column: {definition.text}")
    return _without(definition, Place(item.start, places[1].start))


def _places(definition: TableDefinition) -> list[Place]:
    columns = [column.place for column in definition.columns]
    return columns + [constraint.place for constraint in definition.constraints]


def _comments(gap: str) -> str:
    """What stands between two columns, without the comma; nothing if it is white space."""
    commas = [token.place.start for token in tokens(gap)]
    without = gap[: commas[0]] + gap[commas[0] + 1 :] if commas else gap
    return without if without.strip() else ""
