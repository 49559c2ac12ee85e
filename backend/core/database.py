"""Sessions and their transactions. Only this module opens one, and only it commits."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar
from uuid import UUID

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from backend.core.engine import make_engine
from backend.core.settings import Settings

# anyio imports this at its first use: 11 ms that the first request would pay.
importlib.import_module("anyio._backends._asyncio")

Result = TypeVar("Result")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class RequestAccess:
    """Who sends the request, and what must hold before its transactions do anything.

    Attributes:
        owner_id: the authenticated user, once known.
        preconditions: run on a transaction's connection before its first statement, so what
            they decide (that the login session has not ended) holds in the same transaction,
            and nothing reaches the database where it does not.
    """

    owner_id: UUID | None = None
    preconditions: list[Callable[[Connection], None]] = field(default_factory=list)


class RequestSession(Session):
    """A session that holds its request's preconditions."""

    def __init__(self, bind: Engine, access: RequestAccess) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.access = access


@event.listens_for(RequestSession, "after_begin")
def _hold_preconditions(
    session: RequestSession, _transaction: SessionTransaction, connection: Connection
) -> None:
    for precondition in session.access.preconditions:
        precondition(connection)


class Database:
    """One database: its engine, and as many threads as its pool has connections.

    Requests wait for a thread and never hold a connection while they do. On SQLite one writer
    runs at a time: the others wait here in order instead of in SQLite's busy handler.
    """

    def __init__(self, url: str, pool_size: int) -> None:
        self.engine = make_engine(url, pool_size)
        self._writing = self.engine.execution_options(sqlite_begin="IMMEDIATE")
        if self.engine.dialect.name == "sqlite":
            self._threads = _Threads(max(1, pool_size - 1))
            self._writer_threads = _Threads(1)
        else:
            self._threads = self._writer_threads = _Threads(pool_size)

    def session(self, access: RequestAccess, *, writing: bool) -> RequestSession:
        """A new session. It connects at its first statement; the caller closes it."""
        return RequestSession(self._writing if writing else self.engine, access)

    async def run(self, work: Callable[[], Result], *, writing: bool) -> Result:
        """Run `work` on one of the database's threads and give back what it returns."""
        threads = self._writer_threads if writing else self._threads
        return await anyio.to_thread.run_sync(work, limiter=threads.limiter())

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


class _Threads:
    """A limit on threads; each event loop has its own, since a limiter belongs to one loop."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._limiter: RunVar[CapacityLimiter] = RunVar("limiter")

    def limiter(self) -> CapacityLimiter:
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self._count)
            self._limiter.set(limiter)
        return limiter


async def get_database(request: Request) -> Database:
    """The application's database."""
    database: Database = request.app.state.database
    return database


async def get_access(request: Request) -> RequestAccess:
    """What is known of the request's sender; the same object for all who ask."""
    access: RequestAccess | None = getattr(request.state, "access", None)
    if access is None:
        access = request.state.access = RequestAccess()
    return access


CurrentDatabase = Annotated[Database, Depends(get_database)]
CurrentAccess = Annotated[RequestAccess, Depends(get_access)]


async def get_db(
    request: Request, database: CurrentDatabase, access: CurrentAccess
) -> RequestSession:
    """The request's one session, the same for all who ask.

    It commits when the endpoint has returned; see `backend.core.hop`.
    """
    session: RequestSession | None = getattr(request.state, "session", None)
    if session is None:
        session = database.session(access, writing=request.method not in SAFE_METHODS)
        request.state.session = session
    return session


class Transactions:
    """Short transactions for an `async def` endpoint, which waits for other things between."""

    def __init__(self, database: Database, access: RequestAccess) -> None:
        self._database = database
        self._access = access

    async def read(self, work: Callable[[RequestSession], Result]) -> Result:
        """Run `work` in a transaction that reads."""
        return await self._run(work, writing=False)

    async def write(self, work: Callable[[RequestSession], Result]) -> Result:
        """Run `work` in a transaction: commit when it returns, roll back when it raises."""
        return await self._run(work, writing=True)

    async def _run(self, work: Callable[[RequestSession], Result], *, writing: bool) -> Result:
        def transact() -> Result:
            session = self._database.session(self._access, writing=writing)
            with session, session.begin():
                return work(session)

        return await self._database.run(transact, writing=writing)


async def get_transactions(database: CurrentDatabase, access: CurrentAccess) -> Transactions:
    """Transactions that hold the request's preconditions."""
    return Transactions(database, access)


def new_database(settings: Settings) -> Database:
    """The database that the settings name.

    Raises:
        SettingsError: the URL cannot be used.
    """
    return Database(settings.database_url, settings.database_pool_size - settings.lane_connections)


CurrentTransactions = Annotated[Transactions, Depends(get_transactions)]
DbSession = Annotated[RequestSession, Depends(get_db)]
