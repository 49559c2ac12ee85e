"""What differs before tables are added: models, migrations and the database in use."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from textwrap import shorten

from sqlalchemy import Connection, MetaData

from jedgebot.checks.migrated import applied
from jedgebot.errors import Failure
from jedgebot.migrations.catalogue import (
    Catalogue,
    Difference,
    compare,
    fingerprint,
    modelled,
    read,
)
from jedgebot.migrations.read_only import read_only_engine

_SHOWN = 5
_DEFINITION_LENGTH = 200


def require_no_pending(metadata: MetaData, migrated_url: str) -> Catalogue:
    """Let models pass that make what the migrations make.

    Args:
        metadata: of the models, without the new tables.
        migrated_url: of a SQLite database to which all migrations were applied.

    Returns:
        what the models make.

    Raises:
        Failure: they do not.
    """
    with _read_only(migrated_url) as connection:
        migrated = read(connection) if connection is not None else {}
    wanted = modelled(metadata)
    found = compare(wanted, migrated)
    if found:
        raise Failure(
            "the models and the migrations disagree already: "
            f"{_listed(found, 'the models', 'the migrations')}.",
            'Run `alembic revision --autogenerate -m "…"`, look at what it wrote, run `alembic '
            "upgrade heads`, then run the command again.",
        )
    return wanted


def require_as_migrated(url: str, shown: str, database: str, migrated_url: str) -> str:
    """Let a database pass that is what its migrations make; it is only read.

    On PostgreSQL that is what the models make there, in a transaction that is rolled back.

    Args:
        url: of the database.
        shown: what errors call it.
        database: its name; empty for the main one.
        migrated_url: of a SQLite database to which all migrations were applied.

    Returns:
        why it was not compared; empty if it was.

    Raises:
        Failure: something was changed past the migrations.
    """
    if url.startswith("sqlite"):
        made_by, found = "the migrations", _found_on_sqlite(url, migrated_url)
    else:
        there = applied(url, database)
        if there is None or there.modelled is None:
            return ""
        if isinstance(there.modelled, str):
            return there.modelled
        made_by, found = "the models", compare(there.modelled, there.tables)
    if found:
        raise Failure(
            f"the database {shown} was changed past the migrations: "
            f"{_listed(found, made_by, 'the database')}.",
            "Take that back in the database, or make it a revision (docs/migrations.md, Drift), "
            "then run the command again; --no-apply leaves the database alone.",
        )
    return ""


def _found_on_sqlite(url: str, migrated_url: str) -> Sequence[Difference]:
    with _read_only(migrated_url) as wanted, _read_only(url) as found:
        if wanted is None or found is None or fingerprint(wanted) == fingerprint(found):
            return ()
        return compare(read(wanted), read(found))


@contextmanager
def _read_only(url: str) -> Iterator[Connection | None]:
    """A connection that only reads; None to a SQLite file that is not there."""
    engine = read_only_engine(url)
    if engine is None:
        yield None
        return
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _listed(found: Sequence[Difference], wanted_by: str, found_in: str) -> str:
    lines = [f"{one.subject}: {_short(one).line(wanted_by, found_in)}" for one in found[:_SHOWN]]
    more = len(found) - len(lines)
    return "; ".join([*lines, f"and {more} more"] if more else lines)


def _short(one: Difference) -> Difference:
    wanted, found = (
        shorten(text, _DEFINITION_LENGTH, placeholder=" …") if text is not None else None
        for text in (one.wanted, one.found)
    )
    return replace(one, wanted=wanted, found=found)
