"""Which revisions the code knows and which a database is at, read without Alembic.

A worker asks this for `/readyz` and nothing else of Alembic, whose import takes 10 MiB.

Each database beside the main one has a branch of revisions of its own. It begins with a revision
that follows none and whose branch label is the database's name.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from backend.core.engine import make_engine
from backend.core.settings import MAIN_DATABASE, PROJECT_ROOT, database_setting

VERSIONS = PROJECT_ROOT / "alembic" / "versions"
_REQUIRED = frozenset({"revision", "down_revision"})
_NAMES = _REQUIRED | {"branch_labels"}


@dataclass(frozen=True)
class Link:
    """A revision, those that it follows, and the labels that its file gives it."""

    revision: str
    parents: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def databases_of(links: Iterable[Link]) -> dict[str, str]:
    """The database that each revision is for, by its name.

    Raises:
        ValueError: a revision follows revisions of two databases.
    """
    children: dict[str, list[str]] = defaultdict(list)
    waiting: list[tuple[str, str]] = []
    for link in links:
        if not link.parents:
            waiting.append((link.revision, link.labels[0] if link.labels else MAIN_DATABASE))
        for parent in link.parents:
            children[parent].append(link.revision)
    found: dict[str, str] = {}
    while waiting:
        revision, database = waiting.pop()
        if revision not in found:
            found[revision] = database
            waiting += [(child, database) for child in children[revision]]
        elif found[revision] != database:
            raise ValueError(f"The revision {revision} joins the histories of two databases.")
    return found


def version_table_of(database: str) -> str:
    """The table in which a database keeps the revisions that it is at."""
    return f"alembic_version_{database}" if database else "alembic_version"


@cache
def script_databases(versions: Path = VERSIONS) -> tuple[str, ...]:
    """The databases that this installation has revisions of, the main one first.

    Raises:
        ValueError: a file of the folder is no revision, or joins two databases.
    """
    names = set(databases_of(_links(versions)).values())
    return MAIN_DATABASE, *sorted(names - {MAIN_DATABASE})


@cache
def script_heads(versions: Path = VERSIONS, database: str = MAIN_DATABASE) -> frozenset[str]:
    """The newest revisions of a database that this installation has.

    They are read once, since they change with the code.

    Raises:
        ValueError: a file of the folder is no revision, or joins two databases.
    """
    links = _links(versions)
    followed = {parent for link in links for parent in link.parents}
    databases = databases_of(links)
    return frozenset(
        link.revision
        for link in links
        if link.revision not in followed and databases.get(link.revision, MAIN_DATABASE) == database
    )


def database_heads(connection: Connection, database: str = MAIN_DATABASE) -> frozenset[str]:
    """The revisions that the database is at; none if it was never migrated."""
    table = version_table_of(database)
    if not inspect(connection).has_table(table):
        return frozenset()
    name = connection.dialect.identifier_preparer.quote(table)
    rows = connection.execute(text(f"SELECT version_num FROM {name}"))  # noqa: S608 - quoted
    return frozenset(version for (version,) in rows)


def current(url: str, database: str = MAIN_DATABASE) -> frozenset[str]:
    """The revisions that the database at an address is at.

    Raises:
        SettingsError: the address cannot be used.
    """
    engine = make_engine(url, pool_size=1, setting=database_setting(database))
    try:
        with engine.connect() as connection:
            return database_heads(connection, database)
    finally:
        engine.dispose()


@cache
def _links(versions: Path) -> tuple[Link, ...]:
    return tuple(_read(path) for path in versions.glob("*.py"))


def _read(path: Path) -> Link:
    source = path.read_text(encoding="utf-8")
    # What is asked for stands at the top, and most of a file is its operations.
    found = _constants(source.partition("\ndef ")[0])
    if not found.keys() >= _REQUIRED:
        found = _constants(source)
    if not found.keys() >= _REQUIRED:
        raise ValueError(f"{path.name} does not say what revision it is.")
    return Link(
        str(found["revision"]),
        _as_tuple(found["down_revision"]),
        _as_tuple(found.get("branch_labels")),
    )


def _as_tuple(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


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
