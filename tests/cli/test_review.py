"""The migration gate: a revision creates one table, does nothing else, and leaves no trace."""

import shutil
from pathlib import Path

import pytest
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Enum, Integer, MetaData, Table, Uuid

from backend.core.migrations import alembic_config
from backend.core.models import NAMING_CONVENTION
from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.review import review
from jedgebot.migrations.revision import Revision, head_of
from jedgebot.migrations.target import Target
from jedgebot.spec.grammar import parse_table
from tests.cli.project_copy import ROOT, ProjectCopy
from tests.cli.trees import contents

ALERTS = Expected(
    "alerts",
    frozenset({"user_id", "id", "side"}),
    frozenset({"pk_alerts", "ck_alerts_side"}),
    frozenset({"ix_alerts_user_id_side"}),
)


def create_alerts(*more: Column[object]) -> ops.CreateTableOp:
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    side = Enum("up", "down", name="side", native_enum=False, create_constraint=True)
    columns = [Column(name, Uuid, primary_key=True) for name in ("user_id", "id")]
    return ops.CreateTableOp.from_table(
        Table("alerts", metadata, *columns, Column("side", side), *more)
    )


INDEX = ops.CreateIndexOp("ix_alerts_user_id_side", "alerts", ["user_id", "side"])
GOOD = [create_alerts(), ops.ModifyTableOps("alerts", [INDEX])]


def test_one_table_with_its_indexes_passes() -> None:
    review(ops.UpgradeOps(GOOD), ALERTS)


@pytest.mark.parametrize(
    ("operations", "says"),
    [
        ([*GOOD, ops.DropTableOp("users")], "drop table users"),
        ([*GOOD, ops.CreateTableOp("ghosts", [])], "create table ghosts"),
        ([*GOOD, ops.AddColumnOp("users", Column("nick", Integer))], "add column users.nick"),
        (
            [*GOOD, ops.ModifyTableOps("users", [ops.DropColumnOp("users", "email")])],
            "drop column users.email",
        ),
        ([*GOOD, ops.CreateIndexOp("ix_users_x", "users", ["x"])], "create index users.ix_users_x"),
        ([*GOOD, ops.ExecuteSQLOp("DELETE FROM users")], "execute"),
        ([INDEX], "creates the table alerts 0 times"),
        ([], "creates the table alerts 0 times"),
        ([create_alerts(), create_alerts(), INDEX], "creates the table alerts 2 times"),
        ([create_alerts()], "the index ix_alerts_user_id_side is missing"),
        ([create_alerts(Column("extra", Integer)), INDEX], "there is also the column extra"),
        (
            [create_alerts(Column("one", Integer, unique=True)), INDEX],
            "there is also the constraint uq_alerts_one",
        ),
        (
            [*GOOD, ops.CreateIndexOp("ix_alerts_more", "alerts", ["id"])],
            "there is also the index ix_alerts_more",
        ),
        ([*GOOD, ops.CreateIndexOp("é" * 32, "alerts", ["id"])], "more than 63 bytes"),
    ],
)
def test_anything_else_is_refused(operations: list[ops.MigrateOperation], says: str) -> None:
    with pytest.raises(Failure) as failure:
        review(ops.UpgradeOps(operations), ALERTS)
    assert says in failure.value.message
    assert failure.value.hint


def test_what_is_expected_comes_from_the_specification() -> None:
    expected = Expected.of(parse_table("alerts", ["side:enum:up,down:index"]))
    assert expected.constraints == {"pk_alerts", "fk_alerts_user_id_users", "ck_alerts_side"}
    assert expected.indexes == ALERTS.indexes
    assert expected.columns == {*ALERTS.columns, "created_at", "updated_at", "version"}


REVISION = '''"""Add alerts."""

import sqlalchemy as sa
from alembic import op

revision = "abc"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("alerts", sa.Column("id", sa.Integer(), primary_key=True))
    {up}


def downgrade() -> None:
    op.drop_table("alerts")
    {back}
'''


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    return ProjectCopy(tmp_path / "project")


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Path:
    """A SQLite file at head."""
    path = tmp_path / "database.db"
    shutil.copyfile(sqlite_template, path)
    return path


def with_revision(project: ProjectCopy, up: str = "pass", back: str = "pass") -> Revision:
    down = head_of(project.root)
    path = project.root / "alembic" / "versions" / "abc.py"
    path.write_text(REVISION.format(down=down, up=up, back=back), encoding="utf-8")
    return Revision("abc", down, "alembic/versions/abc.py")


def test_two_heads_are_refused(project: ProjectCopy) -> None:
    head = ScriptDirectory.from_config(alembic_config(ROOT)).get_current_head()
    for name in ("one", "two"):
        text = REVISION.format(down=head, up="pass", back="pass").replace('"abc"', f'"{name}"')
        (project.root / "alembic" / "versions" / f"{name}.py").write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match="2 heads: one, two"):
        head_of(project.root)


def test_a_database_that_is_not_there_appears_whole(project: ProjectCopy, tmp_path: Path) -> None:
    revision = with_revision(project)
    path = tmp_path / "new" / "database.db"
    target = Target(project.root, f"sqlite:///{path}")
    target.require_at(revision.down)
    assert not target.holds(target.mark("abc"))
    target.apply("abc")
    assert target.holds(target.mark("abc"))
    assert [one.name for one in path.parent.iterdir()] == ["database.db"]


@pytest.mark.parametrize("exists", [False, True])
def test_a_migration_that_fails_leaves_the_database_as_it_was(
    project: ProjectCopy, tmp_path: Path, database: Path, *, exists: bool
) -> None:
    with_revision(project, up='raise RuntimeError("no")')
    path = database if exists else tmp_path / "none.db"
    before = contents(tmp_path)
    target = Target(project.root, f"sqlite:///{path}")
    with pytest.raises(Failure, match=r"could not be applied to .*: no"):
        target.apply("abc")
    lock = f"{path.name}.migration-lock"  # it stays, so that two processes never have two
    after = contents(tmp_path)
    after.pop(lock, None)
    assert after == before


def test_a_database_that_is_not_at_head_is_refused(project: ProjectCopy, database: Path) -> None:
    target = Target(project.root, f"sqlite:///{database}")
    with pytest.raises(Failure, match="not at abc") as failure:
        target.require_at("abc")
    assert "alembic upgrade head" in failure.value.hint


def test_a_server_that_does_not_answer_is_a_failure(project: ProjectCopy) -> None:
    target = Target(project.root, "postgresql+psycopg://ann:secret@127.0.0.1:1/none")
    with pytest.raises(Failure, match="cannot be reached") as failure:
        target.require_at("abc")
    assert "secret" not in failure.value.message


def test_reading_a_database_leaves_no_trace(project: ProjectCopy, database: Path) -> None:
    before = contents(database.parent)
    target = Target(project.root, f"sqlite:///{database}")
    target.require_at(head_of(project.root))
    assert contents(database.parent) == before


def test_a_mark_of_another_database_is_refused(project: ProjectCopy, database: Path) -> None:
    mark = Target(project.root, f"sqlite:///{database}").mark("abc")
    with pytest.raises(Failure, match="another database"):
        Target(project.root, "sqlite:////tmp/other.db").holds(mark)
