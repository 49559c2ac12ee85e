"""What the lane asks of a database, and what the executors of both databases share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Insert, Select, UpdateBase
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from backend.core.writes import Writes

Values = Mapping[str, Any]
Row = Sequence[bytes | None]


class Refused(Exception):
    """The database did not carry the statement out, and nothing has changed.

    The plain form may try the request again, and will say what is wrong with it.
    """


class Statement:
    """A statement that SQLAlchemy has compiled once, with the order of its parameters.

    Attributes:
        sql: as the driver takes it.
        writes: whether it changes rows.
        inserts: whether it only adds rows.
        name: of the prepared statement; the same for the same SQL.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("Only SELECT, INSERT, UPDATE and DELETE run on the lane.")
        self.sql = compiled.string
        self.bytes = self.sql.encode()
        self.writes = not statement.is_select
        self.inserts = isinstance(statement, Insert)
        self.name = b"lane_" + sha256(self.bytes).hexdigest()[:32].encode()
        constants = compiled.params
        self._parameters: list[tuple[str, Callable[[Any], Any] | None, Any]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            self._parameters.append((bind.key, processor, constants.get(name)))

    def arguments(self, values: Values) -> list[Any]:
        """The values by position, as the driver takes them."""
        arguments = []
        for name, process, constant in self._parameters:
            value = values.get(name, constant)
            arguments.append(value if process is None else process(value))
        return arguments


class Executor(Protocol):
    """Runs one statement at a time, each a transaction of its own.

    All columns of its statements are text; they come as the bytes of UTF-8.
    """

    @property
    def dialect(self) -> Dialect:
        """How its statements are compiled."""
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
        self.close = executor.close
        self._fetch = executor.fetch
        self._writes = writes

    def fetch(self, statement: Statement, values: Values) -> Awaitable[Sequence[Row]]:
        """See `Executor.fetch`."""
        rows = self._fetch(statement, values)
        return self._writes.carry_out(rows) if statement.writes else rows
