"""Databases beside the main one, for modules whose rows live apart.

A module's `<table>_db.py` names the one that it lives in:

    ARCHIVE = NamedDatabase.called("archive")

    class ArchiveBase(Base):
        __abstract__ = True
        metadata = ARCHIVE.metadata

Users, sessions and tokens are in the main database. A request for rows that live apart is one
transaction there: it begins with a look into the main database, whether the session has ended,
and its `Idempotency-Key` is claimed where the rows are, so that both are committed together.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Request
from sqlalchemy import Column, Index, MetaData, Table

from backend.core.database import (
    Database,
    DbSession,
    RequestSession,
    get_db,
    session_of_request,
)
from backend.core.idempotency import IdempotencyKey
from backend.core.models import DATABASE, NAMING_CONVENTION, OWNER_COLUMN, Base
from backend.core.modules import Module
from backend.core.settings import MAIN_DATABASE, Settings
from backend.core.writes import Writes


class NamedDatabase:
    """A database beside the main one, as the code names it.

    Attributes:
        name: of the setting `JEDGEBOT_<NAME>_DATABASE_URL` and of the branch of its revisions.
        metadata: of all tables in it, among them that of the idempotency keys.
    """

    _known: ClassVar[dict[str, "NamedDatabase"]] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.metadata = MetaData(naming_convention=NAMING_CONVENTION, info={DATABASE: name})
        _add_idempotency_keys(self.metadata)

    @classmethod
    def called(cls, name: str) -> "NamedDatabase":
        """The database of this name, the same for all modules that live in it."""
        if name not in cls._known:
            cls._known.setdefault(name, cls(name))
        return cls._known[name]

    async def session(self, request: Request) -> RequestSession:
        """What `get_db` is for the main database.

        Raises:
            RuntimeError: `backend/main.py` names no module that lives here, or the request has
                a session in another database.
        """
        database = request.app.state.databases.get(self.name)
        if database is None:
            raise RuntimeError(
                f'No Module(…, database="{self.name}") in backend/main.py lives in the database '
                f"{self.name}, so it is not open."
            )
        return session_of_request(request, database)


def open_databases(
    settings: Settings, modules: Sequence[Module], writes: Writes
) -> dict[str, Database]:
    """The databases that modules live in, by name; the main one is always among them.

    Raises:
        SettingsError: a URL is missing or cannot be used.
    """
    names = sorted({module.database for module in modules} - {MAIN_DATABASE})
    databases: dict[str, Database] = {}
    databases[MAIN_DATABASE] = Database(
        settings.database_url,
        settings.database_pool_size - settings.lane_connections,
        siblings=databases if names else None,
        writes=writes,
    )
    for name in names:
        databases[name] = Database(
            settings.database_url_of(name),
            settings.database_pool_size,
            name,
            databases,
            partial(_owned_tables, name, modules),
            writes=writes,
        )
    return databases


def _owned_tables(database: str, modules: Sequence[Module]) -> list[Table]:
    """The tables in a database whose rows have an owner, referring ones first."""
    for module in modules:
        if module.database == database:
            module.load_models()
    tables = NamedDatabase.called(database).metadata.sorted_tables
    return [table for table in reversed(tables) if OWNER_COLUMN in table.primary_key.columns]


def metadata_of(database: str) -> MetaData | None:
    """The metadata of a database beside the main one; None for that."""
    return NamedDatabase.called(database).metadata if database else None


def session_in(database: str) -> Any:  # an annotation, which has no type of its own
    """The annotation of an endpoint's argument that is its session in a database."""
    if database == MAIN_DATABASE:
        return DbSession
    return Annotated[RequestSession, Depends(NamedDatabase.called(database).session)]


def gives_session(dependency: Callable[..., Any]) -> bool:
    """Whether an endpoint that depends on this works in a session of its request."""
    return dependency is get_db or isinstance(getattr(dependency, "__self__", None), NamedDatabase)


def _add_idempotency_keys(metadata: MetaData) -> None:
    """Add the table without its foreign key: the users are in the main database."""
    main = Base.metadata.tables[IdempotencyKey.__tablename__]
    columns = [
        Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable)
        for one in main.columns
    ]
    Table(main.name, metadata, *columns, Index(None, "user_id", "created_at"))
