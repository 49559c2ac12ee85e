"""Keyset paging over rows of an owned table, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database import make_engine
from backend.core.errors import Unprocessable
from backend.core.listing import ListRequest, SortKey
from backend.core.models import utc_now
from backend.core.paging import page_of
from backend.user_sessions.models import UserSession
from backend.users.models import User

INSTANTS = TypeAdapter(datetime)
SORTS = {
    None: None,
    "expires_at": SortKey("expires_at", "expires_at", descending=False, adapter=INSTANTS),
    "-expires_at": SortKey("expires_at", "expires_at", descending=True, adapter=INSTANTS),
}


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


def read_all(db: Session, owner_id: UUID, wanted: ListRequest) -> list[list[UserSession]]:
    """Every page, from the first to the last."""
    owned = select(UserSession).where(UserSession.user_id == owner_id)
    pages = []
    while True:
        page = page_of(db, owned, UserSession, wanted)
        pages.append(list(page.items))
        if page.next_cursor is None:
            return pages
        wanted = replace(wanted, cursor=page.next_cursor)


@pytest.mark.parametrize(
    ("rows", "limit", "pages"), [(0, 3, 1), (1, 3, 1), (3, 3, 1), (4, 3, 2), (7, 1, 7), (7, 500, 1)]
)
@pytest.mark.parametrize("sort", [None, "expires_at", "-expires_at"])
def test_pages_hold_each_row_once_in_order(
    db: Session, rows: int, limit: int, pages: int, sort: str | None
) -> None:
    owner_id = add_rows(db, rows)
    add_rows(db, 2)
    read = read_all(db, owner_id, ListRequest(limit=limit, sort=SORTS[sort]))
    assert len(read) == pages
    found = [row for page in read for row in page]
    stored = db.scalars(select(UserSession).where(UserSession.user_id == owner_id)).all()
    by_id = sorted(stored, key=lambda row: row.id)
    if sort is not None:
        by_id.sort(key=lambda row: row.expires_at, reverse=sort.startswith("-"))
    assert [row.id for row in found] == [row.id for row in by_id]


def test_a_row_added_between_two_pages_comes_last(db: Session) -> None:
    owner_id = add_rows(db, 2)
    owned = select(UserSession).where(UserSession.user_id == owner_id)
    first = page_of(db, owned, UserSession, ListRequest(limit=1))
    late = UserSession(user_id=owner_id, refresh_token_id=uuid4(), expires_at=utc_now())
    db.add(late)
    db.flush()
    rest = page_of(db, owned, UserSession, ListRequest(cursor=first.next_cursor))
    assert [row.id for row in rest.items][-1] == late.id
    assert len(rest.items) == 2


CURSORS = ["", "!!!", "%00", "AAAA", "é" * 22, "A" * 21, "A" * 99, "W10", "bnVsbA", "WyJ4Il0"]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("sort", [None, "expires_at"])
def test_a_cursor_that_no_page_gave_is_refused(db: Session, cursor: str, sort: str | None) -> None:
    with pytest.raises(Unprocessable):
        page_of(db, select(UserSession), UserSession, ListRequest(cursor=cursor, sort=SORTS[sort]))


@pytest.mark.parametrize(("sort", "other"), [(None, "expires_at"), ("expires_at", "-expires_at")])
def test_a_cursor_of_another_order_is_refused(db: Session, sort: str | None, other: str) -> None:
    owned = select(UserSession).where(UserSession.user_id == add_rows(db, 2))
    page = page_of(db, owned, UserSession, ListRequest(limit=1, sort=SORTS[sort]))
    for first, second in ((sort, other), (other, sort)):
        page = page_of(db, owned, UserSession, ListRequest(limit=1, sort=SORTS[first]))
        wanted = ListRequest(cursor=page.next_cursor, sort=SORTS[second])
        with pytest.raises(Unprocessable):
            page_of(db, owned, UserSession, wanted)
