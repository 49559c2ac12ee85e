"""`test_routes.py`: what the API of the table promises, from outside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from jedgebot.rendering.code import Code, Imports, code, joined, literal, quoted
from jedgebot.rendering.ladders import ladder_of
from jedgebot.rendering.listing import filtered_by, sorted_by
from jedgebot.rendering.samples import numbered, refused, sample, wire_literal
from jedgebot.rendering.templates import render
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import narrowed

USERS = "users"
_CLIENTS = "tests.clients"


@dataclass(frozen=True)
class _Parent:
    """A table that the new one refers to, directly or through others.

    Attributes:
        helper: the function that makes a row of it.
        entries: of the body it sends.
        counted: whether rows have to differ.
    """

    table: str
    row: str
    helper: str
    entries: list[Code]
    counted: bool


def render_tests(spec: TableSpec, parents: Mapping[str, TableSpec]) -> str:
    """The text of the test file.

    Args:
        spec: the new table.
        parents: every table that it refers to, directly or through others, but `users`.
    """
    helpers = list(_parents(spec, parents, set()))
    entries = [_entry(field, parents) for field in spec.fields]
    cases = [(field.column, value) for field in spec.fields for value in refused(field)]
    change = _change(spec, parents)
    return render(
        "test_routes.py.jinja",
        imports=_imports(spec, helpers, entries),
        spec=spec,
        rows=words.spaced(spec.name),
        parents=[helper for helper in helpers if helper.table != USERS],
        refers_to_users=any(helper.table == USERS for helper in helpers),
        counts_parents=any(helper.counted for helper in helpers),
        counts=any(_is_counted(field) for field in spec.fields),
        makes_parents=bool(helpers),
        entries=entries,
        cases=cases,
        change=change,
        required=[field.column for field in spec.fields if field.required],
        absent=[(f.column, _when_absent(f)) for f in spec.fields if not f.required],
        nullable=[field.column for field in spec.fields if field.nullable],
        unique=[field for field in spec.fields if field.unique],
        filtered=filtered_by(spec),
        sorts=[
            (f"{sign}{field.column}", bool(sign) and field.unique)
            for field in spec.fields
            for sign in ("", "-")
            if field.column in sorted_by(spec)
        ],
        counted=[field.column for field in spec.fields if _is_counted(field)],
        owned_refs=[
            (field.column, ref.table, _helper(ref.table, parents))
            for field, ref in spec.refs
            if ref.owned
        ],
    )


def _parents(
    spec: TableSpec, parents: Mapping[str, TableSpec], seen: set[str]
) -> Iterator[_Parent]:
    """The helpers that a table's body calls, each after those that it calls itself."""
    for _, ref in spec.refs:
        if ref.table in seen:
            continue
        seen.add(ref.table)
        if ref.table == USERS:
            yield _Parent(USERS, "user", "user_of", [], counted=False)
            continue
        parent = parents[ref.table]
        yield from _parents(_required_part(parent), parents, seen)
        fields = _required_part(parent).fields
        yield _Parent(
            parent.name,
            words.spaced(parent.singular),
            _helper(parent.name, parents),
            [_entry(field, parents) for field in fields],
            counted=any(_is_counted(field) for field in fields),
        )


def _required_part(spec: TableSpec) -> TableSpec:
    fields = tuple(field for field in spec.fields if field.required)
    return TableSpec(spec.name, spec.singular, fields)


def _helper(table: str, parents: Mapping[str, TableSpec]) -> str:
    return "user_of" if table == USERS else f"{parents[table].singular}_of"


def _is_counted(field: FieldSpec) -> bool:
    """Whether bodies have to differ in this field; a reference differs as its row is new."""
    return field.unique and not isinstance(field.type, types.Ref)


def _entry(field: FieldSpec, parents: Mapping[str, TableSpec]) -> Code:
    if isinstance(field.type, types.Ref):
        value = code(f"{_helper(field.type.table, parents)}(client)")
    else:
        value = numbered(field) if field.unique else sample(field)
    return Code(f"{quoted(field.column)}: {value}", value.imports)


def _change(spec: TableSpec, parents: Mapping[str, TableSpec]) -> str | None:
    """A body that changes a row of Alice's; None if no field has a second value."""
    for field in spec.fields:
        if isinstance(field.type, types.Ref):
            value = f"{_helper(field.type.table, parents)}(alice)"
        elif field.unique or sample(field, 1) != sample(field, 2):
            value = sample(field, 2).text
        else:
            continue
        return f"{{{quoted(field.column)}: {value}}}"
    return None


def _when_absent(field: FieldSpec) -> Code:
    if field.default is None:
        return code("None")
    ladder = ladder_of(field)
    if ladder is not None:
        return wire_literal(ladder.units.wire(field.default))
    if isinstance(field.type, types.Uuid):
        return code(quoted(str(narrowed(field.default, UUID))))
    return literal(field.default)


def _imports(spec: TableSpec, helpers: list[_Parent], entries: list[Code]) -> Imports:
    used = joined([*entries, *(entry for helper in helpers for entry in helper.entries)])
    imports = {("typing", "Any"), (_CLIENTS, "Client"), *used.imports}
    if any(ref.owned for _, ref in spec.refs):
        imports.add(("uuid", "uuid4"))
    if any(helper.counted for helper in helpers):
        imports.add(("itertools", "count"))
    if any(helper.table == USERS for helper in helpers):
        imports |= {(_CLIENTS, "PASSWORD"), (_CLIENTS, "new_email")}
    return frozenset(imports)
