"""What differs before a table is added stops it: in the models, or in the database in use."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, MetaData, make_url, text

from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION
from backend.models import metadata
from jedgebot.errors import Failure
from jedgebot.staging.drift import require_as_migrated, require_no_pending
from tests.cli.adding import WATCHLISTS, add
from tests.cli.project_copy import CommandLine, ProjectCopy
from tests.cli.trees import contents

DRIFTS = {
    "a column": (
        "ALTER TABLE portfolios ADD COLUMN colour VARCHAR(9)",
        "portfolios: column colour: ",
    ),
    "an index less": (
        "DROP INDEX ix_transactions_import",
        "transactions: index ix_transactions_import: ",
    ),
    "an index more": ("CREATE INDEX ix_mine ON users (email)", "users: index ix_mine: "),
    "a table": ("CREATE TABLE mine (id INTEGER)", "mine: table: TABLE in the database"),
    "a view": ("CREATE VIEW emails AS SELECT email FROM users", "view emails: definition: "),
}


@pytest.fixture
def migrated_url(sqlite_template: Path) -> str:
    return f"sqlite:///{sqlite_template}"


def executed(url: str, statement: str) -> None:
    engine = make_engine(url, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_database_as_it_was_migrated_passes(database_url: str, migrated_url: str) -> None:
    assert require_as_migrated(database_url, "x", "", migrated_url) == ""
    executed(database_url, "ANALYZE")
    assert require_as_migrated(database_url, "x", "", migrated_url) == ""


@pytest.mark.parametrize("name", DRIFTS)
def test_whatever_was_changed_past_the_migrations_is_named(
    database_url: str, migrated_url: str, name: str
) -> None:
    statement, says = DRIFTS[name]
    executed(database_url, statement)
    with pytest.raises(Failure) as failure:
        require_as_migrated(database_url, "db", "", migrated_url)
    assert f"the database db was changed past the migrations: {says}" in failure.value.message
    assert failure.value.message.count(" missing in ") == 1


def test_of_many_differences_some_are_named_and_all_counted(
    database_url: str, migrated_url: str
) -> None:
    for number in range(8):
        executed(database_url, f"CREATE TABLE mine_{number} (id INTEGER)")
    with pytest.raises(Failure, match=r"mine_0: .*mine_4: .*; and 3 more\.$"):
        require_as_migrated(database_url, "db", "", migrated_url)


def test_a_sqlite_file_that_is_not_there_has_no_drift(tmp_path: Path, migrated_url: str) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert require_as_migrated(url, "x", "", migrated_url) == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_where_no_schema_may_be_made_it_is_said_that_nothing_was_compared(
    database_url: str, migrated_url: str
) -> None:
    url = make_url(database_url)
    role = f"reader_of_{url.database}"
    executed(database_url, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    executed(database_url, f"GRANT SELECT ON alembic_version TO {role}")
    theirs = url.set(username=role, password="secret").render_as_string(hide_password=False)
    reason = require_as_migrated(theirs, "x", "", migrated_url)
    assert "permission denied for database" in reason
    executed(database_url, f"DROP OWNED BY {role}")
    executed(database_url, f"DROP ROLE {role}")


def test_models_that_make_what_the_migrations_make_pass(migrated_url: str) -> None:
    require_no_pending(metadata, migrated_url)


def test_what_autogenerate_does_not_see_in_the_models_is_named(migrated_url: str) -> None:
    changed = MetaData(naming_convention=NAMING_CONVENTION)
    for table in metadata.sorted_tables:
        table.to_metadata(changed)
    portfolios = changed.tables["portfolios"]
    portfolios.constraints -= {
        one for one in portfolios.constraints if isinstance(one, CheckConstraint)
    }
    with pytest.raises(Failure) as failure:
        require_no_pending(changed, migrated_url)
    assert "disagree already: portfolios: check ck_portfolios_" in failure.value.message
    assert "in the migrations, missing in the models" in failure.value.message


def test_an_add_stops_early_at_either_drift_and_writes_nothing(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    database = project.root / "var" / "jedgebot.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE portfolios ADD COLUMN colour TEXT")
    before = contents(project.root)
    drifted = add(project, command_line, *WATCHLISTS, "--no-postgresql")
    assert drifted.code == 1
    assert "portfolios: column colour: TEXT NULL in the database, missing" in drifted.err
    assert "Make and review" not in drifted.out
    assert contents(project.root) == before
    assert add(project, command_line, *WATCHLISTS, "--dry-run").code == 0

    project.append("backend/users/models.py", "\n    nickname: Mapped[str | None]\n")
    before = contents(project.root)
    pending = add(project, command_line, *WATCHLISTS, "--no-apply", "--no-postgresql")
    assert pending.code == 1
    assert "disagree already: users: column nickname: " in pending.err
    assert "Make and review" not in pending.out
    assert contents(project.root) == before
