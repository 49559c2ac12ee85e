"""The proof of revisions: what one creates, what it leaves behind, and what it does to rows."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
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
    Uuid,
)

from backend.core.models import NAMING_CONVENTION
from backend.core.types import ExactDecimal
from backend.models import metadata as project_metadata
from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.proof import prove
from jedgebot.migrations.revision import Revision, head_of
from tests.cli.project_copy import ProjectCopy
from tests.migrations.catalogue import rows
from tests.postgresql import PostgreSQL

_numbers = count(1)

REVISION = '''"""A revision."""

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {down!r}


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {back}
'''

CREATE = """op.create_table(
        "alerts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Enum("up", "down", name="side", native_enum=False,
                                  create_constraint=True), nullable=False),
        sa.Column("price", sa.Numeric(20, 8).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_alerts_user_id_users",
                                ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_user_id_side", "alerts", ["user_id", "side"])"""
DROP = "op.drop_table('alerts')"
NOTES = """op.create_table("notes", sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(9), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notes"))"""


def with_alerts() -> MetaData:
    """The project's models and one more."""
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    for table in project_metadata.sorted_tables:
        table.to_metadata(metadata)
    side = Enum("up", "down", name="side", native_enum=False, create_constraint=True)
    Table(
        "alerts",
        metadata,
        Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        Column("id", Uuid, primary_key=True),
        Column("side", side, nullable=False),
        Column("price", ExactDecimal(20, 8)),
        Index(None, "user_id", "side"),
    )
    return metadata


@pytest.fixture(scope="module")
def shared_copy(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return ProjectCopy(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(shared_copy: ProjectCopy) -> Iterator[ProjectCopy]:
    """A copy of the project; what the test writes in it is put back."""
    with shared_copy.changing() as project:
        yield project


@pytest.fixture(params=["sqlite", "postgresql"])
def scratch_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'scratch.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"proof_{next(_numbers)}"
    yield server.create_database(name)
    server.drop_database(name)


Proved = Callable[..., list[str]]


@pytest.fixture
def proved(project: ProjectCopy, scratch_url: str) -> Proved:
    """Writes revisions upon the project's own, and proves them."""

    def prove_them(
        *revisions: tuple[str, str],
        tables: Sequence[str] = ("alerts",),
        metadata: MetaData | None = None,
    ) -> list[str]:
        made = [written(project, f"r{n}", up, back) for n, (up, back) in enumerate(revisions)]
        nothing = frozenset[str]()
        expected = [Expected(table, nothing, nothing, nothing) for table in tables]
        return prove(project.root, scratch_url, made, expected, metadata or with_alerts())

    return prove_them


def written(project: ProjectCopy, name: str, up: str, back: str) -> Revision:
    down = head_of(project.root)
    path = f"alembic/versions/{name}.py"
    project.write(path, REVISION.format(name=name, down=down, up=up, back=back))
    return Revision(name, down, path)


def test_a_revision_that_makes_the_models_table_is_proved(proved: Proved, scratch_url: str) -> None:
    parts, stored, *spread = proved((CREATE, DROP))
    assert "10 parts of alerts" in parts
    assert "rows of edge cases inserted and read back, twice" in stored
    assert "rows of 6 other tables as they were" in stored
    assert ["PARTITION BY HASH (user_id)" in line for line in spread] == (
        [] if scratch_url.startswith("sqlite") else [True]
    )
    assert rows(scratch_url, "SELECT * FROM alerts") == []
    assert rows(scratch_url, "SELECT * FROM users") == []


def test_several_revisions_are_proved_together(proved: Proved) -> None:
    metadata = with_alerts()
    Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", String(9)))
    notes = NOTES, "op.drop_table('notes')"
    parts, *_ = proved((CREATE, DROP), notes, tables=("alerts", "notes"), metadata=metadata)
    assert "of alerts, notes" in parts


INDEX = 'op.create_index("ix_alerts_user_id_side"'
FAULTS = {
    "another table": (f"{CREATE}\n    {NOTES}", DROP, "also touches notes"),
    "another table's column": (
        f"{CREATE}\n    op.add_column('users', sa.Column('nick', sa.Text()))",
        DROP,
        "also touches users",
    ),
    "a table dropped": (
        f"{CREATE}\n    op.drop_table('user_profiles')",
        DROP,
        "also touches user_profiles",
    ),
    "a view": (
        f"{CREATE}\n    op.execute('CREATE VIEW ups AS SELECT id FROM alerts')",
        DROP,
        "also touches view ups",
    ),
    "no index": (CREATE.partition(INDEX)[0], DROP, "index ix_alerts_user_id_side: "),
    "another type": (CREATE.replace("(20, 8)", "(20, 7)"), DROP, "column price: "),
    "null refused": (CREATE.replace("nullable=True", "nullable=False"), DROP, "column price: "),
    "a word less": (CREATE.replace('"up", "down"', '"up"'), DROP, "check ck_alerts_side: "),
    "another action": (CREATE.replace("CASCADE", "RESTRICT"), DROP, "fk_alerts_user_id_users: "),
    "another order": (
        CREATE.replace('"user_id", "id", name', '"id", "user_id", name'),
        DROP,
        "primary key pk_alerts: ",
    ),
    "a default": (
        CREATE.replace("nullable=True", "nullable=True, server_default='1'"),
        DROP,
        "column price: ",
    ),
    "a condition": (
        f"{CREATE[:-1]}, sqlite_where=sa.text('id > 0'), postgresql_where=sa.text('price > 0'))",
        DROP,
        "index ix_alerts_user_id_side: ",
    ),
    "nothing taken back": (CREATE, "pass", "leaves a trace when it is taken back: alerts: table"),
    "another index taken back": (
        CREATE,
        f"{DROP}\n    op.create_index('ix_users_x', 'users', ['email'])",
        "leaves a trace when it is taken back: users: index ix_users_x",
    ),
    "rows deleted on the way up": (
        f"{CREATE}\n    op.execute('DELETE FROM user_profiles')",
        DROP,
        "the rows of user_profiles are not as they were",
    ),
    "rows changed on the way down": (
        CREATE,
        f"{DROP}\n    op.execute('UPDATE users SET version = 7')",
        "the rows of users are not as they were",
    ),
    "a name of its own": (CREATE.replace("pk_alerts", "key"), DROP, "primary key key: "),
}
# There the text of a decimal knows no precision.
NOT_ON_SQLITE = {"another type"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_revision_that_does_anything_else_is_refused(
    proved: Proved, scratch_url: str, name: str
) -> None:
    if name in NOT_ON_SQLITE and scratch_url.startswith("sqlite"):
        proved(FAULTS[name][:2])
        return
    up, back, says = FAULTS[name]
    with pytest.raises(Failure) as failure:
        proved((up, back))
    assert says in failure.value.message
    assert "alembic/versions/r0.py" in failure.value.hint


def test_a_type_that_the_downgrade_leaves_is_told(
    project: ProjectCopy, postgresql: PostgreSQL
) -> None:
    url = postgresql.create_database(f"proof_{next(_numbers)}")
    metadata = with_alerts()
    native = Enum("x", "y", name="mood")
    Table("moods", metadata, Column("id", Integer, primary_key=True), Column("mood", native))
    up = (
        'op.create_table("moods", sa.Column("id", sa.Integer(), nullable=False),'
        ' sa.Column("mood", sa.Enum("x", "y", name="mood"), nullable=True),'
        ' sa.PrimaryKeyConstraint("id", name="pk_moods"))'
    )
    metadata.remove(metadata.tables["alerts"])
    nothing = frozenset[str]()
    expected = [Expected("moods", nothing, nothing, nothing)]
    revision = written(project, "r0", up, "op.drop_table('moods')")
    with pytest.raises(Failure, match=r"leaves a trace .*: type mood: definition: ENUM"):
        prove(project.root, url, [revision], expected, metadata)
    clean = postgresql.create_database(f"proof_{next(_numbers)}")
    drop = "op.drop_table('moods')"
    project.replace(revision.path, drop, f"{drop}\n    op.execute('DROP TYPE mood')")
    assert len(prove(project.root, clean, [revision], expected, metadata)) == 2


def test_drift_that_was_there_before_is_told_first(proved: Proved) -> None:
    metadata = with_alerts()
    Index("ix_users_version", metadata.tables["users"].c.version)
    with pytest.raises(Failure, match=r"disagree already: users: index ix_users_version: "):
        proved((CREATE, DROP), metadata=metadata)


def test_a_table_that_refuses_values_of_its_types_is_told(proved: Proved) -> None:
    metadata = with_alerts()
    alerts = metadata.tables["alerts"]
    alerts.append_constraint(CheckConstraint("price < '5'", name="small"))
    check = CREATE.replace(
        "sa.PrimaryKey",
        "sa.CheckConstraint(\"price < '5'\", name='small'),\n        sa.PrimaryKey",
    )
    with pytest.raises(Failure, match=r"alerts does not hold every value of its types: .*small"):
        proved((check, DROP), metadata=metadata)


def test_a_neighbour_may_refuse_some_rows(proved: Proved, project: ProjectCopy) -> None:
    metadata = with_alerts()
    metadata.tables["users"].append_constraint(CheckConstraint("version > 0", name="positive"))
    written(
        project,
        "before",
        "with op.batch_alter_table('users') as batch:\n"
        "        batch.create_check_constraint('positive', sa.text('version > 0'))",
        "pass",
    )
    _, stored, *_ = proved((CREATE, DROP), metadata=metadata)
    assert "0 rows of 6 other tables" not in stored
