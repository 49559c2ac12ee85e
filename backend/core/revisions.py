"""Which revisions the code knows and which the database is at, read without Alembic.

A worker asks this for `/readyz` and nothing else of Alembic, whose import takes 10 MiB.
"""

import ast
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from backend.core.engine import make_engine
from backend.core.settings import PROJECT_ROOT

VERSIONS = PROJECT_ROOT / "alembic" / "versions"
_NAMES = frozenset({"revision", "down_revision"})


@cache
def script_heads(versions: Path = VERSIONS) -> frozenset[str]:
    """The newest revisions of this installation; read once, since they change with the code.

    Raises:
        ValueError: a file of the folder is no revision.
    """
    revisions = [_read(path) for path in versions.glob("*.py")]
    followed = {parent for _, parents in revisions for parent in parents}
    return frozenset(revision for revision, _ in revisions) - followed


def database_heads(connection: Connection) -> frozenset[str]:
    """The revisions that the database is at; none if it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    rows = connection.execute(text("SELECT version_num FROM alembic_version"))
    return frozenset(version for (version,) in rows)


def current(url: str) -> frozenset[str]:
    """The revisions that the database at an address is at.

    Raises:
        SettingsError: the address cannot be used.
    """
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return database_heads(connection)
    finally:
        engine.dispose()


def _read(path: Path) -> tuple[str, tuple[str, ...]]:
    """A revision's identifier, and those of the revisions that it follows."""
    source = path.read_text(encoding="utf-8")
    # What is asked for stands at the top, and most of a file is its operations.
    found = _constants(source.partition("\ndef ")[0])
    if len(found) < len(_NAMES):
        found = _constants(source)
    if len(found) < len(_NAMES):
        raise ValueError(f"{path.name} does not say what revision it is.")
    parents = found["down_revision"] or ()
    return str(found["revision"]), (parents,) if isinstance(parents, str) else tuple(parents)


def _constants(source: str) -> dict[str, str | tuple[str, ...] | None]:
    """The constants of a revision's source; none if it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    named = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                named[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                named[name] = value
    return {name: ast.literal_eval(value) for name, value in named.items() if name in _NAMES}
