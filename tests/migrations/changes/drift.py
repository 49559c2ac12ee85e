"""What may be done to a database past the migrations."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

from backend.core.models import NAMING_CONVENTION


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
