"""What the tests of both executors share: a table, its statements, and an event loop."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

import uvloop
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    UpdateBase,
    bindparam,
    cast,
    func,
    insert,
    select,
)

from backend.core.engine import make_engine
from backend.core.lane.executor import Executor, Row, Statement

Result = TypeVar("Result")
Query: TypeAlias = Select[*tuple[Any, ...]] | UpdateBase

METADATA = MetaData()
NOTES = Table(
    "notes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    # Checked at COMMIT.
    Column("reply_to", Integer, ForeignKey("notes.id", deferrable=True, initially="DEFERRED")),
)
READ = select(NOTES.c.text).where(NOTES.c.id == bindparam("id", type_=Integer))
COUNT = select(cast(func.count(), Text)).select_from(NOTES)
ADD = (
    insert(NOTES)
    .values(id=bindparam("id"), text=bindparam("text"), reply_to=bindparam("reply_to"))
    .returning(cast(NOTES.c.id, Text))
)


def create_notes(url: str) -> None:
    """Make the table."""
    engine = make_engine(url)
    METADATA.create_all(engine)
    engine.dispose()


def run(work: Coroutine[Any, Any, Result], seconds: float = 10) -> Result:
    """Run to the end on the event loop that serves in production; a hang is a failure."""

    async def bounded() -> Result:
        async with asyncio.timeout(seconds):
            return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(bounded())


class Lane:
    """An executor, and statements compiled for it."""

    def __init__(self, executor: Executor, *, reading_one: Iterable[Query] = ()) -> None:
        self.executor = executor
        self._reading_one = {READ, *reading_one}
        self._statements: dict[Query, Statement] = {}

    async def fetch(self, query: Query, **values: Any) -> Sequence[Row]:
        """Run a statement; a parameter that is not named is null."""
        statement = self._statements.get(query)
        if statement is None:
            statement = self.executor.statement(query, reads_one=query in self._reading_one)
            self._statements[query] = statement
        return await self.executor.fetch(statement, values)

    async def value(self, query: Query, **values: Any) -> bytes | None:
        """The one value of the one row."""
        ((value,),) = await self.fetch(query, **values)
        return value

    async def read(self, note_id: int) -> bytes | None:
        """The text of a note."""
        return await self.value(READ, id=note_id)

    async def add(self, note_id: int, text: str = "text", reply_to: int | None = None) -> None:
        """Add a note."""
        added = await self.value(ADD, id=note_id, text=text, reply_to=reply_to)
        assert added == b"%d" % note_id

    async def count(self) -> int:
        """How many notes there are."""
        return int(await self.value(COUNT) or b"")
