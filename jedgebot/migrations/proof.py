"""The proof of a revision on a scratch database: up, down and up again leave no trace."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command

from backend.core.migrations import alembic_config
from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.revision import Revision

Catalogue = frozenset[tuple[str, str, str, str | None]]


def catalogue(database: Path) -> Catalogue:
    """Every table, index, view and trigger of a SQLite file, as the database defines it."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
        return frozenset(rows.fetchall())


def prove(root: Path, database: Path, revision: Revision, expected: Expected) -> str:
    """Bring a SQLite file from before the revision to after it, back, and there again.

    Returns:
        what was seen.

    Raises:
        Failure: the revision creates something else, or leaves a trace when it is taken back.
    """
    config = alembic_config(root, f"sqlite:///{database}")
    before = catalogue(database)
    command.upgrade(config, revision.id)
    after = catalogue(database)
    strange = {table for _, _, table, _ in after ^ before} - {expected.table}
    if strange:
        raise Failure(
            f"the revision also touches {', '.join(sorted(strange))}.",
            f"Look at {revision.path}.",
        )
    command.downgrade(config, revision.down)
    if catalogue(database) != before:
        raise Failure(
            f"the revision of {expected.table} leaves a trace when it is taken back.",
            f"Look at downgrade() in {revision.path}.",
        )
    command.upgrade(config, revision.id)
    if catalogue(database) != after:
        raise Failure(
            f"the revision of {expected.table} makes another table the second time.",
            f"Look at upgrade() in {revision.path}.",
        )
    return f"{len(after - before)} entries in the catalogue, the same after down and up"
