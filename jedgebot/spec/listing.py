"""What the list of a table can be filtered and sorted by, and searched for.

Every list can be sorted by `created_at` beside these; the core sees to that.
"""

from jedgebot.spec.table import FieldSpec, TableSpec


def filtered_by(spec: TableSpec) -> list[str]:
    """The columns that rows can be chosen by: with an index, or because the field says so."""
    return [
        field.column
        for field in spec.fields
        if field.access != "hidden"
        and field.type.filterable
        and (field.filter or spec.is_indexed(field.column))
    ]


def sorted_by(spec: TableSpec) -> list[str]:
    """The columns that rows can be sorted by: their values have an order, and none is null."""
    return [
        field.column
        for field in spec.fields
        if field.access != "hidden" and (field.sort or sorted_by_index(spec, field))
    ]


def searched_by(spec: TableSpec) -> list[str]:
    """The columns that `?search=` looks into."""
    return [field.column for field in spec.fields if field.search]


def sorted_by_index(spec: TableSpec, field: FieldSpec) -> bool:
    """Whether an index gives the rows in the order of a field."""
    return field.type.sortable and not field.nullable and spec.is_indexed(field.column)
