"""`test_routes.py`: what the API of the table promises, from outside."""

from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from jedgebot.rendering.code import (
    Code,
    Imports,
    code,
    joined,
    literal,
    literal_of,
    quoted,
    tuple_of,
)
from jedgebot.rendering.factories import USERS, Factory, Parents
from jedgebot.rendering.samples import refused
from jedgebot.rendering.series import MANY
from jedgebot.rendering.templates import render
from jedgebot.rendering.units import units_of
from jedgebot.spec import types, words
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import narrowed

_CLIENTS = "tests.clients"
_ROWS = 3  # that a test of a list makes
_VALUE_LENGTH_MAX = 70  # so that its line fits, whatever the column is called


@dataclass(frozen=True)
class _Reference:
    """A column that names a row of another table.

    Attributes:
        key: the column of the other table.
        alices: Python for a new row of Alice's there, or for her user.
        bobs: the same of Bob's.
        changes: whether it can be changed.
        is_seen: whether it is answered.
        is_own: whether the other table is the same one.
        is_filter: whether the list is filtered by it.
        unique: the columns that it is unique with, for each such constraint.
    """

    column: str
    table: str
    key: str
    alices: str
    bobs: str
    on_delete: str
    soft: bool
    owned: bool
    changes: bool
    is_seen: bool
    is_own: bool
    is_filter: bool
    unique: list[list[str]]


def render_tests(spec: TableSpec, parents: Parents) -> str:
    """The text of the test file."""
    factory = Factory(spec, parents)
    cases = [(field.column, value) for field in factory.sent for value in refused(field)]
    references = _references(factory)
    return render(
        "test_routes.py.jinja",
        imports=_imports(factory, [value for _, value in cases], references),
        spec=spec,
        rows=words.spaced(spec.name),
        row=words.spaced(spec.singular),
        **_factory_names(factory),
        cases=cases,
        change=(change := _change(factory)),
        changes="changes" if change else "{}",
        tuple_of=tuple_of,
        **_field_names(spec, factory),
        **_list_names(spec, factory),
        references=references,
    )


def _factory_names(factory: Factory) -> dict[str, object]:
    helpers = factory.helpers()
    number = "number" if factory.counts else "_"
    each = _body(factory, "alice", number)
    return {
        "helpers": [helper for helper in helpers if helper.table != USERS],
        "users": {helper.name for helper in helpers if helper.table == USERS},
        "counts_parents": any(helper.counts for helper in helpers),
        "counts": factory.counts,
        "asks_client": factory.asks_client,
        "entries": factory.entries,
        "most": factory.most if factory.most < MANY else None,
        "first": _body(factory, "alice", 1),
        "second": _body(factory, "alice", 2),
        "third": _body(factory, "alice", 3),
        "three": f"[create(alice, {each}) for {number} in (1, 2, 3)]",
        "bobs": _body(factory, "bob", 1),
    }


def _field_names(spec: TableSpec, factory: Factory) -> dict[str, object]:
    """Columns by what a client may do with them."""
    seen = [field for field in spec.fields if field.access != "hidden"]
    changing = [field for field in factory.sent if field.access != "writeonce"]
    seen_to_change = [
        field for field in changing if field.access != "hidden" and factory.differs(field)
    ]
    unique = [[field] for field in factory.sent if field.unique]
    unique += [
        [field for field in factory.sent if field.column in columns]
        for columns in spec.unique
        if _can_clash(spec, columns)
    ]
    # What is null in each body is taken by no row of it.
    unique = [group for group in unique if not any(map(spec.is_own, group))]

    def clashes_when_changed(group: list[FieldSpec]) -> bool:
        return all(field in changing for field in group)

    return {
        "hidden": [field.column for field in spec.fields if field.access == "hidden"],
        "read_only": [field.column for field in spec.fields if field.access == "readonly"],
        "write_once": [field.column for field in spec.fields if field.access == "writeonce"],
        "required": [field.column for field in factory.sent if field.required],
        "absent": [(f.column, _when_absent(f)) for f in seen if not f.required],
        "null_sent": [f.column for f in factory.sent if f.nullable and f.access != "hidden"],
        "nullable": [f.column for f in changing if f.nullable and f.access != "hidden"],
        "changing": [field.column for field in seen_to_change],
        "changes_all": seen_to_change == list(spec.fields),
        "unique": [[field.column for field in group] for group in unique],
        "unique_alone": [field.column for [field, *_] in unique]
        if all(len(group) == 1 for group in unique)
        else [],
        "all_change": all(map(clashes_when_changed, unique)),
        "some_change": any(map(clashes_when_changed, unique)),
    }


def _can_clash(spec: TableSpec, columns: tuple[str, ...]) -> bool:
    """Whether two rows that are made can have the same values; null is never the same."""
    return not any(
        field.access == "readonly" and field.default is None
        for field in spec.fields
        if field.column in columns
    )


def _list_names(spec: TableSpec, factory: Factory) -> dict[str, object]:
    fields = {field.column: field for field in spec.fields}
    always_null = {
        field.column
        for field in spec.fields
        if (field.access == "readonly" and field.default is None) or spec.is_own(field)
    }
    filtered = filtered_by(spec)
    return {
        "filtered": [column for column in filtered if column not in always_null],
        "filtered_as_null": [column for column in filtered if column in always_null],
        "sorts": list(
            chain.from_iterable(_sorts(factory, fields[column]) for column in sorted_by(spec))
        ),
        "searched": [column for column in searched_by(spec) if column not in always_null],
    }


def _sorts(factory: Factory, field: FieldSpec) -> list[tuple[str, list[int]]]:
    """Both ways to sort by a column, with the order in which the rows come then."""
    numbers = range(_ROWS)
    ascending, descending = list(numbers), list(numbers)
    if factory.varies(field):
        places = [factory.index(field, number + 1) for number in numbers]
        ascending.sort(key=lambda number: places[number])
        descending.sort(key=lambda number: -places[number])
    return [(field.column, ascending), (f"-{field.column}", descending)]


def _references(factory: Factory) -> list[_Reference]:
    return [
        _Reference(
            field.column,
            ref.table,
            ref.column,
            _row_of(factory, field, ref, "alice"),
            _row_of(factory, field, ref, "bob"),
            ref.on_delete,
            ref.soft,
            ref.owned,
            changes=field.access != "writeonce",
            is_seen=field.access != "hidden",
            is_own=factory.spec.is_own(field),
            is_filter=field.column in filtered_by(factory.spec),
            unique=_unique_with(factory, field),
        )
        for field, ref in factory.spec.refs
        if field.access != "readonly"
    ]


def _row_of(factory: Factory, field: FieldSpec, ref: types.Ref, client: str) -> str:
    """Python for a row that a column can refer to: in its own table none that is there already."""
    if factory.spec.is_own(field):
        return f"create({client}, {_body(factory, client, _ROWS)})"
    return f"{factory.helper_of(field, ref)}({client})"


def _unique_with(factory: Factory, field: FieldSpec) -> list[list[str]]:
    groups = [columns for columns in factory.spec.unique if field.column in columns]
    return [
        *([[]] if field.unique else []),
        *(
            [one.column for one in factory.sent if one.column in columns and one != field]
            for columns in groups
            if _can_clash(factory.spec, columns)
        ),
    ]


def _body(factory: Factory, client: str, number: int | str) -> str:
    """A call of the function that makes bodies."""
    arguments = [client] if factory.asks_client else []
    if factory.counts and number != 1:
        arguments.append(str(number))
    return f"body({', '.join(arguments)})"


def _change(factory: Factory) -> str:
    """A body that changes a row of Alice's; nothing if no field has a second value."""
    plain_ones_first = sorted(factory.sent, key=lambda field: isinstance(field.type, types.Ref))
    changing = [
        field for field in plain_ones_first if field.access != "writeonce" and factory.varies(field)
    ]
    for field in changing:
        value = _other_value(factory, field)
        if len(value) <= _VALUE_LENGTH_MAX:
            return f"{{{quoted(field.column)}: {value}}}"
    for field in filter(factory.differs, changing):
        value = f"{_body(factory, 'alice', 2)}[{quoted(field.column)}]"
        return f"{{{quoted(field.column)}: {value}}}"
    return ""


def _other_value(factory: Factory, field: FieldSpec) -> str:
    """A value that the first row does not have."""
    if isinstance(field.type, types.Ref):
        return factory.made(field, field.type, "alice")
    other = factory.series(field).wire(factory.index(field, 1) + 1)
    return literal_of(other).text


def _when_absent(field: FieldSpec) -> Code:
    if field.default is None:
        return code("None")
    units = units_of(field.type)
    if units is not None:
        return literal_of(units.wire(field.default))
    if isinstance(field.type, types.Uuid):
        return code(quoted(str(narrowed(field.default, UUID))))
    return literal(field.default)


def _imports(factory: Factory, cases: list[Code], references: list[_Reference]) -> Imports:
    helpers = factory.helpers()
    entries = chain(factory.entries, *(helper.entries for helper in helpers))
    imports = {("typing", "Any"), (_CLIENTS, "Client"), *joined([*entries, *cases]).imports}
    if any(helper.counts for helper in helpers):
        imports.add(("itertools", "count"))
    if any(helper.name == "new_user" for helper in helpers):
        imports |= {(_CLIENTS, "PASSWORD"), (_CLIENTS, "new_email")}
    if any(one.table == USERS and one.key == types.KEY for one in references):
        imports.add(("uuid", "uuid4"))
    return frozenset(imports)
