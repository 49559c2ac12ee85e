"""The field grammar: what it reads, what it refuses, and that nothing else happens."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from backend.core import schemas
from backend.core.models import OwnedRecord
from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.constraints import check_constraint_names
from jedgebot.spec.grammar import parse_field, parse_table
from jedgebot.spec.reserved import FIELD_NAMES
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import ValueRefused

READ = {
    "name:str:80:unique": FieldSpec("name", types.Str(80), unique=True),
    "name:str": FieldSpec("name", types.Str(255)),
    "name:str:unique": FieldSpec("name", types.Str(255), unique=True),
    "note:text:null": FieldSpec("note", types.LongText(), nullable=True),
    "lots:int:min=1:max=9": FieldSpec("lots", types.Int(), minimum=1, maximum=9),
    "big:bigint:default=-5": FieldSpec("big", types.BigInt(), default=-5),
    "live:bool:default=false": FieldSpec("live", types.Bool(), default=False),
    "price:decimal:20,8:min=0": FieldSpec("price", types.ExactDecimal(20, 8), minimum=Decimal(0)),
    "fee:decimal:4,2:default=1.50": FieldSpec(
        "fee", types.ExactDecimal(4, 2), default=Decimal("1.5")
    ),
    "day:date:min=2026-01-31": FieldSpec("day", types.Day(), minimum=date(2026, 1, 31)),
    "at:datetime:default=2026-01-31T12:00:00Z:null": FieldSpec(
        "at", types.Instant(), nullable=True, default=datetime(2026, 1, 31, 12, tzinfo=UTC)
    ),
    "at:datetime:min=2026-01-31T12:00:00-01:00": FieldSpec(
        "at", types.Instant(), minimum=datetime(2026, 1, 31, 13, tzinfo=UTC)
    ),
    "key:uuid:default=123e4567-e89b-42d3-a456-426614174000": FieldSpec(
        "key", types.Uuid(), default=UUID("123e4567-e89b-42d3-a456-426614174000")
    ),
    "extra:json": FieldSpec("extra", types.Json()),
    "side:enum:buy,sell:default=buy": FieldSpec(
        "side", types.Choice(("buy", "sell")), default="buy"
    ),
    "portfolio:ref:portfolios": FieldSpec("portfolio", types.Ref("portfolios")),
    "portfolio_id:ref:portfolios": FieldSpec("portfolio", types.Ref("portfolios")),
    "order:ref:orders": FieldSpec("order", types.Ref("orders")),
    "type:str:9": FieldSpec("type", types.Str(9)),
    "name:str:80:max=80": FieldSpec("name", types.Str(80)),
    "name:str:80:min=1": FieldSpec("name", types.Str(80)),
    "cost:money:min=0": FieldSpec("cost", types.ExactDecimal(20, 8), minimum=Decimal(0)),
    "opens:time:min=09:30:max=17:00:15.5": FieldSpec(
        "opens", types.Time(), minimum=time(9, 30), maximum=time(17, 0, 15, 500_000)
    ),
    "opens:time:default=09:30:null": FieldSpec(
        "opens", types.Time(), nullable=True, default=time(9, 30)
    ),
    "seal:bytes:max=32:hidden": FieldSpec("seal", types.Bytes(), maximum=32, access="hidden"),
    "seal:bytes:max=65536": FieldSpec("seal", types.Bytes()),
    "mail:email:unique:writeonce": FieldSpec(
        "mail", types.Email(), unique=True, access="writeonce"
    ),
    "hook:url:unique": FieldSpec("hook", types.Url(), unique=True),
    "fiat:currency:default=EUR:sort": FieldSpec("fiat", types.Currency(), default="EUR", sort=True),
    "zone:timezone:default=UTC": FieldSpec("zone", types.Timezone(), default="UTC"),
    "name:str:80:search:filter:sort": FieldSpec(
        "name", types.Str(80), filter=True, sort=True, search=True
    ),
    "state:enum:a,b:readonly:default=a": FieldSpec(
        "state", types.Choice(("a", "b")), default="a", access="readonly"
    ),
    "portfolio:ref:portfolios:cascade": FieldSpec(
        "portfolio", types.Ref("portfolios", on_delete="cascade")
    ),
    "portfolio:ref:portfolios:restrict": FieldSpec("portfolio", types.Ref("portfolios")),
    "seller:ref:users:null:setnull": FieldSpec(
        "seller", types.Ref("users", on_delete="setnull"), nullable=True
    ),
    "account:ref:accounts:soft": FieldSpec("account", types.Ref("accounts", soft=True)),
    "market:ref:markets.code": FieldSpec("market", types.Ref("markets", "code")),
    "market_code:ref:markets.code": FieldSpec("market", types.Ref("markets", "code")),
    "code:ref:markets.code": FieldSpec("code", types.Ref("markets", "code")),
}

REFUSED = {
    "a": "has no type",
    "a:": "has no type",
    "a:strr": 'unknown type "strr"',
    "a:str:0": "cannot be 0",
    "a:str:10001": "cannot be 10001",
    "a:str:99999999999999999999": "cannot be",
    "a:str:-5": 'length of the field "a" cannot be -5',
    "a:str:abc": 'length of the field "a" cannot be abc',
    "a:str:": 'length of the field "a" cannot be',
    "a:str:uniq": 'unknown flag "uniq"',
    "a:str:80:uniq": 'unknown flag "uniq"',
    "a:str:80:unique:unique": "twice",
    "a:str:80:min=90": "cannot have min=90",
    "a:str:601:index": "cannot have an index",
    "a:str:80:min": "needs a value",
    "a:str:80:null=1": "takes no value",
    "a:str:80:default=": "cannot have default=",
    "a:str:3:default=four": "outside its limits",
    "a:text:unique": "cannot have an index",
    "a:json:index": "cannot have an index",
    "a:json:default=1": "cannot have default=1",
    "a:int:default=x": "cannot have default=x",
    "a:int:default=2147483648": "cannot have default",
    "a:int:min=5:max=3": "above its max",
    "a:int:min=5:default=3": "outside its limits",
    "a:int:unique:default=3": "has a default",
    "a:int:unique:index": "has an index already",
    "a:int:min=1:max=50:unique": "too few",
    "a:bool:unique": "too few",
    "a:bool:default=1": "cannot have default=1",
    "a:bool:min=1": "cannot have min=1",
    "a:decimal": "how many digits",
    "a:decimal:20": "how many digits",
    "a:decimal:39,2": "cannot be 39",
    "a:decimal:20,19": "cannot be 19",
    "a:decimal:4,5": "cannot be 5",
    "a:decimal:4,2:default=1.555": "cannot have default",
    "a:decimal:4,2:default=100": "cannot have default",
    "a:decimal:4,2:default=1e1": "cannot have default",
    "a:date:default=2026-02-30": "cannot have default",
    "a:date:default=today": "cannot have default",
    "a:datetime:default=2026-01-01T00:00:00": "cannot have default",
    "a:uuid:default=1": "cannot have default",
    "a:enum": "does not say its words",
    "a:enum:": "does not say its words",
    "a:enum:x,,y": "does not say its words",
    "a:enum:x,x": "twice",
    "a:enum:x,y:default=z": "cannot have default=z",
    "a:enum:x,y:unique": "too few",
    "a:str:7:min=0:max=0:unique": "too few",
    f"a:enum:{'x' * 33}": "more than 32",
    "a:ref": "which table",
    "a:ref:users:index": "has an index already",
    "user:ref:users": '"user_id" is taken',
    "bad name": "character",
    "a:str;rm": "character",
    "a:str:$HOME": "character",
    "é:str": "character",
    "A:str": "cannot be used",
    "1a:str": "cannot be used",
    "a__b:str": "cannot be used",
    "_a:str": "cannot be used",
    "a_:str": "cannot be used",
    ":str": "cannot be used",
    f"{'a' * 41}:str": "more than 40",
    "id:uuid": "is taken",
    "user_id:uuid": "is taken",
    "version:int": "is taken",
    "metadata:json": "is taken",
    "date:date": "is taken",
    "schema:str": "is taken",
    "model_x:int": "begins with model_",
    "class:str": "a word of Python",
    "select:str": "a word of SQL",
    "order:int": "a word of SQL",
    "search:str": "is taken",
    "time:time": "is taken",
    "a:money:20,8": 'unknown flag "20,8"',
    "a:time:default=24:00": "cannot have default=24:00",
    "a:time:default=9:30": "cannot have default=9",
    "a:time:default=09:30Z": "cannot have default=09:30Z",
    "a:time:min=10:00:max=09:00": "above its max",
    "a:time:min=10:00:max=10:00:50:unique": "too few",
    "a:decimal:1,0:unique": "too few",
    "a:bytes:index": "cannot have an index",
    "a:bytes:default=AAAA": "cannot have default",
    "a:bytes:max=65537": "cannot have max",
    "a:bytes:filter": "cannot filter by",
    "a:email:min=3": "cannot have min",
    "a:email:default=x": "cannot have default",
    "a:currency:default=eur": "cannot have default",
    "a:timezone:default=Mars": "cannot have default",
    "a:json:filter": "cannot filter by",
    "a:json:search": "cannot search in",
    "a:int:search": "cannot search in",
    "a:bool:sort": "cannot sort by",
    "a:text:sort": "cannot sort by",
    "a:str:601:sort": "cannot sort by",
    "a:int:sort:null": "may be null",
    "a:int:hidden:filter": "it is hidden",
    "a:str:hidden:search": "it is hidden",
    "a:int:readonly": "a new row has no value",
    "a:int:readonly:null:min=1": "compared with its limits",
    "a:email:readonly:null": "nothing checks",
    "a:int:readonly:hidden:null": "both readonly and hidden",
    "a:int:writeonce:writeonce": "twice",
    "a:int:cascade": "for references only",
    "a:int:soft": "for references only",
    "a:ref:": "which table",
    "a:ref:portfolios.": "which table",
    "a:ref:portfolios:setnull": "may not be",
    "a:ref:portfolios:cascade:restrict": "both cascade and restrict",
    "a:ref:portfolios:soft:cascade": "is soft",
    "a:ref:portfolios:restrict:soft": "is soft",
    "a:ref:portfolios.name:soft": "by their id only",
    "a:ref:portfolios:soft:readonly:null": "no operation looks",
    "a:ref:portfolios:cascade=1": "takes no value",
    "a:ref:portfolios:min=1": "cannot have min",
    "none:str": "a word of Python",
}


@pytest.mark.parametrize(("text", "field"), READ.items())
def test_a_field_is_read(text: str, field: FieldSpec) -> None:
    assert parse_field(text) == field


@pytest.mark.parametrize(("text", "says"), REFUSED.items())
def test_a_field_is_refused_with_a_hint(text: str, says: str) -> None:
    with pytest.raises(Misuse) as refusal:
        parse_field(text)
    assert says in refusal.value.message
    assert refusal.value.hint.endswith((".", "?"))
    assert "None" not in refusal.value.message + refusal.value.hint


def test_a_hint_writes_a_value_as_it_has_to_be_written() -> None:
    for text, like in (("a:currency:default=usd", "EUR"), ("a:datetime:default=now", "T12:00:00Z")):
        with pytest.raises(Misuse) as refusal:
            parse_field(text)
        assert like in refusal.value.hint


def test_a_wrong_type_or_singular_suggests_the_nearest() -> None:
    with pytest.raises(Misuse) as wrong_type:
        parse_field("a:strr")
    assert wrong_type.value.hint == 'Did you mean "str"?'
    with pytest.raises(Misuse) as wrong_flag:
        parse_field("a:str:nul")
    assert wrong_flag.value.hint == 'Did you mean "null"?'
    with pytest.raises(Misuse) as wrong_word:
        parse_field("a:mony")
    assert wrong_word.value.hint == 'Did you mean "money"?'
    with pytest.raises(Misuse) as wrong_number:
        parse_table("category", ["x:int"])
    assert wrong_number.value.hint == 'Did you mean "categories"?'


def test_no_fields_and_a_field_twice_are_refused() -> None:
    with pytest.raises(Misuse, match="has no fields"):
        parse_table("alerts", [])
    with pytest.raises(Misuse, match="there twice"):
        parse_table("alerts", ["a:int", "a:str"])
    with pytest.raises(Misuse, match="there twice"):
        parse_table("alerts", ["list:ref:lists", "list_id:uuid"])


def test_names_that_postgresql_would_cut_off_are_refused() -> None:
    long = parse_table("client_manager_assignments", [f"{'a' * 30}:str:unique"])
    with pytest.raises(Misuse, match="more than 63 characters"):
        check_constraint_names(long)
    check_constraint_names(parse_table("client_manager_assignments", ["start:date:unique"]))


def test_the_limits_are_those_of_the_core() -> None:
    assert (types.INT_MAX, types.BIGINT_MAX, types.TEXT_MAX, types.BYTES_MAX) == (
        schemas.INT_MAX,
        schemas.BIGINT_MAX,
        schemas.TEXT_MAX,
        schemas.BYTES_MAX,
    )


@pytest.mark.parametrize(
    ("kind", "core_type", "good"),
    [
        (types.Email(), schemas.EmailAddress, "a@example.com"),
        (types.Url(), schemas.HttpURL, "https://example.com/"),
        (types.Currency(), schemas.CurrencyCode, "USDT"),
        (types.Timezone(), schemas.TimezoneName, "UTC"),
    ],
    ids=lambda one: getattr(one, "keyword", None),
)
def test_a_default_of_a_kind_of_text_is_one_that_the_core_takes(
    kind: types.TextKind, core_type: Any, good: str
) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(core_type)
    assert adapter.validate_python(good) == good
    with pytest.raises(ValidationError):
        adapter.validate_python("x" * (kind.length + 1))
    for text in ("A", "EURO", "eur", "UTC", "Japan", "Factory", "1", "A" * 11, "a.b"):
        with suppress(ValueRefused):
            assert adapter.validate_python(kind.value(text)) == text


def test_every_name_that_a_base_class_has_is_taken() -> None:
    bases = (schemas.RequestSchema, schemas.VersionedRead, BaseModel, OwnedRecord)
    names = {name for base in bases for name in (*dir(base), *getattr(base, "model_fields", ()))}
    public = {name for name in names if not name.startswith(("_", "model_"))}
    assert public - FIELD_NAMES.keys() == set()


PIECES = (*READ, *REFUSED, ":", "=", ",", "min=", "-", "0", "9" * 5000, "\x00", "ß", "\n")


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=4))
@settings(max_examples=300, deadline=None)
def test_nonsense_is_misuse_and_nothing_else(parts: list[str]) -> None:
    with suppress(Misuse):
        parse_table("alerts", ["".join(parts), *parts])


@pytest.mark.parametrize("number", ["9" * 38, f"-{'9' * 20}.{'9' * 18}", "0." + "0" * 17 + "1"])
def test_a_limit_of_38_digits_is_exact(number: str) -> None:
    """Python's own context would round it to 28."""
    scale = 18 if "." in number else 0
    field = parse_field(f"x:decimal:38,{scale}:max={number}")
    assert f"{field.maximum:f}" == number
