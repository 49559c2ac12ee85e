"""Foreign keys have an index: without one, each deletion of a parent reads the whole table."""

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.places import place_of_column
from jedgebot.checks.project import Project


def look(project: Project) -> Seen:
    """A key, constraint or index begins with the columns of each foreign key, in any order."""
    count = 0
    for module in project.modules:
        table = module.table
        if table is None:
            continue
        leading = [*_leading(table)]
        for key in sorted(table.foreign_key_constraints, key=lambda one: list(one.column_keys)):
            count += 1
            columns = [column.name for column in key.columns]
            if not any(set(one[: len(columns)]) == set(columns) for one in leading):
                yield Problem(
                    f"{place_of_column(module, columns[-1])} nothing is indexed by "
                    f"({', '.join(columns)}), which refers to {key.elements[0].target_fullname}",
                    f"add to __table_args__: Index(None, {', '.join(map(repr, columns))})",
                )
    yield Proof(f"{count} foreign keys read")


def _leading(table: Table) -> Iterator[list[str]]:
    yield [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.dialect_options["postgresql"].get("where") is None:
            yield [getattr(part, "name", None) or "" for part in index.expressions]


CHECK = Rule("indexed_keys", "Every foreign key has an index", look)
