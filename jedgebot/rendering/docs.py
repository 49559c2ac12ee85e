"""The documentation page of a table."""

import json
from datetime import datetime

from jedgebot.rendering.factories import Parents
from jedgebot.rendering.samples import value
from jedgebot.rendering.templates import render
from jedgebot.spec import types, words
from jedgebot.spec.constraints import Constraint, constraints_of
from jedgebot.spec.listing import filtered_by, sorted_by
from jedgebot.spec.table import FieldSpec, TableSpec

NO_REASON = "No reason was given when the table was added; its rows belong to one user each."
NOTHING_LATER = "None were named when the table was added."
_EXAMPLE_LENGTH_MAX = 60


def render_docs(spec: TableSpec, parents: Parents) -> str:
    """The text of the page."""
    return render(
        "table.md.jinja",
        spec=spec,
        rows=words.spaced(spec.name),
        row=words.spaced(spec.singular),
        a_row=words.with_article(words.spaced(spec.singular)),
        columns=[_column(field) for field in spec.fields],
        constraints=[(one.name, _meaning(one)) for one in constraints_of(spec)],
        example=json.dumps({f.column: value(f) for f in spec.fields if _is_short(f)}),
        why=spec.why or NO_REASON,
        later=spec.later or (NOTHING_LATER,),
        parameters=_parameters(spec),
    )


def _parameters(spec: TableSpec) -> str:
    """What the list takes in its query."""
    filters = [f"`{column}`" for column in filtered_by(spec)]
    sorts = [f"`{column}`" for column in (*sorted_by(spec), "created_at")]
    filtered = f"; filtered by {', '.join(filters)}" if filters else ""
    return f"`limit`, `cursor`, `fields`{filtered}; `sort` by {', '.join(sorts)}"


def _column(field: FieldSpec) -> str:
    cells = (
        f"`{field.column}`",
        _kind(field),
        "yes" if field.nullable else "no",
        "" if field.default is None else f"`{_shown(field.default)}`",
        _values(field),
    )
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"


def _kind(field: FieldSpec) -> str:
    named_elsewhere = isinstance(field.type, types.Ref | types.Choice)
    return field.type.keyword if named_elsewhere else field.type.written


def _is_short(field: FieldSpec) -> bool:
    """Whether the example names the field: those that have to be there, and short ones."""
    return field.required or len(str(value(field))) <= _EXAMPLE_LENGTH_MAX


def _values(field: FieldSpec) -> str:
    match field.type:
        case types.Ref(table=table, owned=owned):
            return f"a row of `{table}`{' of the same user' if owned else ''}"
        case types.Choice(words=choices):
            return ", ".join(f"`{word}`" for word in choices)
        case types.Str() | types.LongText():
            low, high = field.limits
            return f"{low} characters" if low == high else f"{low} to {high} characters"
    limits = (("from", field.minimum), ("to", field.maximum))
    return " ".join(f"{text} {_shown(limit)}" for text, limit in limits if limit is not None)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


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
            action = (
                "deleted with it" if constraint.field is None else "keeps it from being deleted"
            )
            return f"{columns} refers to `{constraint.refers_to}`, {action}"
