"""A comparison of catalogues sees what was done to a database past the migrations."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
)

from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION
from jedgebot.checks.migrated import applied
from jedgebot.migrations.catalogue import Difference, compare, modelled, read
from tests.migrations.catalogue import rows, run
from tests.postgresql import PostgreSQL


def base() -> MetaData:
    """The models of a database that is not as they say any more."""
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    Table("p", metadata, Column("id", Integer, primary_key=True))
    Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("p", ForeignKey("p.id")),
        Column("a", String(9), server_default="x"),
        Column("mood", Enum("calm", "wild", name="mood")),
        CheckConstraint("id > 0", name="positive"),
        Index(None, "a"),
    )
    return metadata


_FUNCTION = """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN NEW; END'"""
_TRIGGER = "CREATE TRIGGER touched BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()"

_INVALID = """UPDATE pg_index SET indisvalid = false
    WHERE indexrelid = to_regclass(current_schema() || '.ix_t_a')"""

# name: (statements that are there before, what is done to the database, the part that is told)
POSTGRESQL = {
    "table": ([], ["CREATE TABLE more (id int)"], "more: table"),
    "column": ([], ["ALTER TABLE t ADD COLUMN nick text"], "t: column nick"),
    "index": ([], ["CREATE INDEX more ON t (p)"], "t: index more"),
    "unique index": ([], ["CREATE UNIQUE INDEX more ON t (p)"], "t: index more"),
    "default": ([], ["ALTER TABLE t ALTER a SET DEFAULT 'y'"], "t: column a"),
    "trigger": ([_FUNCTION], [_TRIGGER], "t: trigger touched"),
    "view": ([], ["CREATE VIEW v AS SELECT id FROM t"], "view v: definition"),
    "INVALID index": (
        [],
        [_INVALID],
        "t: index ix_t_a",
    ),
    "foreign key NOT VALID": (
        [],
        [
            "ALTER TABLE t DROP CONSTRAINT fk_t_p_p",
            "ALTER TABLE t ADD CONSTRAINT fk_t_p_p FOREIGN KEY (p) REFERENCES p (id) NOT VALID",
        ],
        "t: foreign key fk_t_p_p",
    ),
    "CHECK NOT VALID": (
        [],
        [
            "ALTER TABLE t DROP CONSTRAINT ck_t_positive",
            "ALTER TABLE t ADD CONSTRAINT ck_t_positive CHECK (id > 0) NOT VALID",
        ],
        "t: check ck_t_positive",
    ),
    "triggers disabled": (
        [_FUNCTION, _TRIGGER],
        ["ALTER TABLE t DISABLE TRIGGER touched"],
        "t: trigger touched",
    ),
    "triggers of a foreign key disabled": (
        [],
        ["ALTER TABLE p DISABLE TRIGGER ALL"],
        "t: foreign key fk_t_p_p",
    ),
    "row level security": (
        [],
        ["ALTER TABLE t ENABLE ROW LEVEL SECURITY"],
        "t: row level security",
    ),
    "policy": ([], ["CREATE POLICY own ON t USING (id > 1)"], "t: policy own"),
    "GRANT": ([], ["GRANT SELECT ON t TO PUBLIC"], "t: grants to PUBLIC"),
    "GRANT on a column": (
        [],
        ["GRANT UPDATE (a) ON t TO PUBLIC"],
        "t: grants on column a to PUBLIC",
    ),
    "storage": ([], ["ALTER TABLE t ALTER a SET STORAGE EXTERNAL"], "t: column a"),
    "compression": ([], ["ALTER TABLE t ALTER a SET COMPRESSION pglz"], "t: column a"),
    "statistics": ([], ["ALTER TABLE t ALTER a SET STATISTICS 500"], "t: column a"),
    "extended statistics": (
        [],
        ["CREATE STATISTICS s ON a, p FROM t"],
        "t: statistics s",
    ),
    "column order": (
        [],
        ["ALTER TABLE t DROP p", "ALTER TABLE t ADD p int CONSTRAINT fk_t_p_p REFERENCES p"],
        "t: order of the columns",
    ),
    "extension": (
        [],
        ["CREATE EXTENSION pg_trgm"],
        "extension pg_trgm: definition",
    ),
    "sequence": ([], ["CREATE SEQUENCE s"], "sequence s: definition"),
    "sequence of a column": (
        [],
        ["ALTER SEQUENCE t_id_seq INCREMENT 2"],
        "t: sequence t_id_seq",
    ),
    "word of an enum": ([], ["ALTER TYPE mood ADD VALUE 'odd'"], "type mood: definition"),
    "type": ([], ["CREATE TYPE pair AS (a int, b int)"], "type pair: definition"),
    "domain": ([], ["CREATE DOMAIN d AS int CHECK (VALUE > 0)"], "type d: definition"),
    "range": ([], ["CREATE TYPE r AS RANGE (subtype = float8)"], "type r: definition"),
    "function": ([], [_FUNCTION], "function touch(): definition"),
    "body of a function": (
        [_FUNCTION],
        [_FUNCTION.replace("CREATE", "CREATE OR REPLACE").replace("NEW", "OLD")],
        "function touch(): definition",
    ),
    "rule": ([], ["CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING"], "t: rule r"),
    "materialized view": (
        [],
        ["CREATE MATERIALIZED VIEW v AS SELECT 1"],
        "materialized view v: definition",
    ),
    "text of a view": (
        ["CREATE VIEW v AS SELECT id FROM t"],
        ["CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM t"],
        "view v: definition",
    ),
    "UNLOGGED": ([], ["ALTER TABLE t SET UNLOGGED"], "t: table"),
    "fillfactor": ([], ["ALTER TABLE t SET (fillfactor = 50)"], "t: table"),
    "fillfactor of a key": ([], ["ALTER INDEX pk_t SET (fillfactor = 50)"], "t: primary key pk_t"),
    "replica identity": ([], ["ALTER TABLE t REPLICA IDENTITY FULL"], "t: table"),
    "NOT NULL": ([], ["ALTER TABLE t ALTER a SET NOT NULL"], "t: column a"),
    "NOT NULL that is not validated": (
        ["ALTER TABLE t ALTER a SET NOT NULL"],
        ["ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ADD NOT NULL a NOT VALID"],
        "t: not null t_a_not_null",
    ),
    "constraint dropped": (
        [],
        ["ALTER TABLE t DROP CONSTRAINT fk_t_p_p"],
        "t: foreign key fk_t_p_p",
    ),
    "table dropped": ([], ["DROP TABLE t"], "t: table"),
    "comment": ([], ["COMMENT ON TABLE t IS 'x'"], "t: comment"),
    "comment of an index": ([], ["COMMENT ON INDEX ix_t_a IS 'x'"], "t: comment of index ix_t_a"),
    "comment of a constraint": (
        [],
        ["COMMENT ON CONSTRAINT ck_t_positive ON t IS 'x'"],
        "t: comment of constraint ck_t_positive",
    ),
}
SURVEYED = (
    "table",
    "column",
    "index",
    "unique index",
    "default",
    "trigger",
    "view",
    "INVALID index",
    "foreign key NOT VALID",
    "CHECK NOT VALID",
    "triggers disabled",
    "row level security",
    "GRANT",
    "storage",
    "column order",
    "extension",
    "sequence",
)
"""The kinds of drift of the survey, of which Alembic sees the first five."""

SQLITE = {
    "table": ([], ["CREATE TABLE more (id INTEGER)"], "more: table"),
    "column": ([], ["ALTER TABLE t ADD COLUMN nick TEXT"], "t: column nick"),
    "index": ([], ["CREATE INDEX more ON t (p)"], "t: index more"),
    "unique index": ([], ["CREATE UNIQUE INDEX more ON t (p)"], "t: index more"),
    "index of another kind": (
        [],
        ["DROP INDEX ix_t_a", "CREATE INDEX ix_t_a ON T (lower(a) DESC) WHERE p > 1"],
        "t: index ix_t_a",
    ),
    "trigger": (
        [],
        ["CREATE TRIGGER touched AFTER INSERT ON t BEGIN UPDATE t SET a = 'y'; END"],
        "t: trigger touched",
    ),
    "view": ([], ["CREATE VIEW v AS SELECT id FROM t"], "view v: definition"),
    "trigger of a view": (
        ["CREATE VIEW v AS SELECT id FROM t"],
        ["CREATE TRIGGER r INSTEAD OF DELETE ON V BEGIN SELECT 1; END"],
        "view v: trigger r",
    ),
    "column order": (
        [],
        [
            "DROP INDEX ix_t_a",
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t ADD COLUMN a VARCHAR(9) DEFAULT 'x'",
            "CREATE INDEX ix_t_a ON t (a)",
        ],
        "t: order of the columns",
    ),
    "default": (
        [],
        [
            "ALTER TABLE t DROP COLUMN mood",
            "ALTER TABLE t ADD COLUMN mood VARCHAR(4) DEFAULT 'calm'",
        ],
        "t: column mood",
    ),
    "table dropped": ([], ["DROP TABLE t"], "t: table"),
}


@pytest.fixture(scope="module")
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A PostgreSQL database with the models' tables; what a test does in it is rolled back."""
    engine = make_engine(postgresql.create_database("catalogue_drift"), pool_size=1)
    base().create_all(engine)
    yield engine
    engine.dispose()


def told(found: list[Difference]) -> list[str]:
    return [f"{one.subject}: {one.part}" for one in found]


def drifted(connection: Connection, before: list[str], after: list[str]) -> list[Difference]:
    """The differences between a database and itself after some statements."""
    for statement in before:
        connection.exec_driver_sql(statement)
    wanted = read(connection)
    for statement in after:
        connection.exec_driver_sql(statement)
    return compare(wanted, read(connection), order=True)


@pytest.mark.parametrize("name", POSTGRESQL)
def test_drift_on_postgresql_is_seen(engine: Engine, name: str) -> None:
    before, after, part = POSTGRESQL[name]
    with engine.connect() as connection:
        found = drifted(connection, before, after)
        connection.rollback()
    assert part in told(found)
    assert len(found) == 1, told(found)


@pytest.mark.parametrize("name", SQLITE)
def test_drift_on_sqlite_is_seen(name: str) -> None:
    before, after, part = SQLITE[name]
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        base().create_all(connection)
        found = drifted(connection, before, after)
    assert told(found) == [part]


def test_a_virtual_table_is_seen() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        found = drifted(connection, [], ["CREATE VIRTUAL TABLE words USING fts5(a)"])
    assert "words: table" in told(found)


def test_every_kind_of_the_survey_is_there() -> None:
    assert len(SURVEYED) == 17
    assert [name for name in SURVEYED if name not in POSTGRESQL] == []


def test_an_extension_that_a_table_needs_is_no_drift(engine: Engine) -> None:
    statements = [
        "CREATE EXTENSION btree_gist",
        "ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (p WITH =)",
    ]
    with engine.connect() as connection:
        assert told(drifted(connection, [], statements)) == ["t: exclusion constraint ex"]


def test_partitions_belong_to_their_table(engine: Engine) -> None:
    with engine.connect() as connection:
        before = ["CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id)"]
        after = ["CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0)"]
        assert drifted(connection, before, after) == []


def test_a_line_says_what_was_wanted_and_what_was_found() -> None:
    one = Difference("t", "column a", "text NULL", "text NOT NULL")
    assert one.line("the model", "the database") == (
        "column a: text NULL in the model, text NOT NULL in the database"
    )
    gone = Difference("t", "column a", "text NULL", None)
    assert gone.line("the model", "it") == "column a: text NULL in the model, missing in it"
    more = Difference("t", "column a", None, "text NULL")
    assert more.line("the model", "it") == "column a: text NULL in it, missing in the model"


def test_the_configured_database_is_as_before(postgresql: PostgreSQL) -> None:
    url = postgresql.create_database("catalogue_read_only")
    state = "SELECT count(*), max(oid)::text FROM pg_namespace"
    before = rows(url, state), rows(url, "SELECT count(*) FROM pg_class")
    found = applied(url)
    assert found is not None
    assert isinstance(found.modelled, dict)
    assert "users" in found.modelled
    assert (rows(url, state), rows(url, "SELECT count(*) FROM pg_class")) == before


def test_a_role_that_may_make_no_schema_is_told(postgresql: PostgreSQL) -> None:
    url = postgresql.create_database("catalogue_reader")
    with suppress(Exception):
        run(url, "DROP ROLE reader")
    run(url, "CREATE ROLE reader LOGIN PASSWORD 'reads only'")
    address = make_engine(url).url.set(username="reader", password="reads only")
    found = applied(address.render_as_string(hide_password=False))
    assert found is not None
    assert isinstance(found.modelled, str)
    assert "permission denied for database catalogue_reader" in found.modelled
    run(url, "DROP ROLE reader")


def test_many_tables_are_made_in_portions(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    for number in range(30):
        up: Column[int] = Column("up", ForeignKey(f"t{number // 2}.id"))
        Table(f"t{number}", metadata, Column("id", Integer, primary_key=True), up)
    with engine.connect() as connection:
        whole = modelled(metadata, connection)
        monkeypatch.setattr("jedgebot.migrations.catalogue.scratch.TABLES_AT_ONCE", 4)
        assert modelled(metadata, connection) == whole
    assert len(whole) == 30
