"""What is rendered of a specification is read back as the same, and the rest is told."""

from typing import Annotated

from hypothesis import HealthCheck, given, settings
from pydantic import Field
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Interval,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    select,
    text,
)

from backend.core.models import DATABASE, NAMING_CONVENTION
from backend.core.operations import Browse
from backend.core.schemas import RequestSchema, VersionedRead
from jedgebot.spec import types
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.reader import Derived, read_table
from jedgebot.spec.resolution import Parent, parent_of, resolved
from jedgebot.spec.table import FieldSpec, TableSpec
from tests.cli.rendered_modules import loaded, needed, own_base, rendered
from tests.cli.specs import PARENTS, tables


def read_back(spec: TableSpec) -> Derived:
    """What the code says that is rendered of a table and of those that it refers to."""
    base = own_base()
    with loaded(rendered(needed(spec)), base) as modules:
        names = {part: vars(modules[f"backend.{spec.name}.{part}"]) for part in _PARTS}
        return read_table(
            spec.singular, base.metadata.tables[spec.name], names["schemas"], names["services"]
        )


_PARTS = ("schemas", "services")

EVERY_FLAG = (
    "folder:ref:folders:cascade",
    "old:ref:folders:null:soft",
    "market:ref:markets.code:null:setnull",
    "seller:ref:users:writeonce",
    "symbol:str:32:search",
    "side:enum:buy,sell:default=buy:readonly",
    "price:money:min=0:sort:filter",
    "fee:decimal:9,2:null:max=100:filter",
    "opens:time:default=09:30:sort",
    "code:str:9:unique:hidden",
    "day:date:index",
    "mail:email:search:writeonce",
    "seal:bytes:max=32:null",
)


@given(tables())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_tables_are_read_back(spec: TableSpec) -> None:
    derived = read_back(spec)
    assert derived.unsaid == ()
    assert derived.remarks == ()
    assert derived.spec.same_columns_as(spec)


def test_every_flag_is_read_back() -> None:
    options = TableOptions(unique=[["symbol", "side"]], indexes=[["side", "price"]])
    [spec] = resolved(
        [parse_table("samples", EVERY_FLAG, options)],
        lambda name: parent_of(PARENTS[name]) if name in PARENTS else Parent(is_owned=False),
        PARENTS.keys,
    )
    assert read_back(spec) == Derived(spec)


def test_parents_are_read_back() -> None:
    for spec in PARENTS.values():
        assert read_back(spec) == Derived(spec)


class Create(RequestSchema):
    """Checks more than the field grammar says."""

    code: Annotated[str, Field(min_length=1, max_length=9, pattern="^[A-Z]+$")]
    size: Annotated[int, Field(ge=2)]
    mood: str


class Read(VersionedRead):
    """Has not all columns."""

    code: str
    mood: str


def test_what_the_grammar_has_no_words_for_is_told() -> None:
    metadata = MetaData(naming_convention=NAMING_CONVENTION, info={DATABASE: "archive"})
    table = Table(
        "odds",
        metadata,
        Column("user_id", Uuid, primary_key=True),
        Column("id", Uuid, primary_key=True),
        Column("code", String(9), nullable=False),
        Column("size", Integer, nullable=False),
        Column("mood", String(9), nullable=False),
        Column("length", Interval, nullable=False),
        Column("made", Date, server_default=func.current_date()),
        Column("x_id", Uuid, ForeignKey("others.id")),
        Column("version", Integer, nullable=False),
        UniqueConstraint("user_id", "code", "mood"),
        CheckConstraint("size > 1", "size"),
        Index("odd_codes", "user_id", "code", unique=True),
        Index("odd_sizes", "user_id", "size", sqlite_where=text("size > 5")),
    )
    Table("others", metadata, Column("id", Uuid, primary_key=True))
    browse = Browse(select(table), Read, filter_by=("mood",))
    derived = read_table("odd", table, {"OddCreate": Create, "OddRead": Read}, {"browse": browse})
    assert derived.spec == TableSpec(
        "odds",
        "odd",
        (
            FieldSpec("code", types.Str(9), access="writeonce"),
            FieldSpec("mood", types.Str(9), minimum=0, access="writeonce", filter=True),
        ),
        unique=(("code", "mood"),),
        database="archive",
    )
    assert [line.partition(":")[0] for line in derived.unsaid] == [
        "size",
        "length",
        "made",
        "x_id",
    ]
    own = "The table has a {} of its own: {}"
    assert derived.remarks == (
        "It has no OddChange",
        "code: requests are checked for more than its type and limits",
        own.format("check on size > 1", "ck_odds_size"),
        own.format("foreign key on x_id to others.id (no action)", "fk_odds_x_id_others"),
        own.format("special index on user_id, code", "odd_codes"),
        own.format("special index on user_id, size", "odd_sizes"),
        "code: the list cannot be filtered by it",
        "code: the list cannot be sorted by it",
    )
