"""From a module's code back to its `TableSpec`: each fact is read where it lives.

Columns, keys, indexes, defaults and foreign keys are those of the model; limits, kinds of text
and what a client may do are the schemas'; filters, sorts, searches and soft references are those
of the declared operations.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)

from backend.core.models import DATABASE
from jedgebot.errors import Misuse
from jedgebot.spec import words
from jedgebot.spec.building import USERS, TableOptions, build_table
from jedgebot.spec.column_reader import AnyColumn, NotReadable, default_of, is_shared, type_of
from jedgebot.spec.constraints import Constraint, constraints_of
from jedgebot.spec.grammar import parse_field
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by, sorted_by_index
from jedgebot.spec.operation_reader import Operations
from jedgebot.spec.schema_reader import Schemas, has_more_checks, limits_of
from jedgebot.spec.table import OWNER_COLUMN, FieldSpec, TableSpec
from jedgebot.spec.types import KEY, Ref
from jedgebot.spec.writing import written_field

_EVERY_TABLE = frozenset({OWNER_COLUMN, KEY, "created_at", "updated_at", "version"})


@dataclass(frozen=True)
class Derived:
    """What the code of a module says of its table.

    Attributes:
        spec: what the grammar can say of it.
        unsaid: columns that it has no words for, each with the reason.
        remarks: what else it has no words for.
        needed: what a new row has to have beside the fields of `spec`; None if that is not known.
    """

    spec: TableSpec
    unsaid: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    needed: tuple[str, ...] | None = ()


def read_table(
    singular: str,
    table: Table,
    schemas: Mapping[str, object],
    services: Mapping[str, object],
) -> Derived:
    """Describe a table as the field grammar would.

    Args:
        singular: what one row is called, after which the module's classes are.
        table: its table.
        schemas: the names in its `schemas.py`.
        services: the names in its `services.py`.
    """
    class_name = words.camel_case(singular)
    known = Schemas.of(schemas, class_name)
    operations = Operations.of(services)
    unsaid: list[str] = []
    remarks = _about_module(table, class_name, known, operations)
    fields: list[FieldSpec] = []
    for column in table.columns:
        if column.name not in _EVERY_TABLE:
            try:
                fields.append(_field(column, known, operations))
            except NotReadable as reason:
                unsaid.append(f"{column.name}: {reason}")
            else:
                remarks += _about_field(fields[-1], known)
    options = TableOptions(
        shared=is_shared(table) and table.name != USERS,
        versioned="version" in table.columns,
        database=table.metadata.info.get(DATABASE, ""),
        singular=singular,
    )
    spec, reasons = _assembled(table, fields, options, operations)
    remarks += [*reasons, *_about_constraints(spec, table), *_about_lists(spec, operations)]
    columns = {field.column for field in fields}
    needed = tuple(name for name in known.required if name not in columns)
    return Derived(spec, tuple(unsaid), tuple(remarks), None if known.create is None else needed)


def _field(column: AnyColumn, schemas: Schemas, operations: Operations) -> FieldSpec:
    marks = schemas.marks(column.name)
    kind = type_of(column, marks or (), operations.soft.get(column.name))
    access = schemas.access(column.name)
    if access is None:
        if schemas.missing != ["Create", "Change", "Read"]:
            raise NotReadable("neither requests nor answers have it as the grammar can say")
        access = ""
    low, high = (None, None) if marks is None else limits_of(kind, marks)
    own = (column.name,)
    field = FieldSpec(
        kind.field_of(column.name) if isinstance(kind, Ref) else column.name,
        kind,
        nullable=bool(column.nullable),
        unique=own in _uniques(column.table),
        index=not isinstance(kind, Ref) and own in _indexes(column.table),
        default=default_of(column, kind),
        minimum=low,
        maximum=high,
        access=access,
    )
    try:
        said = parse_field(written_field(field))
    except Misuse as refusal:
        raise NotReadable(refusal.message) from refusal
    if said.column != column.name:
        raise NotReadable(f"a reference to {kind.written} would be called {said.column}")
    return field


def _assembled(
    table: Table, fields: list[FieldSpec], options: TableOptions, operations: Operations
) -> tuple[TableSpec, list[str]]:
    """The table with its columns together and its lists; and what of it cannot be said."""
    names = {field.column for field in fields}
    several = replace(
        options,
        unique=[one for one in _uniques(table) if len(one) > 1 and names.issuperset(one)],
        indexes=[one for one in _indexes(table) if len(one) > 1 and names.issuperset(one)],
    )
    plain = TableSpec(
        table.name,
        options.singular,
        tuple(fields),
        owner="" if options.shared else USERS,
        unique=tuple(map(tuple, several.unique)),
        indexes=tuple(map(tuple, several.indexes)),
        versioned=options.versioned,
        database=options.database,
    )
    listed = [_with_lists(plain, field, operations) for field in fields]
    try:
        return build_table(table.name, listed, several), []
    except Misuse as refusal:
        return replace(plain, fields=tuple(listed)), [refusal.message.rstrip(".")]


def _with_lists(spec: TableSpec, field: FieldSpec, operations: Operations) -> FieldSpec:
    column = field.column
    return replace(
        field,
        filter=column in operations.filter_by and not spec.is_indexed(column),
        sort=column in operations.sort_by and not sorted_by_index(spec, field),
        search=column in operations.search_by,
    )


def _columns(one: UniqueConstraint | Index) -> tuple[str, ...]:
    """The columns behind the owner, by which the rows of one owner differ or are found."""
    names = tuple(column.name for column in one.columns)
    return names[1:] if names[:1] == (OWNER_COLUMN,) and len(names) > 1 else names


def _uniques(table: Table) -> list[tuple[str, ...]]:
    found = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return sorted({_columns(one) for one in found})


def _indexes(table: Table) -> list[tuple[str, ...]]:
    return sorted({_columns(one) for one in table.indexes if _is_plain(one)})


def _is_plain(index: Index) -> bool:
    """Whether an index is of columns, in their own order, and of all rows."""
    is_partial = any(value is not None for value in index.dialect_kwargs.values())
    is_of_columns = all(isinstance(one, Column) for one in index.expressions)
    return is_of_columns and not index.unique and not is_partial


def _about_module(
    table: Table, class_name: str, schemas: Schemas, operations: Operations
) -> list[str]:
    remarks = []
    key = ", ".join(column.name for column in table.primary_key)
    if table.name == USERS:
        remarks.append("Its rows are the users, each of whom reads and writes their own")
    elif not is_shared(table) and key != f"{OWNER_COLUMN}, {KEY}":
        remarks.append(f"Its rows belong to users, but its primary key is ({key})")
    if schemas.missing:
        names = ", ".join(f"{class_name}{end}" for end in schemas.missing)
        remarks.append(f"It has no {names}")
    if not operations.has_list:
        remarks.append("It declares no list: its flags filter, sort and search are not known")
    return remarks


def _about_field(field: FieldSpec, schemas: Schemas) -> Iterator[str]:
    if has_more_checks(field.type, schemas.marks(field.column) or ()):
        yield f"{field.column}: requests are checked for more than its type and limits"


def _about_lists(spec: TableSpec, operations: Operations) -> Iterator[str]:
    if not operations.has_list:
        return
    for what, said, declared in (
        ("filtered by", filtered_by(spec), operations.filter_by),
        ("sorted by", sorted_by(spec), operations.sort_by),
        ("searched for", searched_by(spec), operations.search_by),
    ):
        for column in sorted(set(said) - set(declared)):
            yield f"{column}: the list cannot be {what} it"
        for column in sorted(set(declared) - set(said)):
            yield f"{column}: the list can be {what} it"


def _about_constraints(spec: TableSpec, table: Table) -> Iterator[str]:
    is_known_by_id = [column.name for column in table.primary_key] == [KEY]
    like = replace(spec, owner="") if is_known_by_id else spec
    wanted = {_described(one) for one in constraints_of(like)}
    there = dict(_constraints_in(table))
    for missing in sorted(wanted - there.keys()):
        yield f"The table has no {_phrase(missing)}"
    for more in sorted(there.keys() - wanted):
        yield f"The table has a {_phrase(more)} of its own: {there[more]}".removesuffix(": ")


_Described = tuple[str, tuple[str, ...], str, str]


def _described(one: Constraint) -> _Described:
    target = ", ".join(f"{one.refers_to}.{column}" for column in one.referred)
    return (one.kind, one.columns, target, one.action if one.kind == "fk" else "")


def _constraints_in(table: Table) -> Iterable[tuple[_Described, str]]:
    yield ("pk", tuple(column.name for column in table.primary_key), "", ""), ""
    for one in table.constraints:
        match one:
            case UniqueConstraint():
                yield ("uq", tuple(column.name for column in one.columns), "", ""), str(one.name)
            case CheckConstraint():
                columns = tuple(column.name for column in one.columns) or (str(one.sqltext),)
                yield ("ck", columns, "", ""), str(one.name)
            case ForeignKeyConstraint():
                target = ", ".join(element.target_fullname for element in one.elements)
                described = ("fk", tuple(one.column_keys), target, one.ondelete or "")
                yield described, str(one.name)
    for index in table.indexes:
        columns = tuple(
            one.name if isinstance(one, Column) else str(one) for one in index.expressions
        )
        kind = "ix" if _is_plain(index) else "special ix"
        yield (kind, columns, "", ""), str(index.name)


def _phrase(described: _Described) -> str:
    kind, columns, target, on_delete = described
    names = {"pk": "primary key", "uq": "unique constraint", "ck": "check", "fk": "foreign key"}
    what = f"{names.get(kind, kind.replace('ix', 'index'))} on {', '.join(columns)}"
    return f"{what} to {target} ({on_delete or 'no action'})" if target else what
