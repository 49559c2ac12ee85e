"""References among new tables, and to those of the project."""

from collections.abc import Sequence

import pytest

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.resolution import Parent, parent_of, resolved
from jedgebot.spec.table import TableSpec

PROJECT = {
    "users": Parent(is_owned=False),
    "portfolios": Parent(is_owned=True, named={"name": types.Str(80)}),
    "markets": Parent(is_owned=False, named={"code": types.Str(12)}),
    "fills": Parent(is_owned=True, database="archive"),
}

SHARED = TableOptions(shared=True)
IN_ARCHIVE = TableOptions(database="archive")

REFUSED: list[tuple[str, str, TableOptions, str]] = [
    ("x:ref:portfolio", "which does not exist", TableOptions(), 'Did you mean "portfolios"?'),
    ("x:ref:zzz", "which does not exist", TableOptions(), "There are: fills, markets,"),
    ("x:ref:portfolios", 'cannot refer to "portfolios": "xs" is shared', SHARED, "owner"),
    ("x:ref:portfolios:soft", "is shared", SHARED, "owner"),
    ("x:ref:portfolios.nam", 'by "nam", which names no row', TableOptions(), '"name"?'),
    ("x:ref:users.email", 'by "email", which names no row', TableOptions(), "by: id."),
    ("x:ref:users:soft", "softly", TableOptions(), "Drop the flag soft."),
    ("x:ref:portfolios:null:setnull", "with setnull", TableOptions(), "cascade"),
    ("x:ref:xs:null:setnull", "with setnull", TableOptions(), "PostgreSQL alone"),
    ("x:ref:xs", "its own table, without null", TableOptions(), "x:ref:xs:null."),
    ("x:ref:xs:soft", "its own table, without null", TableOptions(), "x:ref:xs:null."),
    ("x:ref:xs.code:null", 'by "code", which names no row', TableOptions(), "by: id."),
    ("x:ref:fills", 'in the database "archive"', TableOptions(), "x:ref:fills:soft"),
    ("x:ref:users", "in the main database", IN_ARCHIVE, "soft"),
    ("x:ref:markets", "belong to nobody", TableOptions(owner="x.user"), "--owner users"),
]


def resolved_in_project(specs: Sequence[TableSpec]) -> list[TableSpec]:
    return resolved(specs, PROJECT.get, lambda: sorted(PROJECT))


@pytest.mark.parametrize(
    ("field", "message", "options", "hint"), REFUSED, ids=[one[0] for one in REFUSED]
)
def test_a_reference_is_refused(field: str, message: str, options: TableOptions, hint: str) -> None:
    with pytest.raises(Misuse) as refusal:
        resolved_in_project([parse_table("xs", [field], options)])
    assert message in refusal.value.message
    assert hint in refusal.value.hint


def test_references_know_what_they_name() -> None:
    fields = [
        "portfolio:ref:portfolios",
        "title:ref:portfolios.name",
        "seller:ref:users:setnull:null",
        "market:ref:markets.code",
        "fill:ref:fills:soft",
    ]
    [spec] = resolved_in_project([parse_table("xs", fields)])
    known = {field.column: (ref.owned, ref.holds) for field, ref in spec.refs}
    assert known == {
        "portfolio_id": (True, types.Uuid()),
        "title_name": (True, types.Str(80)),
        "seller_id": (False, types.Uuid()),
        "market_code": (False, types.Str(12)),
        "fill_id": (True, types.Uuid()),
    }


def test_new_tables_may_refer_to_each_other_in_any_order() -> None:
    tops = parse_table("tops", ["code:str:7:unique"], SHARED)
    mids = parse_table("mids", ["top:ref:tops.code", "name:str:7:unique"])
    lows = parse_table("lows", ["mid:ref:mids"], TableOptions(owner="mid.user"))
    specs = resolved_in_project([lows, mids, tops])
    assert [spec.name for spec in specs] == ["tops", "mids", "lows"]
    [(_, to_top)] = specs[1].refs
    assert (to_top.owned, to_top.holds) == (False, types.Str(7))


def test_a_table_may_refer_to_itself() -> None:
    fields = ["code:str:7:unique", "parent:ref:trees:null", "heir:ref:trees.code:null:cascade"]
    for options, owned in ((TableOptions(), True), (SHARED, False)):
        [spec] = resolved_in_project([parse_table("trees", fields, options)])
        known = {field.column: (ref.owned, ref.holds) for field, ref in spec.refs}
        assert known == {"parent_id": (owned, types.Uuid()), "heir_code": (owned, types.Str(7))}


def test_a_row_is_named_by_what_its_maker_sends() -> None:
    fields = [
        "a:str:9:unique",
        "b:str:9:unique:writeonce",
        "c:str:9:unique:null",
        "d:str:9:unique:hidden",
        "e:str:9:unique:readonly:null",
        "f:str:9:index",
        "g:ref:portfolios:unique",
    ]
    assert parent_of(parse_table("xs", fields)).named == {
        "a": types.Str(9),
        "b": types.Str(9),
    }


def test_an_index_holds_what_its_references_hold() -> None:
    """A reference by a long text is known to be long only when it is resolved."""
    longs = parse_table("longs", ["name:str:600:unique"])
    options = TableOptions(unique=[["long", "code"]])
    xs = parse_table("xs", ["long:ref:longs.name", "code:str:30"], options)
    with pytest.raises(Misuse, match="too long for an index"):
        resolved_in_project([longs, xs])
