"""Every owned table runs on a PostgreSQL that spreads rows by their owner."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION
from backend.models import metadata as project_metadata
from jedgebot.errors import Failure
from jedgebot.migrations.catalogue import fingerprint
from jedgebot.migrations.partitions import is_owned, prove_partitioned
from tests.contract.cabinets.models import Cabinet
from tests.contract.specimens.models import Specimen
from tests.postgresql import PostgreSQL

OWNED = sorted(table.name for table in project_metadata.sorted_tables if is_owned(table))


@pytest.fixture(scope="module")
def server(postgresql: PostgreSQL) -> Iterator[Connection]:
    """A connection to an empty database, in which each proof leaves nothing."""
    engine = make_engine(postgresql.create_database("partitions"), pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_tables_that_belong_to_users_are_known() -> None:
    assert {"idempotency_keys", "user_sessions"} <= set(OWNED)
    # Their e-mail and user name are unique for all: small tables that are copied everywhere.
    assert not {"users", "user_profiles"} & set(OWNED)


@pytest.mark.parametrize("table", OWNED)
def test_a_shipped_table_is_partitioned_by_its_owner(server: Connection, table: str) -> None:
    before = fingerprint(server)
    seen = prove_partitioned(server, project_metadata, [table])
    tables, _, way = seen.partition(": ")
    assert table in tables.split(", ")
    assert way.startswith("PARTITION BY HASH (user_id), 4 partitions each, ")
    assert not seen.endswith(" 0 of which have rows")
    assert fingerprint(server) == before


def test_the_tables_of_the_contract_are_partitioned(server: Connection) -> None:
    assert Cabinet.metadata is Specimen.metadata
    seen = prove_partitioned(server, Specimen.metadata, ["specimens", "cabinets"])
    assert "specimens" in seen
    assert "cabinets" in seen


def owned(metadata: MetaData, name: str, *items: SchemaItem) -> None:
    """A table like those that are generated."""
    Table(
        name,
        metadata,
        Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        Column("id", Uuid, primary_key=True),
        Column("name", String(20)),
        Column("parent_id", Uuid),
        *items,
    )


def models() -> MetaData:
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    Table("users", metadata, Column("id", Uuid, primary_key=True))
    owned(metadata, "parents", UniqueConstraint("user_id", "name"))
    return metadata


def test_a_table_refers_to_a_parent_of_the_same_owner(server: Connection) -> None:
    metadata = models()
    key = ForeignKeyConstraint(["user_id", "parent_id"], ["parents.user_id", "parents.id"])
    owned(metadata, "children", key, Index(None, "user_id", "parent_id"))
    assert prove_partitioned(server, metadata, ["children"]).startswith("parents, children: ")


WRONG: dict[str, Callable[[], SchemaItem]] = {
    "a unique constraint without the owner": lambda: UniqueConstraint("name"),
    "a unique index without the owner": lambda: Index("uq", "name", unique=True),
    "a foreign key without the owner": lambda: ForeignKeyConstraint(["parent_id"], ["parents.id"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_table_that_could_not_be_spread_is_refused(server: Connection, name: str) -> None:
    metadata = models()
    owned(metadata, "children", WRONG[name]())
    with pytest.raises(Failure, match="children cannot be partitioned by its owner: ") as failure:
        prove_partitioned(server, metadata, ["children"])
    assert "begin with user_id" in failure.value.hint
    # The connection is as good as before.
    assert prove_partitioned(server, metadata, ["parents"])
