"""The review of a revision before it is written: it creates one table and does nothing else."""

from collections.abc import Iterable, Iterator

from alembic.operations import ops
from sqlalchemy import Column, Constraint, Enum

from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.spec.constraints import NAME_BYTES_MAX


def review(operations: ops.UpgradeOps, expected: Expected) -> None:
    """Let the operations pass if they create the expected table and nothing else.

    Raises:
        Failure: they do something else, which is then what the models and the migrations
            disagree about; or the table is not the expected one.
    """
    flat = list(_flattened(operations.ops))
    created = [one for one in flat if _creates(one, expected.table)]
    indexes = [one for one in flat if _indexes(one, expected.table)]
    others = [_described(one) for one in flat if one not in created and one not in indexes]
    if others:
        raise Failure(
            f"the models and the migrations disagree already: {'; '.join(others)}.",
            "Make and apply a revision for that first, then run the command again.",
        )
    if len(created) != 1:
        raise Failure(
            f"the revision creates the table {expected.table} {len(created)} times.",
            "Look whether backend/models imports its model, and whether an older revision has it.",
        )
    _compare(created[0], indexes, expected)


def _flattened(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps):
            yield from _flattened(operation.ops)
        else:
            yield operation


def _creates(operation: ops.MigrateOperation, table: str) -> bool:
    return isinstance(operation, ops.CreateTableOp) and operation.table_name == table


def _indexes(operation: ops.MigrateOperation, table: str) -> bool:
    return isinstance(operation, ops.CreateIndexOp) and operation.table_name == table


def _compare(
    created: ops.MigrateOperation, indexes: list[ops.MigrateOperation], expected: Expected
) -> None:
    """Compare what is created with what was asked for."""
    if not isinstance(created, ops.CreateTableOp):
        raise TypeError(created)
    columns = [part for part in created.columns if isinstance(part, Column)]
    constraints = {
        str(part.name) for part in created.columns if isinstance(part, Constraint) and part.name
    }
    # The check of an enum belongs to its type until the table is made.
    checks = {
        f"ck_{created.table_name}_{column.type.name}"
        for column in columns
        if isinstance(column.type, Enum) and column.type.create_constraint
    }
    named = {str(one.index_name) for one in indexes if isinstance(one, ops.CreateIndexOp)}
    differences = [
        *_differences("column", {column.name for column in columns}, expected.columns),
        *_differences("constraint", constraints | checks, expected.constraints),
        *_differences("index", named, expected.indexes),
    ]
    names = {created.table_name, *(column.name for column in columns), *constraints, *checks}
    long = sorted(name for name in names | named if len(str(name).encode()) > NAME_BYTES_MAX)
    if long:
        raise Failure(
            f"PostgreSQL cuts off the name {long[0]}, which has more than {NAME_BYTES_MAX} bytes.",
            "Shorten the name of the table or of the field.",
        )
    if differences:
        raise Failure(
            f"the revision is not that of the table {expected.table}: {'; '.join(differences)}.",
            "Look at the model that was rendered; its template may have been changed.",
        )


def _differences(what: str, found: Iterable[str | None], wanted: frozenset[str]) -> Iterator[str]:
    names = {str(name) for name in found}
    for name in sorted(wanted - names):
        yield f"the {what} {name} is missing"
    for name in sorted(names - wanted):
        yield f"there is also the {what} {name}"


def _described(operation: ops.MigrateOperation) -> str:
    """An operation in a few words."""
    kind = type(operation).__name__.removesuffix("Op")
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind).strip()
    table = getattr(operation, "table_name", None)
    names = ("column_name", "constraint_name", "index_name")
    own = next((value for name in names if (value := getattr(operation, name, None))), None)
    column = getattr(operation, "column", None)
    if own is None and isinstance(column, Column):
        own = column.name
    return " ".join(str(part) for part in (words, f"{table}.{own}" if own else table) if part)
