"""Random specifications of tables: every type, flag and option of the field grammar.

All of them are valid, and their references are resolved. `families` stand for themselves; what
`tables` refer to are the `PARENTS`, and `users`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from keyword import iskeyword

from hypothesis import strategies as st

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.building import TableOptions, build_table
from jedgebot.spec.coherence import check_field
from jedgebot.spec.constraints import check_constraint_names
from jedgebot.spec.reserved import FIELD_NAMES, SQL_WORDS
from jedgebot.spec.table import Access, FieldSpec, TableSpec
from jedgebot.spec.values import Value
from tests.cli.spec_values import defaults_of, limits_of

PARENTS = {
    "folders": TableSpec(
        "folders",
        "folder",
        (
            FieldSpec("name", types.Str(80), unique=True),
            FieldSpec("account", types.Ref("accounts")),
            FieldSpec("note", types.LongText(), nullable=True),
        ),
    ),
    "accounts": TableSpec(
        "accounts",
        "account",
        (FieldSpec("code", types.Str(3), unique=True), FieldSpec("opened", types.Day())),
    ),
    "markets": TableSpec(
        "markets",
        "market",
        (FieldSpec("code", types.Str(12), unique=True), FieldSpec("opens", types.Time())),
        owner="",
    ),
}
"""Tables that the random ones refer to; the last one is shared."""

_FAMILY = ("holdings", "order_lines", "fees", "glosses", "price_alerts")
_RESERVED = SQL_WORDS | FIELD_NAMES.keys()
_WORDS = st.sampled_from(
    """
    name note price quantity side text string field date enum decimal uuid literal index base
    instant exact mapped class kind type open close high low key value number body row row2 time
    email url currency timezone bytes search
    """.split()  # noqa: SIM905 - a list would take a line for each word
)
_NAMES = (
    st.lists(_WORDS, min_size=1, max_size=3)
    .map("_".join)
    .filter(lambda name: name not in _RESERVED and not iskeyword(name) and len(name) <= 20)
)
_CHOICES = st.lists(
    st.text("abcXYZ019_.-", min_size=1, max_size=12), min_size=1, max_size=5, unique=True
)
_ACCESSES: Sequence[Access] = ("", "", "", "readonly", "writeonce", "hidden")
_FLAGS = ("null", "unique", "index", "default", "limits", "filter", "sort", "search")


@st.composite
def decimals(draw: st.DrawFn) -> types.ExactDecimal:
    precision = draw(st.integers(1, types.PRECISION_MAX))
    return types.ExactDecimal(precision, draw(st.integers(0, min(precision, types.SCALE_MAX))))


_TYPES: Sequence[st.SearchStrategy[types.FieldType]] = (
    st.builds(types.Str, st.one_of(st.integers(1, 12), st.integers(1, types.LENGTH_MAX))),
    st.builds(types.LongText),
    st.builds(types.Int),
    st.builds(types.BigInt),
    st.builds(types.Bool),
    decimals(),
    st.just(types.MONEY),
    st.builds(types.Time),
    st.builds(types.Bytes),
    st.builds(types.Email),
    st.builds(types.Url),
    st.builds(types.Currency),
    st.builds(types.Timezone),
    st.builds(types.Day),
    st.builds(types.Instant),
    st.builds(types.Uuid),
    st.builds(types.Json),
    _CHOICES.map(tuple).map(types.Choice),
)


def targets(parents: Mapping[str, TableSpec], *, shared: bool) -> Iterator[types.Ref]:
    """Every reference that a table can have.

    Args:
        parents: the tables beside `users`.
        shared: whether the table that refers to them is shared.
    """
    yield types.Ref("users", owned=False)
    for name, parent in parents.items():
        if shared and not parent.is_shared:
            continue
        key = types.Ref(name, owned=not parent.is_shared)
        yield key
        for field in parent.fields:
            is_sent = not field.nullable and field.access in {"", "writeonce"}
            if field.unique and is_sent and not isinstance(field.type, types.Ref):
                yield replace(key, column=field.column, holds=field.type)


@st.composite
def references(
    draw: st.DrawFn, parents: Mapping[str, TableSpec], own: str, *, shared: bool
) -> types.Ref:
    """A reference with what it does when the other row is deleted.

    Args:
        draw: of Hypothesis.
        parents: the tables beside `users`.
        own: the table that has it, which it may be to; empty if it may not.
        shared: whether that is shared.
    """
    possible = [*targets(parents, shared=shared), *([types.Ref(own, owned=not shared)] * bool(own))]
    ref = draw(st.sampled_from(possible))
    choices = [ref, replace(ref, on_delete="cascade")]
    if not ref.owned:
        choices.append(replace(ref, on_delete="setnull"))
    if ref.table != "users" and ref.column == types.KEY:
        choices.append(replace(ref, soft=True))
    return draw(st.sampled_from(choices))


@st.composite
def fields(
    draw: st.DrawFn,
    name: str,
    parents: Mapping[str, TableSpec],
    own: str = "",
    *,
    shared: bool = False,
) -> FieldSpec:
    """One field that the grammar accepts."""
    kind = draw(st.one_of(*_TYPES, references(parents, own, shared=shared)))
    if isinstance(kind, types.Ref):
        name = kind.field_of(name)
    is_null = isinstance(kind, types.Ref) and (kind.on_delete == "setnull" or kind.table == own)
    field = FieldSpec(name, kind, nullable=is_null)
    flags = draw(st.sets(st.sampled_from(_FLAGS), max_size=4))
    for flag in (flag for flag in _FLAGS if flag in flags):
        changed = draw(_flagged(field, flag))
        field = changed if _is_accepted(changed) else field
    changed = replace(field, access=draw(st.sampled_from(_ACCESSES)))
    return changed if _is_accepted(changed) else field


@st.composite
def _flagged(draw: st.DrawFn, field: FieldSpec, flag: str) -> FieldSpec:
    drawn = {
        "default": defaults_of(field.type),
        "limits": limits_of(field.type),
    }
    values = drawn.get(flag)
    if flag not in drawn:
        return _with_flag(field, flag)
    if values is None:
        return field
    if flag == "default":
        return replace(field, default=draw(values))
    low, high = sorted(draw(st.tuples(values, values)), key=_comparable)
    own_low, own_high = field.type.bounds
    return replace(
        field,
        minimum=None if low == own_low else low,
        maximum=None if high == own_high else high,
    )


def _with_flag(field: FieldSpec, flag: str) -> FieldSpec:
    match flag:
        case "null":
            changed = replace(field, nullable=True)
        case "unique":
            changed = replace(field, unique=True)
        case "index":
            changed = replace(field, index=True)
        case "filter":
            changed = replace(field, filter=True)
        case "sort":
            changed = replace(field, sort=True)
        case _:
            changed = replace(field, search=True)
    return changed


@st.composite
def tables(
    draw: st.DrawFn,
    name: str = "samples",
    parents: Mapping[str, TableSpec] = PARENTS,
    databases: Sequence[str] = ("",),
    longest: int = 7,
) -> TableSpec:
    """One table that the grammar accepts.

    Args:
        draw: of Hypothesis.
        name: of the table.
        parents: the tables beside `users` that it may refer to.
        databases: those that it may live in.
        longest: how many fields it may have.
    """
    shared = draw(st.integers(0, 4)) == 0
    names = draw(st.lists(_NAMES, min_size=1, max_size=longest, unique=True))
    found: list[FieldSpec] = []
    for one in names:
        field = draw(fields(one, parents, name, shared=shared))
        if not any(field.column == other.column for other in found):
            found.append(field)
    options = TableOptions(
        owner="" if shared else draw(st.sampled_from([*_owners(found), "users"])),
        shared=shared,
        versioned=draw(st.integers(0, 3)) > 0,
        database=draw(st.sampled_from(databases)),
    )
    spec = build_table(name, found, options)
    for _ in range(draw(st.integers(0, 2)) if len(found) > 1 else 0):
        several = st.lists(st.sampled_from(found), min_size=2, max_size=3, unique=True)
        columns = tuple(field.column for field in draw(several))
        more = _with_columns(options, columns, unique=draw(st.booleans()))
        try:
            spec = build_table(name, found, more)
            check_constraint_names(spec)
        except Misuse:
            spec = build_table(name, found, options)
        else:
            options = more
    return spec


@st.composite
def families(draw: st.DrawFn, longest: int = 3) -> list[TableSpec]:
    """Tables of one file in the order of their dependencies; each but the first has a reference."""
    names = draw(st.lists(st.sampled_from(_FAMILY), min_size=1, max_size=longest, unique=True))
    found: dict[str, TableSpec] = {}
    for name in names:
        spec = draw(tables(name, found, longest=5))
        if found and not any(ref.table in found for _, ref in spec.refs):
            possible = list(targets(found, shared=spec.is_shared))[1:]
            if possible:
                spec = replace(
                    spec, fields=(*spec.fields, FieldSpec("link", draw(st.sampled_from(possible))))
                )
        found[name] = spec
    return list(found.values())


def unresolved(spec: TableSpec) -> TableSpec:
    """The specification as it is written, without what only the tables it refers to know."""
    return replace(
        spec,
        fields=tuple(
            replace(field, type=replace(field.type, owned=True, holds=types.Ref("x").holds))
            if isinstance(field.type, types.Ref)
            else field
            for field in spec.fields
        ),
    )


def _owners(found: Sequence[FieldSpec]) -> list[str]:
    """The owners through a reference that a table with these fields may have."""
    return [
        f"{field.name}.user"
        for field in found
        if isinstance(field.type, types.Ref)
        and field.type.owned
        and not field.nullable
        and not field.type.soft
    ]


def _with_columns(options: TableOptions, columns: tuple[str, ...], *, unique: bool) -> TableOptions:
    if unique:
        return replace(options, unique=(*options.unique, columns))
    return replace(options, indexes=(*options.indexes, columns))


def _is_accepted(field: FieldSpec) -> bool:
    try:
        check_field(field)
    except Misuse:
        return False
    return True


def _comparable(value: Value) -> int:
    """All values that are compared are of one type, which only the caller knows."""
    return value  # type: ignore[return-value]
