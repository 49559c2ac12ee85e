"""What the documentation page says of a table, in rows of Markdown."""

from collections.abc import Iterator

from jedgebot.rendering.kinds import kind_of, limits_of
from jedgebot.spec import types, words
from jedgebot.spec.constraints import Constraint, constraints_of
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import Value, written

_COMPARED = (
    types.Str,
    types.LongText,
    types.TextKind,
    types.Int,
    types.ExactDecimal,
    types.Day,
    types.Instant,
    types.Time,
)
"""Types whose values a filter compares with `__lt` and the like."""

_ACCESS = {
    "readonly": "read only",
    "writeonce": "written once",
    "hidden": "written, never answered",
}
_ON_DELETE: dict[types.OnDelete, str] = {
    "restrict": "which cannot be deleted meanwhile",
    "cascade": "deleted with it",
    "setnull": "null when it is deleted",
}


def column_rows(spec: TableSpec) -> list[str]:
    """Each column, with those that every table has."""
    first = ["| `user_id` | uuid | no | the caller | the owner, a row of `users` |"]
    last = [
        "| `created_at` | datetime | no | now | |",
        "| `updated_at` | datetime | no | now, at each change | |",
        "| `version` | int | no | 1 | grows by 1 at each change |",
    ]
    return [
        *([] if spec.is_shared else first),
        "| `id` | uuid | no | a new UUIDv7 | |",
        *map(_column, spec.fields),
        *(last if spec.versioned else last[:2]),
    ]


def constraint_rows(spec: TableSpec) -> list[tuple[str, str]]:
    """Each constraint and index with what it means."""
    return [(one.name, _meaning(one)) for one in constraints_of(spec)]


def endpoint_rows(spec: TableSpec) -> list[tuple[str, str]]:
    """Each request with its answers."""
    row, rows = words.spaced(spec.singular), words.spaced(spec.name)
    one = f"/{spec.name}/{{{spec.singular}_id}}"
    missing = "404 if there is none" if spec.is_shared else "404 if it is not the caller's"
    clashes = any(spec.refs) or any(one.kind == "uq" for one in constraints_of(spec))
    conflict = "; 409 if it clashes with another row, or names one that is not there"
    conflict = conflict if clashes else ""
    whose = "" if spec.is_shared else "caller's "
    stale = "`If-Match` is stale" if spec.versioned else "`If-Match` names a version"
    return [
        (f"POST /{spec.name}", f"201 and the new {row}{conflict}; 422"),
        (f"GET /{spec.name}", f"200 and a page of the {whose}{rows}; 422"),
        (f"GET {one}", f"200 and the {row}, or those of its `fields`; {missing}; 422"),
        (f"PATCH {one}", f"200 and the changed {row}; {missing}{conflict}; 412 if {stale}; 422"),
        (f"DELETE {one}", f"204; {missing}; 409 if others refer to it; 412 if {stale}"),
    ]


def parameter_rows(spec: TableSpec) -> Iterator[tuple[str, str]]:
    """Each parameter of the list, with what it does."""
    sorts = ", ".join(f"`{column}`" for column in (*sorted_by(spec), "created_at"))
    yield "`limit`", "rows in a page: 50, and at most 500"
    yield "`cursor`", "`next_cursor` of the page before"
    yield "`fields`", "the fields that are answered, with commas between them"
    yield "`sort`", f"one of {sorts}; with `-` in front from the greatest down"
    if searched := searched_by(spec):
        columns = " or ".join(f"`{column}`" for column in searched)
        yield "`search`", f"text that {columns} contains, in any case"
    fields = {field.column: field for field in spec.fields}
    for column in filtered_by(spec):
        operators = list(_operators(fields[column]))
        listed = ", ".join(f"`{column}__{operator}`" for operator in operators)
        yield f"`{column}`, {listed}", f"rows by their `{column}`"


def _operators(field: FieldSpec) -> Iterator[str]:
    yield from ("ne", "in")
    if isinstance(kind_of(field), _COMPARED):
        yield from ("lt", "lte", "gt", "gte")
    if field.nullable:
        yield "isnull"


def _column(field: FieldSpec) -> str:
    cells = (
        f"`{field.column}`",
        _kind(field),
        "yes" if field.nullable else "no",
        "" if field.default is None else f"`{written(field.default)}`",
        "; ".join(part for part in (_values(field), _ACCESS.get(field.access, "")) if part),
    )
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"


def _kind(field: FieldSpec) -> str:
    kind = kind_of(field)
    return kind.keyword if isinstance(kind, types.Choice) else kind.written


def _values(field: FieldSpec) -> str:
    match field.type:
        case types.Ref(table=table, column=column, owned=owned, soft=soft):
            whose = " of the same user" if owned else ""
            by = "" if column == types.KEY else f", by its `{column}`"
            lost = ", which may be deleted later" if soft else ""
            return f"a row of `{table}`{whose}{by}{lost}"
        case types.Choice(words=choices):
            return ", ".join(f"`{word}`" for word in choices)
        case types.Str() | types.LongText() | types.Bytes():
            unit = "bytes" if isinstance(field.type, types.Bytes) else "characters"
            low, high = limits_of(field)
            return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
    limits: tuple[tuple[str, Value | None], ...] = (("from", field.minimum), ("to", field.maximum))
    return " ".join(f"{text} {written(limit)}" for text, limit in limits if limit is not None)


def _meaning(constraint: Constraint) -> str:
    columns = ", ".join(f"`{column}`" for column in constraint.columns)
    match constraint.kind:
        case "pk":
            return f"primary key {columns}"
        case "uq":
            return f"unique {columns}"
        case "ix":
            return f"index on {columns}"
        case "ck":
            return f"check of the words of {columns}"
        case "fk":
            return (
                f"reference of {columns} to a row of `{constraint.refers_to}`, "
                f"{_ON_DELETE[constraint.on_delete]}"
            )
