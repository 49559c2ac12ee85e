"""Options of a table: what they become, what is refused, and which constraints they make."""

import pytest

from jedgebot.errors import Misuse
from jedgebot.spec.building import TableOptions
from jedgebot.spec.constraints import constraints_of
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by
from jedgebot.spec.resolution import Parent, resolved
from jedgebot.spec.table import TableSpec

FIELDS = (
    "portfolio:ref:portfolios",
    "symbol:str:32",
    "side:enum:buy,sell:default=buy",
    "kind:enum:a,b:default=a",
    "code:str:9:unique",
    "note:text:null",
    "hook:url",
    "name:str:600",
    "mood:int:null",
)

REFUSED = {
    "shared or has an owner": TableOptions(shared=True, owner="users"),
    "neither users nor": TableOptions(owner="clients"),
    'names the field "folio"': TableOptions(owner="folio.user"),
    "names no row of a user": TableOptions(owner="symbol.user"),
    'names the field "symbl"': TableOptions(unique=[["symbl", "side"]]),
    "alone": TableOptions(unique=[["symbol"]]),
    "names a field twice": TableOptions(indexes=[["symbol", "symbol"]]),
    "no index holds any text": TableOptions(indexes=[["symbol", "note"]]),
    "too long for an index": TableOptions(indexes=[["name", "symbol"]]),
    "is unique alone": TableOptions(unique=[["symbol", "code"]]),
    "only 4 different": TableOptions(unique=[["side", "kind"]]),
    "is there twice": TableOptions(unique=[["symbol", "side"], ["symbol", "side"]]),
    "beginning of another index": TableOptions(
        unique=[["symbol", "side", "kind"]], indexes=[["symbol", "side"]]
    ),
    'of no use: "code" is unique': TableOptions(indexes=[["code", "symbol"]]),
    "cannot be used": TableOptions(database="Market Data"),
    "has another meaning": TableOptions(database="main"),
}


@pytest.mark.parametrize(("says", "options"), REFUSED.items(), ids=list(REFUSED))
def test_options_are_refused_with_a_hint(says: str, options: TableOptions) -> None:
    with pytest.raises(Misuse) as refusal:
        parse_table("orders", FIELDS, options)
    assert says in refusal.value.message
    assert refusal.value.hint.endswith((".", "?"))


def test_every_field_of_a_unique_may_not_have_a_default() -> None:
    fields = ("a:int:default=1", "b:int:default=2")
    with pytest.raises(Misuse, match="every field has a default"):
        parse_table("orders", fields, TableOptions(unique=[["a", "b"]]))


def test_an_index_of_one_field_is_refused_where_another_begins_with_it() -> None:
    with pytest.raises(Misuse, match="begins an index of several"):
        parse_table("orders", ("a:int:index", "b:int"), TableOptions(unique=[["a", "b"]]))


@pytest.mark.parametrize("flag", ["null", "soft"])
def test_the_owner_is_never_that_of_a_reference_that_may_name_nobody(flag: str) -> None:
    with pytest.raises(Misuse, match=f"it is {flag}"):
        parse_table("orders", (f"p:ref:portfolios:{flag}",), TableOptions(owner="p.user"))


def test_options_name_fields_or_columns_and_mean_columns() -> None:
    for name in ("portfolio", "portfolio_id"):
        options = TableOptions(owner=f"{name}.user", unique=[[name, "symbol"]])
        spec = parse_table("orders", FIELDS, options)
        assert spec.owner == "portfolio.user"
        assert spec.unique == (("portfolio_id", "symbol"),)


def test_a_flag_that_says_what_an_index_does_is_dropped() -> None:
    options = TableOptions(unique=[["symbol", "side"]])
    fields = ("symbol:str:32:filter:sort", "side:enum:a,b:filter", "price:int:sort")
    symbol, side, price = parse_table("alerts", fields, options).fields
    assert (symbol.filter, symbol.sort) == (False, False)
    assert (side.filter, price.sort) == (True, True)


def test_lists_have_what_an_index_begins_with_and_what_flags_say() -> None:
    options = TableOptions(unique=[["symbol", "side"]], indexes=[["mood", "price"]])
    spec = parse_table(
        "orders",
        (
            "portfolio:ref:portfolios",
            "symbol:str:32",
            "side:enum:a,b",
            "price:int:sort",
            "mood:int:null",
            "memo:text:search:filter",
            "token:str:40:unique:hidden",
            "market:ref:markets.code",
        ),
        options,
    )
    assert filtered_by(spec) == ["portfolio_id", "symbol", "mood", "memo", "market_code"]
    assert sorted_by(spec) == ["symbol", "price"]
    assert searched_by(spec) == ["memo"]


def made(spec: TableSpec) -> set[tuple[str, tuple[str, ...], str]]:
    """Name, columns and target of each constraint."""
    return {
        (one.name, one.columns, f"{one.refers_to}({','.join(one.referred)}) {one.on_delete}")
        if one.kind == "fk"
        else (one.name, one.columns, "")
        for one in constraints_of(spec)
    }


def test_constraints_lead_with_the_owner() -> None:
    options = TableOptions(unique=[["list", "code"]], indexes=[["side", "code"]])
    fields = ("code:str:9", "side:enum:a,b", "list:ref:lists:cascade", "old:ref:lists.name")
    spec = parse_table("trades", fields, options)
    assert made(spec) == {
        ("pk_trades", ("user_id", "id"), ""),
        ("fk_trades_user_id_users", ("user_id",), "users(id) cascade"),
        ("uq_trades_user_id_list_id_code", ("user_id", "list_id", "code"), ""),
        ("ix_trades_user_id_side_code", ("user_id", "side", "code"), ""),
        ("ck_trades_side", ("side",), ""),
        ("fk_trades_list_id_lists", ("user_id", "list_id"), "lists(user_id,id) cascade"),
        (
            "fk_trades_old_name_lists",
            ("user_id", "old_name"),
            "lists(user_id,name) restrict",
        ),
        ("ix_trades_user_id_old_name", ("user_id", "old_name"), ""),
    }


def test_constraints_of_a_shared_table_do_not_name_an_owner() -> None:
    fields = ("code:str:9:unique", "day:date:index", "seller:ref:users:null:setnull")
    spec = parse_table("markets", fields, TableOptions(shared=True))
    [spec] = resolved([spec], lambda _: Parent(is_owned=False), lambda: ["users"])
    assert made(spec) == {
        ("pk_markets", ("id",), ""),
        ("uq_markets_code", ("code",), ""),
        ("ix_markets_day", ("day",), ""),
        ("fk_markets_seller_id_users", ("seller_id",), "users(id) setnull"),
        ("ix_markets_seller_id", ("seller_id",), ""),
    }


def test_a_soft_reference_is_an_index_and_no_key() -> None:
    spec = parse_table("trades", ("account:ref:accounts:soft",), TableOptions(database="archive"))
    assert made(spec) == {
        ("pk_trades", ("user_id", "id"), ""),
        ("ix_trades_user_id_account_id", ("user_id", "account_id"), ""),
    }


NO_LINES = [
    *("a: b\nc", "a: b\rc", "a: \x1b[2Jb", "a: b\x00c", "a: b\u2028c"),
    *("a: <!-- generated: end -->", "a: x -->", "# a: b"),
]


@pytest.mark.parametrize("text", NO_LINES)
def test_what_is_said_of_a_table_is_one_line_of_its_page(text: str) -> None:
    for options in (TableOptions(why=text), TableOptions(later=["x: y", text])):
        with pytest.raises(Misuse):
            parse_table("alerts", ["a:int"], options)


@pytest.mark.parametrize("later", ["", "channel", "channel:", ": mail", "channel more than mail"])
def test_a_field_that_may_come_has_a_reason(later: str) -> None:
    with pytest.raises(Misuse, match="is not a field and its reason") as refusal:
        parse_table("alerts", ["a:int"], TableOptions(later=[later]))
    assert '--later "channel: ' in refusal.value.hint


def test_what_is_unique_together_has_one_order_however_it_was_written() -> None:
    written = [["side", "symbol"], ["symbol", "side", "mood"], ["symbol", "mood"]]
    for unique in (written, written[::-1]):
        spec = parse_table("orders", FIELDS, TableOptions(unique=unique))
        assert spec.unique == (("symbol", "side", "mood"), ("symbol", "mood"), ("side", "symbol"))
