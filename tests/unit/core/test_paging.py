"""Keyset paging over rows of an owned table, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.engine import make_engine
from backend.core.errors import Unprocessable
from backend.core.listing import ListParameters
from backend.core.models import utc_now
from backend.core.paging import PagedRows, page_of
from backend.core.schemas import Instant, VersionedRead
from backend.core.statements import OWNER
from backend.user_sessions.models import UserSession
from backend.users.models import User


class SessionRead(VersionedRead):
    """What a list of login sessions would answer."""

    expires_at: Instant


PARAMETERS = ListParameters(SessionRead, sort_by=("expires_at",))
OWNED = select(UserSession).where(UserSession.user_id == OWNER)


@pytest.fixture
def db(database_url: str) -> Iterator[Session]:
    engine = make_engine(database_url)
    with Session(engine) as db:
        yield db
    engine.dispose()


def add_rows(db: Session, count: int) -> UUID:
    user = User(id=uuid4(), email=f"{uuid4()}@example.com", password_hash="x")
    db.add(user)
    db.flush()
    now = utc_now()
    for number in range(count):
        # Some are equal, so that their ids decide.
        expires_at = now + timedelta(days=number * 5 % 3)
        db.add(UserSession(user_id=user.id, refresh_token_id=uuid4(), expires_at=expires_at))
        db.flush()
    return user.id


def read_page(
    db: Session, owner_id: UUID, sort: str | None, limit: int, cursor: str | None = None
) -> PagedRows[UserSession]:
    sent = {"limit": limit, "sort": sort, "cursor": cursor}
    query = "&".join(f"{name}={value}" for name, value in sent.items() if value is not None)
    return page_of(db, OWNED, UserSession, PARAMETERS.parse(query.encode()), owner_id)


def read_all(
    db: Session, owner_id: UUID, sort: str | None, limit: int
) -> Iterator[list[UserSession]]:
    """Every page, from the first to the last."""
    cursor = None
    for _ in range(10):
        page = read_page(db, owner_id, sort, limit, cursor)
        yield list(page.items)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
    pytest.fail("There are more pages than rows.")


@pytest.mark.parametrize(
    ("rows", "limit", "pages"), [(0, 3, 1), (1, 3, 1), (3, 3, 1), (4, 3, 2), (7, 1, 7), (7, 500, 1)]
)
@pytest.mark.parametrize("sort", [None, "expires_at", "-expires_at", "-created_at"])
def test_pages_hold_each_row_once_in_order(
    db: Session, rows: int, limit: int, pages: int, sort: str | None
) -> None:
    owner_id = add_rows(db, rows)
    add_rows(db, 2)
    read = list(read_all(db, owner_id, sort, limit))
    assert len(read) == pages
    found = [row for page in read for row in page]
    stored = db.scalars(OWNED, {"owner_id": owner_id}).all()
    assert len(stored) == rows
    expected = sorted(stored, key=lambda row: row.id, reverse=sort == "-created_at")
    if sort in ("expires_at", "-expires_at"):
        expected.sort(key=lambda row: row.expires_at, reverse=sort.startswith("-"))
    assert [row.id for row in found] == [row.id for row in expected]


def test_a_row_added_between_two_pages_comes_last(db: Session) -> None:
    owner_id = add_rows(db, 2)
    first = read_page(db, owner_id, None, 1)
    late = UserSession(user_id=owner_id, refresh_token_id=uuid4(), expires_at=utc_now())
    db.add(late)
    db.flush()
    rest = read_page(db, owner_id, None, 50, first.next_cursor)
    assert [row.id for row in rest.items][-1] == late.id
    assert len(rest.items) == 2


CURSORS = [
    *("", "!!!", "\x00", "AAAA", "é" * 22, "A" * 21, "A" * 99, "W10", "bnVsbA", "WyJ4Il0"),
    "W" * 8001,
    # A number for an id, a place without its value, one whose value is of another type.
    *("WzFd", "WyIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCIsImV4cGlyZXNfYXQiXQ"),
    "WyIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCIsImV4cGlyZXNfYXQiLDFd",
]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("sort", ["", "sort=expires_at&"])
def test_a_cursor_that_no_page_gave_is_refused(cursor: str, sort: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        PARAMETERS.parse(f"{sort}cursor={quote(cursor)}".encode())
    assert [error.pointer for error in refused.value.errors or ()] == ["query/cursor"]


@pytest.mark.parametrize(
    ("sort", "other"),
    [(None, "expires_at"), ("expires_at", "-expires_at"), ("created_at", "-created_at")],
)
def test_a_cursor_of_another_order_is_refused(db: Session, sort: str | None, other: str) -> None:
    owner_id = add_rows(db, 2)
    for first, second in ((sort, other), (other, sort)):
        page = read_page(db, owner_id, first, 1)
        assert page.next_cursor is not None
        assert len(read_page(db, owner_id, first, 1, page.next_cursor).items) == 1
        with pytest.raises(Unprocessable):
            read_page(db, owner_id, second, 1, page.next_cursor)
