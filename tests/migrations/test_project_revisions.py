"""The revisions of the project itself."""

import ast
import re

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from backend.core.engine import make_engine
from backend.core.migrations import alembic_config, downgrade, upgrade
from backend.core.settings import PROJECT_ROOT
from backend.models import metadata
from tests.migrations.catalogue import catalogue, rows, run
from tests.migrations.project import Project

SCRIPTS = ScriptDirectory.from_config(alembic_config(PROJECT_ROOT))
REVISIONS = sorted((PROJECT_ROOT / "alembic" / "versions").glob("*.py"))


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_is_named_by_date_and_imports_nothing_of_ours(path: object) -> None:
    name, text = getattr(path, "name", ""), getattr(path, "read_text", str)()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_[a-z0-9_]+_[0-9a-f]{12}\.py", name)
    tree = ast.parse(text)
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not [module for module in modules if module.split(".")[0] in ("backend", "jedgebot")]


def test_up_down_and_up_again_gives_the_same_schema(empty_url: str) -> None:
    steps = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
    seen: dict[str, list[tuple[str, ...]]] = {"base": []}
    for revision in steps:
        upgrade(empty_url, revision)
        seen[revision] = catalogue(empty_url)
    for revision in [*reversed(steps[:-1]), "base"]:
        downgrade(empty_url, revision)
        left = [item for item in catalogue(empty_url) if "alembic_version" not in item]
        assert left == [item for item in seen[revision] if "alembic_version" not in item]
    upgrade(empty_url)
    assert catalogue(empty_url) == seen[steps[-1]]


def test_the_migrated_schema_is_that_of_the_models(empty_url: str) -> None:
    upgrade(empty_url)
    command.check(alembic_config(PROJECT_ROOT, empty_url))
    migrated = described(empty_url)
    downgrade(empty_url, "base")
    engine = make_engine(empty_url)
    metadata.create_all(engine)
    engine.dispose()
    assert described(empty_url) == migrated


def described(url: str) -> set[str]:
    """Each table, column, constraint and index in the server's words, whatever the order."""
    return {
        " ".join(sorted(re.findall(r"[^\s,]+", " ".join(str(part) for part in item))))
        for item in catalogue(url)
        if "alembic_version" not in item and item[0] != "version"
    }


def test_all_revisions_can_be_written_out(project: Project, empty_url: str) -> None:
    config = PROJECT_ROOT / "alembic.ini"
    (project.directory / "alembic.ini").write_text(
        config.read_text().replace("%(here)s", str(PROJECT_ROOT))
    )
    output = project.alembic(empty_url, "upgrade", "base:head", "--sql")
    engine = make_engine(empty_url)
    for table in metadata.tables:
        assert f"CREATE TABLE {table} " in output
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_rebuild_of_users_keeps_every_profile(project: Project, sqlite_url: str) -> None:
    upgrade(sqlite_url)
    user = "('{0:032x}', 'u{0}@example.org', 'x', '2026-11-22', '2026-11-22', 1)"
    profile = "('{0:032x}', '{0:032x}', 'u{0}', 'UTC', '2026-11-22', '2026-11-22', 1)"
    numbers = range(1, 51)
    run(
        sqlite_url,
        "INSERT INTO users (id, email, password_hash, created_at, updated_at, version) VALUES "
        + ", ".join(user.format(number) for number in numbers),
        "INSERT INTO user_profiles (id, user_id, username, timezone, created_at, updated_at,"
        " version) VALUES " + ", ".join(profile.format(number) for number in numbers),
    )
    before = [rows(sqlite_url, f"SELECT * FROM {table}") for table in ("users", "user_profiles")]
    run(sqlite_url, "DELETE FROM alembic_version")
    project.revision(
        "rebuild",
        "with op.batch_alter_table('users') as batch:\n"
        "    batch.alter_column('password_hash', existing_type=sa.String(255), nullable=True)",
    )
    project.upgrade(sqlite_url)
    after = [rows(sqlite_url, f"SELECT * FROM {table}") for table in ("users", "user_profiles")]
    assert after == before
    assert len(after[1]) == len(numbers)
    run(sqlite_url, "DELETE FROM users")
    assert rows(sqlite_url, "SELECT * FROM user_profiles") == [], "the key acts again afterwards"
