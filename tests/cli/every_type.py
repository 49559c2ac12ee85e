"""Tables that have every type, flag and option of the grammar between them."""

from collections.abc import Sequence
from dataclasses import replace

from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import Ref
from tests.cli.specs import PARENTS


def table(
    name: str,
    fields: Sequence[str],
    options: TableOptions = TableOptions(),  # noqa: B008 - frozen
) -> TableSpec:
    """A table as the command line describes it, with its references resolved."""
    spec = parse_table(name, fields, options)
    return replace(spec, fields=tuple(_resolved(spec, field) for field in spec.fields))


def _resolved(spec: TableSpec, field: FieldSpec) -> FieldSpec:
    if not isinstance(field.type, Ref):
        return field
    ref = field.type
    parent = spec if spec.is_own(field) else PARENTS.get(ref.table)
    if parent is None:
        return replace(field, type=replace(ref, owned=False))
    held = [one.type for one in parent.fields if one.column == ref.column] or [ref.holds]
    return replace(field, type=replace(ref, owned=not parent.is_shared, holds=held[0]))


EVERY_TYPE = table(
    "trades",
    [
        "folder:ref:folders",
        "code:str:3:unique",
        "symbol:str:32:index:search",
        "side:enum:buy,sell:filter",
        "kind:enum:market,limit:default=limit:null",
        "qty:decimal:20,8:min=0:sort",
        "price:decimal:9,2:unique",
        "fee:decimal:5,5:default=0.5:max=0.75",
        "ticks:decimal:9,0:unique:min=5",
        "lots:int:min=1:max=1000:unique",
        "big:bigint:null",
        "active:bool:default=true:filter",
        "day:date:min=2020-01-01:unique",
        "at:datetime:unique",
        "until:datetime:default=2026-01-01T00:00:00Z",
        "opens:time:min=09:30:max=17:00:unique",
        "closes:time:default=17:30:sort",
        "external:uuid:unique",
        "extra:json",
        "more:json:null",
        "scan:bytes",
        "stamp:bytes:min=2:max=9:null",
        "note:text:min=3:search",
        "memo:str:min=0:max=20:default=hello",
        "string:str:5:min=5:unique",
        "contact:email:unique:search",
        "source:url:search",
        "paid_in:currency:default=EUR:sort",
        "settled_in:currency:unique",
        "zone:timezone:default=UTC:filter",
        "place:timezone:unique",
        "gross:money:index",
    ],
)

ORDERS = table(
    "orders",
    [
        "folder:ref:folders:cascade",
        "hedge:ref:folders:null",
        "account:ref:accounts:soft",
        "booked_to:ref:accounts.code:writeonce",
        "market:ref:markets.code:setnull:null",
        "home:ref:markets:cascade",
        "origin:ref:markets:soft:null:writeonce",
        "reviewer:ref:users:setnull:null",
        "approver:ref:users:cascade",
        "auditor:ref:users:hidden",
        "side:enum:buy,sell",
        "venue:enum:xnys,xnas,xlon,xswx,xtks",
        "lot:int:min=1:max=20",
        "reference:str:20:writeonce:unique:sort",
        "secret:str:80:hidden:default=none",
        "pin:str:4:hidden:unique",
        "state:enum:new,done:default=new:readonly:filter",
        "filled_at:datetime:null:readonly:filter",
        "score:int:default=0:readonly:sort:filter",
    ],
    TableOptions(
        owner="folder.user",
        unique=(("side", "venue", "lot"), ("folder", "side")),
        indexes=(("venue", "lot"),),
    ),
)
"""References of every kind, and what a client may not do with fields."""

QUOTES = table(
    "quotes",
    [
        "market:ref:markets:cascade",
        "listed_on:ref:markets:soft",
        "editor:ref:users",
        "symbol:str:12:search",
        "price:money:min=0",
        "seen_at:datetime:unique",
        "rating:int:min=1:max=2:sort",
        "note:text:null:search",
    ],
    TableOptions(shared=True, unique=(("market", "symbol"),)),
)
"""Shared by all users."""

RATES = table(
    "rates",
    ["currency:currency", "rate:decimal:12,6:min=0", "day:date", "final:bool:readonly:null:filter"],
    TableOptions(unique=(("currency", "day"),), versioned=False),
)
"""Rows without a version."""

SHARED_RATES = replace(RATES, name="public_rates", singular="public_rate", owner="")
"""The same, shared by all users."""

TREES = table(
    "trees",
    [
        "code:str:9:unique",
        "side:enum:left,right",
        "parent:ref:trees:null",
        "root:ref:trees.code:null:cascade",
        "replaces:ref:trees:null:unique:writeonce",
        "twin:ref:trees:null:soft:hidden",
        "folder:ref:folders",
    ],
    TableOptions(unique=(("parent", "side"),)),
)
"""Rows that refer to each other: a tree, and a chain of what was replaced."""

SHARED_TREES = table(
    "public_trees",
    [
        "code:str:9:unique:writeonce",
        "parent:ref:public_trees:null:setnull",
        "cause:ref:public_trees:null:readonly",
        "guard:ref:public_trees:null:writeonce",
    ],
    TableOptions(shared=True, versioned=False),
)
"""The same, shared by all users."""
