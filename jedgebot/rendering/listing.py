"""What the list of a table can be filtered and sorted by: the columns that have an index.

Every list can be sorted by `created_at` beside these; the core sees to that.
"""

from jedgebot.rendering.ladders import ladder_of
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec, TableSpec


def filtered_by(spec: TableSpec) -> list[str]:
    """The columns that rows can be chosen by."""
    return [field.column for field in spec.fields if _is_indexed(field)]


def sorted_by(spec: TableSpec) -> list[str]:
    """The columns that rows can be sorted by: their values have an order, and none is null."""
    return [
        field.column
        for field in spec.fields
        if _is_indexed(field)
        and not field.nullable
        and (isinstance(field.type, types.Str) or ladder_of(field) is not None)
    ]


def _is_indexed(field: FieldSpec) -> bool:
    return field.unique or field.index or isinstance(field.type, types.Ref)
