"""Alembic's commands as its manual has them, and the functions that stand for them."""

import ast
import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Column, Integer, MetaData, String, Table

from backend.core.engine import make_engine
from backend.core.migrations import downgrade, upgrade
from backend.core.revisions import current, database_heads, script_heads
from backend.core.settings import PROJECT_ROOT
from tests.migrations.catalogue import catalogue, run
from tests.migrations.project import Project

MESSAGE = 'Give "orders" a C:\\path and a message that is far too long for one line of a file. So'


def metadata() -> MetaData:
    found = MetaData()
    Table("t", found, Column("id", Integer, primary_key=True), Column("a", String(80)))
    return found


def new_revision(project: Project, url: str, message: str, *, autogenerate: bool = True) -> Path:
    command.revision(project.config(url, metadata()), message, autogenerate=autogenerate)
    (path,) = project.versions.glob("*.py")
    return path


def test_the_file_is_named_by_date_and_words(project: Project, sqlite_url: str) -> None:
    path = new_revision(project, sqlite_url, "Add t, at last")
    day = datetime.now(UTC).date()
    assert re.fullmatch(rf"{day}_add_t_at_last_[0-9a-f]{{12}}\.py", path.name)


@pytest.mark.parametrize("message", ["Add t", "add t.", MESSAGE])
@pytest.mark.parametrize("autogenerate", [True, False])
def test_a_new_revision_passes_the_projects_checks(
    project: Project, sqlite_url: str, message: str, autogenerate: bool
) -> None:
    path = new_revision(project, sqlite_url, message, autogenerate=autogenerate)
    ignored = "--ignore=D103,N999" if autogenerate else "--ignore=D103,N999,F401"
    settings = f"--config={PROJECT_ROOT / 'pyproject.toml'}"
    for arguments in (["check", ignored], ["format", "--check"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, settings, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
    assert ("import sqlalchemy as sa" in path.read_text()) is True


def test_the_hooks_put_a_revision_in_order(project: Project, sqlite_url: str) -> None:
    """Alembic itself writes single quotes, one argument after the other on a line."""
    text = new_revision(project, sqlite_url, "Add t").read_text()
    assert 'sa.Column("a", sa.String(length=80), nullable=True)' in text
    assert "'" not in text.split("def upgrade")[1]


def test_the_rules_stand_in_every_revision(project: Project, sqlite_url: str) -> None:
    text = new_revision(project, sqlite_url, "Add t").read_text()
    docstring = ast.get_docstring(ast.parse(text)) or ""
    rules = [line for line in docstring.splitlines() if line.startswith("- ")]
    assert len(rules) >= 5
    for word in ("rename", "application", "downgrade", "batch", "CONCURRENTLY", "foreign key"):
        assert any(word in rule for rule in rules), word


def test_every_command_works_as_in_the_manual(project: Project, empty_url: str) -> None:
    project.revision(
        "first", "op.create_table('t', sa.Column('id', sa.Integer()))", "op.drop_table('t')"
    )
    project.revision(
        "second", "op.add_column('t', sa.Column('a', sa.Integer()))", "op.drop_column('t', 'a')"
    )

    def said(run_command: Callable[..., object], *arguments: str, **options: bool) -> str:
        config = project.config(empty_url)
        config.cmd_opts = None  # which make it quiet
        config.stdout = config.output_buffer = io.StringIO()
        run_command(config, *arguments, **options)
        return config.stdout.getvalue()

    said(command.upgrade, "head")
    assert said(command.current) == "second (head)\n"
    said(command.downgrade, "-1")
    assert said(command.current) == "first\n"
    assert "first -> second (head), second." in said(command.history)
    said(command.upgrade, "+1")
    assert "first -> second (head) (current)" in said(command.history, indicate_current=True)
    assert "ADD COLUMN a INTEGER" in said(command.upgrade, "first:second", sql=True)
    assert "DROP COLUMN a" in said(command.downgrade, "second:first", sql=True)
    said(command.stamp, "first")
    assert said(command.current) == "first\n"
    assert said(command.heads) == "second (head)\n"


def test_the_program_runs_from_anywhere(project: Project, empty_url: str, tmp_path: Path) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    project.alembic(empty_url, "upgrade", "head", cwd=tmp_path)
    assert "first (head)" in project.alembic(empty_url, "current", cwd=tmp_path)


def test_what_is_written_out_can_be_run(project: Project, empty_url: str) -> None:
    project.revision(
        "first",
        "op.create_table('t', sa.Column('id', sa.Integer()))\n"
        "op.bulk_insert(sa.table('t', sa.column('id', sa.Integer())), [{'id': 1}])",
    )
    output = project.alembic(empty_url, "upgrade", "head", "--sql")
    sql = "\n".join(line for line in output.splitlines() if not line.startswith("INFO"))
    statements = [part.strip() for part in sql.split(";")]
    assert statements.count("BEGIN") == statements.count("COMMIT") == 1
    without = [s for s in statements if s and s not in ("BEGIN", "COMMIT")]
    run(empty_url, *without)
    assert current(empty_url) == {"first"}


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "not an address"])
@pytest.mark.parametrize("sql", [True, False])
def test_an_address_that_cannot_be_used_is_said(project: Project, url: str, sql: bool) -> None:
    with pytest.raises(CommandError, match="JEDGEBOT_DATABASE_URL"):
        command.upgrade(project.config(url), "head", sql=sql)


def test_an_error_of_ours_is_one_line(project: Project) -> None:
    process = project.start("mysql://localhost/x", "upgrade", "head")
    output, _ = process.communicate()
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "FAILED: JEDGEBOT_DATABASE_URL names the driver 'mysql'" in output


def test_functions_print_nothing_and_leave_logging_alone(
    sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger("alembic").level
    upgrade(sqlite_url)
    downgrade(sqlite_url, "base")
    assert capfd.readouterr() == ("", "")
    assert (logging.getLogger().handlers[:], logging.getLogger("alembic").level) == before


def test_heads_of_the_code_and_of_a_database(empty_url: str) -> None:
    assert current(empty_url) == frozenset()
    upgrade(empty_url)
    assert current(empty_url) == script_heads()
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        assert database_heads(connection) == script_heads()
    engine.dispose()
    downgrade(empty_url, "base")
    assert current(empty_url) == frozenset()


def test_a_revision_that_does_not_exist(empty_url: str) -> None:
    with pytest.raises(CommandError, match="ghost"):
        upgrade(empty_url, "ghost")
    assert catalogue(empty_url) == []


def test_metadata_may_be_given(project: Project, empty_url: str) -> None:
    new_revision(project, empty_url, "Add t")
    command.upgrade(project.config(empty_url), "head")
    command.check(project.config(empty_url, metadata()))


def test_models_are_imported_only_to_be_compared(sqlite_url: str) -> None:
    program = (
        "import sys\nfrom backend.core.migrations import upgrade\n"
        f"upgrade({sqlite_url!r})\nassert 'backend.models' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT_ROOT)


def test_a_limit_that_is_no_number_is_said(project: Project, sqlite_url: str) -> None:
    config = project.config(sqlite_url)
    config.set_main_option("lock_timeout_milliseconds", "soon")
    with pytest.raises(CommandError, match=r"A limit in .*alembic\.ini: .*'soon'"):
        command.upgrade(config, "head")


def test_alembic_finds_its_package_beside_our_folder() -> None:
    """Our alembic/ must never become a package: it would hide Alembic from its own directory."""
    assert not (PROJECT_ROOT / "alembic" / "__init__.py").exists()
    program = "import alembic.command"
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=PROJECT_ROOT, env=os.environ.copy()
    )


def test_the_configuration_takes_the_settings_database(
    monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", sqlite_url)
    config = Config(PROJECT_ROOT / "alembic.ini", attributes={"configure_logging": False})
    command.upgrade(config, "head")
    assert current(sqlite_url) == script_heads()
