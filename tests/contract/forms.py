"""One application in both forms: each request goes to both, and their answers are compared."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import ColumnDefault, Engine, MetaData, Table, delete, insert, select

from backend.core.application import new_application
from backend.core.declared import LaneAttempt
from backend.core.declared_routes import outlines_of
from backend.core.modules import Module
from backend.core.operations import Operation
from backend.core.settings import Settings
from backend.core.tokens import Claims
from backend.main import MODULES
from backend.models import metadata
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.clients import running
from tests.contract.tables import ContractBase
from tests.contract.wire import Answer, Headers, Request, answer_of

# Those that others refer to come first, while they have few rows to page through.
CONTRACT_MODULES = (
    Module("tests.contract.venues", prefix="/venues"),
    Module("benchmarks.ours.fills", prefix="/fills"),
    Module("tests.contract.cabinets", prefix="/cabinets"),
    Module("tests.contract.links", prefix="/links"),
    Module("tests.contract.memos", prefix="/memos"),
    Module("tests.contract.notices", prefix="/notices"),
    Module("tests.contract.specimens", prefix="/specimens"),
    Module("tests.contract.ticks", prefix="/ticks"),
)
_MADE = ("id", "created_at", "updated_at")
_UNCOMPARED = ("idempotency_keys", "user_sessions")
_MICROSECONDS = (0, 1, 10, 100_000, 120_000, 999_999, 123_456)


class Moment:
    """A clock that stands still during a request, and ids that follow it: both forms get equal."""

    def __init__(self) -> None:
        self._number = 0

    def tick(self) -> None:
        """Go on to the next request."""
        self._number += 1

    def now(self) -> datetime:
        """When the request happens."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
            seconds=self._number, microseconds=_MICROSECONDS[self._number % len(_MICROSECONDS)]
        )

    def row_id(self) -> UUID:
        """The id of the row that the request creates; ids ascend."""
        return UUID(int=(self._number << 80) | (7 << 76) | (2 << 62))


@dataclass(frozen=True)
class Declared:
    """A declared operation as the application serves it."""

    method: str
    path: str
    operation: Operation
    expressible: bool

    def path_of(self, row_id: str) -> str:
        """The path of one row."""
        return "/".join(row_id if "{" in part else part for part in self.path.split("/"))


class Forms:
    """The application on the lane and the same in its plain form, on databases that are equal."""

    def __init__(self, lane: FastAPI, plain: FastAPI, moment: Moment) -> None:
        self.lane = lane
        self.plain = plain
        self.moment = moment
        self._tries: list[bool] = []

    def send(self, request: Request) -> Answer:
        """Send a request to both forms.

        Raises:
            AssertionError: the answers differ.
        """
        self.moment.tick()
        self._tries.clear()
        found = answer_of(self.lane, request)
        by_lane = any(self._tries)
        self._tries.clear()
        expected = answer_of(self.plain, request)
        assert not any(self._tries), "The plain form has no lane."
        assert found == expected, f"{request}\nlane:  {found}\nplain: {expected}"
        return replace(found, by_lane=by_lane)

    def declared(self) -> list[Declared]:
        """Every declared operation that the routers have."""
        lane = self.lane.state.lane
        return [
            Declared(
                method,
                outline.path,
                outline.attempt.operation,
                lane.plan(outline.attempt.operation, SESSION_OWNER) is not None,
            )
            for module in (*MODULES, *CONTRACT_MODULES)
            for outline in (o.under(module.prefix) for o in outlines_of(module.load_router()))
            if isinstance(outline.attempt, LaneAttempt)
            for method in outline.methods or ()
        ]

    def newcomer(self, name: str, *, session_life: timedelta = timedelta(hours=1)) -> "Caller":
        """A new user with a session, the same in both databases."""
        self.moment.tick()
        user_id, session_id = self.moment.row_id(), uuid4()
        expires_at = datetime.now(UTC) + session_life
        tables = metadata.tables
        made = {"created_at": self.moment.now(), "updated_at": self.moment.now(), "version": 1}
        user = {"id": user_id, "email": f"{name}@example.com", "password_hash": "none", **made}
        session = {"user_id": user_id, "id": session_id, "refresh_token_id": uuid4(), **made}
        for engine in self._engines():
            with engine.begin() as connection:
                connection.execute(insert(tables["users"]).values(user))
                connection.execute(
                    insert(tables["user_sessions"]).values(expires_at=expires_at, **session)
                )
        claims = Claims(user_id, session_id, uuid4(), datetime.now(UTC) + timedelta(hours=1))
        return Caller(self, user_id, self.lane.state.token_signer.sign("access", claims))

    def forget_users(self) -> None:
        """Delete all users and what they own."""
        for engine in self._engines():
            with engine.begin() as connection:
                for table in reversed(_tables().sorted_tables):
                    if table.name != "alembic_version":
                        connection.execute(delete(table))

    def assert_equal_rows(self) -> None:
        """Compare what both databases hold."""
        for table in _tables().tables.values():
            if table.name not in _UNCOMPARED:
                found, expected = (_rows(engine, table) for engine in self._engines())
                assert found == expected, f"{table.name}: {found}\nand {expected}"

    def note(self, *, answered: bool) -> None:
        """Remember that the lane was tried, and whether it answered."""
        self._tries.append(answered)

    def _engines(self) -> list[Engine]:
        return [app.state.database.engine for app in (self.lane, self.plain)]


@dataclass(frozen=True)
class Caller:
    """Somebody who sends requests to both forms."""

    forms: Forms
    user_id: UUID
    token: str

    @property
    def authorization(self) -> tuple[bytes, bytes]:
        """The header that says who they are."""
        return b"authorization", f"Bearer {self.token}".encode()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] | None = None,
        headers: Headers = (),
        query: str | bytes = b"",
    ) -> Answer:
        """Send a request, with a body of JSON if there is one."""
        sent = [(b"host", b"test"), self.authorization]
        parts = [body or b""] if body is None or isinstance(body, bytes) else list(body)
        if body is not None:
            sent.append((b"content-length", b"%d" % sum(map(len, parts))))
            if not any(name == b"content-type" for name, _ in headers):
                sent.append((b"content-type", b"application/json"))
        raw_query = query if isinstance(query, bytes) else query.encode()
        return self.forms.send(Request(method, path, [*sent, *headers], parts, raw_query))


@contextmanager
def both_forms(urls: Sequence[str], patch: pytest.MonkeyPatch) -> Iterator[Forms]:
    """The application in both forms, each on its own database at head."""
    with patch.context() as importing:
        # The fills' table is not to be one of the application's.
        importing.setattr("backend.core.models.Base", ContractBase)
        for module in CONTRACT_MODULES:
            module.load_router()
    moment = Moment()
    with ExitStack() as stack:
        stack.callback(_forget_defaults)
        for table in _own_tables():
            for column in table.columns:
                if column.name in _MADE and table.name not in _UNCOMPARED:
                    made = moment.row_id if column.name == "id" else moment.now
                    _set(patch, column.default, made)
                    _set(patch, column.onupdate, made)
        _forget_defaults()
        lane, plain = (
            stack.enter_context(running(_application(url, lane=lane)))
            for url, lane in zip(urls, (True, False), strict=True)
        )
        forms = Forms(lane, plain, moment)
        attempt = LaneAttempt.__call__

        async def watched(self: LaneAttempt, scope: Any, *rest: Any) -> Any:
            left = await attempt(self, scope, *rest)
            forms.note(answered=left is None)
            return left

        patch.setattr(LaneAttempt, "__call__", watched)
        yield forms


def _application(url: str, *, lane: bool) -> FastAPI:
    settings = Settings(
        database_url=url,
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
        lane=lane,
    )
    app = new_application(settings, (*MODULES, *CONTRACT_MODULES))
    app.state.metadata = _tables()
    app.state.metadata.create_all(app.state.database.engine)
    return app


def _tables() -> MetaData:
    """The application's tables and those of the contract."""
    together = MetaData()
    for table in _own_tables():
        table.to_metadata(together)
    return together


def _own_tables() -> list[Table]:
    """The tables themselves, each once; that of the contract's users is none of them."""
    fills: Table = importlib.import_module("benchmarks.ours.fills.models").Fill.__table__
    tables = (*ContractBase.metadata.tables.values(), *metadata.tables.values(), fills)
    return list({table.name: table for table in tables}.values())


def _set(patch: pytest.MonkeyPatch, default: object, made: Callable[[], object]) -> None:
    """Let a column's default be made so."""
    if isinstance(default, ColumnDefault) and default.is_callable:
        patch.setattr(default, "arg", lambda _context: made())


def _forget_defaults() -> None:
    """Let SQLAlchemy read the defaults again; its columns keep what they found."""
    for table in _own_tables():
        for column in table.columns:
            for kept in ("_default_description_tuple", "_onupdate_description_tuple"):
                vars(column).pop(kept, None)


def _rows(engine: Engine, table: Table) -> list[str]:
    with engine.connect() as connection:
        return sorted(repr(tuple(row)) for row in connection.execute(select(table)))
