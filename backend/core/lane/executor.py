"""What the lane asks of a database, and what the executors of both databases share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Insert, Select, UpdateBase
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from backend.core.writes import Writes

Values = Mapping[str, Any]
Writer = Callable[[Any], Any]
"""Makes of a value, which may be None, what the driver takes."""
Query = Select[*tuple[Any, ...]] | UpdateBase
Row = Sequence[bytes | None]


class Refused(Exception):
    """The database did not carry the statement out, and nothing has changed.

    The plain form may try the request again, and will say what is wrong with it.
    """


class Statement:
    """A statement that SQLAlchemy has compiled once, with the order of its parameters.

    Args:
        query: with a parameter for each value that a request gives.
        dialect: of the database.
        writer_of: how the driver is given the values of a type; None if it takes them as they are.
        reads_one: whether it finds one row by its key.

    Attributes:
        sql: as the driver takes it.
        writes: whether it changes rows.
        is_small: whether it takes so little that others of its kind can be sent along with it.
        alone_until: until when, by the loop's clock, it is sent alone all the same.
        name: of the prepared statement; the same for the same SQL.
    """

    def __init__(
        self,
        query: Query,
        dialect: Dialect,
        writer_of: Callable[[TypeEngine[Any], Dialect], Writer | None],
        *,
        reads_one: bool,
    ) -> None:
        compiled = query.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("Only SELECT, INSERT, UPDATE and DELETE run on the lane.")
        self.sql = compiled.string
        self.bytes = self.sql.encode()
        self.writes = not query.is_select
        self.is_small = reads_one or isinstance(query, Insert)
        self.alone_until = 0.0
        self.name = b"lane_" + sha256(self.bytes).hexdigest()[:32].encode()
        constants = compiled.params
        self._parameters: list[tuple[str, Writer | None, Any]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            self._parameters.append((bind.key, writer_of(bind.type, dialect), constants.get(name)))

    def arguments(self, values: Values) -> list[Any]:
        """The values by position, as the driver takes them."""
        return [
            values.get(name, constant) if write is None else write(values.get(name, constant))
            for name, write, constant in self._parameters
        ]


class Executor(Protocol):
    """Runs one statement at a time, each a transaction of its own.

    All columns of its statements are text; they come as the bytes of UTF-8.
    """

    @property
    def dialect(self) -> Dialect:
        """How its statements are compiled."""
        ...

    def statement(self, query: Query, *, reads_one: bool = False) -> Statement:
        """A query as a statement of this database; `reads_one` if it finds one row by its key."""
        ...

    def fetch(self, statement: Statement, values: Values) -> Awaitable[Sequence[Row]]:
        """Run a statement and give back its rows; what it has changed is committed.

        Raises:
            Refused: nothing has changed, and the plain form may try.
            DatabaseUnavailable: it is not known whether something has changed, or it is of no
                use to try again.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class CountedExecutor:
    """An executor whose writes are counted while they are under way."""

    def __init__(self, executor: Executor, writes: Writes) -> None:
        self.dialect = executor.dialect
        self.statement = executor.statement
        self.close = executor.close
        self._fetch = executor.fetch
        self._writes = writes

    def fetch(self, statement: Statement, values: Values) -> Awaitable[Sequence[Row]]:
        """See `Executor.fetch`."""
        rows = self._fetch(statement, values)
        return self._writes.carry_out(rows) if statement.writes else rows
