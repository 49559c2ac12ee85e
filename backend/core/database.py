"""Sessions and their transactions. Only this module opens one, and only it commits."""

import importlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated, TypeVar
from uuid import UUID

import anyio.to_thread
from anyio import CapacityLimiter, WouldBlock
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, Table, delete, event, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction

from backend.core.engine import make_engine
from backend.core.logs import log
from backend.core.models import OWNER_COLUMN, OWNER_TABLE
from backend.core.settings import MAIN_DATABASE, database_setting
from backend.core.writes import SAFE_METHODS, Writes

# anyio imports this at its first use: 11 ms that the first request would pay.
importlib.import_module("anyio._backends._asyncio")

Result = TypeVar("Result")

MOST_SQLITE_READERS = 4
"""More do not read faster, and take the interpreter's lock from the one who writes."""
_REMOVED_OWNERS = "removed owners"


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
    """A session that holds its request's preconditions.

    Attributes:
        access: what is known of the request's sender.
        database: where it works.
    """

    def __init__(self, bind: Engine, access: RequestAccess, database: "Database") -> None:
        super().__init__(bind, expire_on_commit=False)
        self.access = access
        self.database = database

    @contextmanager
    def looking_into(self, database: str) -> Iterator[Session]:
        """A session that reads in the database of this name; in its own it is this one."""
        if database == self.database.name:
            yield self
            return
        with Session(self.database.siblings[database].visitors) as session:
            yield session


@event.listens_for(RequestSession, "after_begin")
def _hold_preconditions(
    session: RequestSession, _transaction: SessionTransaction, connection: Connection
) -> None:
    if not session.access.preconditions:
        return
    with session.database.main_connection(connection) as main:
        for precondition in session.access.preconditions:
            precondition(main)


@event.listens_for(RequestSession, "after_flush")
def _note_removed_owners(session: RequestSession, _context: UOWTransaction) -> None:
    for row in session.deleted:
        if inspect(row).mapper.local_table.name == OWNER_TABLE:
            session.info.setdefault(_REMOVED_OWNERS, []).append(row.id)


@event.listens_for(RequestSession, "before_commit")
def _remove_rows_elsewhere(session: RequestSession) -> None:
    """Remove first what is in other databases: what fails then keeps the owner, who asks again."""
    for owner_id in session.info.get(_REMOVED_OWNERS, ()):
        session.database.remove_rows_elsewhere(owner_id)


@event.listens_for(RequestSession, "after_commit")
def _remove_late_rows_elsewhere(session: RequestSession) -> None:
    """Remove what requests have added there that began while the owner was still known."""
    for owner_id in session.info.pop(_REMOVED_OWNERS, ()):
        try:
            session.database.remove_rows_elsewhere(owner_id)
        except SQLAlchemyError:
            log.warning("rows_of_removed_owner_may_be_left", owner_id=str(owner_id))


class Database:
    """One database: its engine, and as many threads as its pool has connections.

    Requests wait for a thread and never hold a connection while they do. On SQLite one writer
    runs at a time: the others wait here in order instead of in SQLite's busy handler. At most
    `MOST_SQLITE_READERS` run beside it.

    Args:
        url: where it is.
        pool_size: its connections.
        name: empty for the main one.
        siblings: all databases of the application by name, also this one, where there are others.
        owned_tables: gives the tables whose rows have an owner, referring ones first, where the
            owners are in another database.
        writes: counts those that it carries out; None to count none.

    Attributes:
        visitors: an engine for short work by requests that hold a connection of another database
            already. They never wait for a connection here, as two that did for each other's
            would for ever.

    Raises:
        SettingsError: the URL cannot be used.
    """

    def __init__(
        self,
        url: str,
        pool_size: int,
        name: str = MAIN_DATABASE,
        siblings: "Mapping[str, Database] | None" = None,
        owned_tables: Callable[[], Iterable[Table]] = tuple,
        *,
        writes: Writes | None = None,
    ) -> None:
        setting = database_setting(name)
        self.name = name
        self.siblings = {name: self} if siblings is None else siblings
        self.engine = make_engine(url, pool_size, setting=setting)
        self.visitors = self.engine
        if siblings is not None:
            self.visitors = make_engine(url, 1, setting=setting, overflow=-1)
        self._owned_tables = owned_tables
        self._writes = writes
        self._writing = self.engine.execution_options(sqlite_begin="IMMEDIATE")
        if self.engine.dialect.name == "sqlite":
            self._threads = _Threads(max(1, min(MOST_SQLITE_READERS, pool_size - 1)))
            self._writer_threads = _Threads(1)
        else:
            self._threads = self._writer_threads = _Threads(pool_size)

    def session(self, access: RequestAccess, *, writing: bool) -> RequestSession:
        """A new session. It connects at its first statement; the caller closes it."""
        return RequestSession(self._writing if writing else self.engine, access, self)

    @contextmanager
    def main_connection(self, own: Connection) -> Iterator[Connection]:
        """A connection of the main database that reads: if this is the main one, `own`."""
        if self.name == MAIN_DATABASE:
            yield own
            return
        with self.siblings[MAIN_DATABASE].visitors.connect() as connection:
            yield connection

    def remove_rows_elsewhere(self, owner_id: UUID) -> None:
        """Delete all rows of an owner in every other database.

        Raises:
            DBAPIError: one of them cannot do it; those before it have.
        """
        for database in self.siblings.values():
            if database is not self:
                database.remove_rows_of(owner_id)

    def remove_rows_of(self, owner_id: UUID) -> None:
        """Delete all rows of an owner here, in a transaction of its own.

        Raises:
            DBAPIError: it cannot be done, and nothing was deleted.
        """
        with self.visitors.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            for table in self._owned_tables():
                connection.execute(delete(table).where(table.c[OWNER_COLUMN] == owner_id))

    @asynccontextmanager
    async def turn_to_write(self) -> AsyncIterator[None]:
        """Take the place of a thread that writes; on SQLite there is one."""
        limiter = self._writer_threads.limiter()
        try:
            # Unlike `acquire` it does not wait for the event loop where the place is free.
            limiter.acquire_nowait()
        except WouldBlock:
            await limiter.acquire()
        try:
            yield
        finally:
            limiter.release()

    async def run(self, work: Callable[[], Result], *, writing: bool) -> Result:
        """Run `work` on one of the database's threads and give back what it returns."""
        threads = self._writer_threads if writing else self._threads
        result = anyio.to_thread.run_sync(work, limiter=threads.limiter())
        if writing and self._writes is not None:
            return await self._writes.carry_out(result)
        return await result

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()
        self.visitors.dispose()


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


# What follows is asked for with plain calls where it can be: FastAPI keeps a dependency's whole
# tree once more for each place in each route.
def access_of(request: Request) -> RequestAccess:
    """What is known of the request's sender; the same object for all who ask."""
    access: RequestAccess | None = getattr(request.state, "access", None)
    if access is None:
        access = request.state.access = RequestAccess()
    return access


def session_of_request(request: Request, database: Database | None = None) -> RequestSession:
    """The request's one session; it is made when it is first asked for.

    Args:
        request: whose session it is.
        database: where it works; the application's main one by default.

    Raises:
        RuntimeError: there is one already, in another database.
    """
    if database is None:
        database = request.app.state.database
    session: RequestSession | None = getattr(request.state, "session", None)
    if session is None:
        writing = request.method not in SAFE_METHODS
        session = database.session(access_of(request), writing=writing)
        request.state.session = session
    elif session.database is not database:
        raise RuntimeError("An endpoint works in one database: it takes one kind of session.")
    return session


async def get_db(request: Request) -> RequestSession:
    """The request's one session, the same for all who ask.

    It commits when the endpoint has returned; see `backend.core.hop`.
    """
    return session_of_request(request)


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


async def get_transactions(request: Request) -> Transactions:
    """Transactions that hold the request's preconditions."""
    return Transactions(request.app.state.database, access_of(request))


CurrentTransactions = Annotated[Transactions, Depends(get_transactions)]
DbSession = Annotated[RequestSession, Depends(get_db)]
