"""Keyset paging over rows of an owned table, on both databases."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database import make_engine
from backend.core.errors import Unprocessable
from backend.core.models import utc_now
from backend.core.paging import PageRequest, page_of
from backend.user_sessions.models import UserSession
from backend.users.models import User


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
    for _ in range(count):
        db.add(UserSession(user_id=user.id, refresh_token_id=uuid4(), expires_at=utc_now()))
        db.flush()
    return user.id


@pytest.mark.parametrize(
    ("rows", "limit", "pages"), [(0, 3, 1), (1, 3, 1), (3, 3, 1), (4, 3, 2), (7, 1, 7), (7, 500, 1)]
)
def test_pages_hold_each_row_once_in_order(db: Session, rows: int, limit: int, pages: int) -> None:
    owner_id = add_rows(db, rows)
    add_rows(db, 2)
    owned = select(UserSession).where(UserSession.user_id == owner_id)
    read: list[UUID] = []
    cursor: str | None = None
    for page_number in range(1, pages + 1):
        page = page_of(db, owned, UserSession.id, PageRequest(limit=limit, cursor=cursor))
        read += [row.id for row in page.items]
        cursor = page.next_cursor
        assert (cursor is None) == (page_number == pages)
    created = db.scalars(owned.order_by(UserSession.created_at)).all()
    assert read == [row.id for row in created]


def test_a_row_added_between_two_pages_comes_last(db: Session) -> None:
    owner_id = add_rows(db, 2)
    owned = select(UserSession).where(UserSession.user_id == owner_id)
    first = page_of(db, owned, UserSession.id, PageRequest(limit=1))
    late = UserSession(user_id=owner_id, refresh_token_id=uuid4(), expires_at=utc_now())
    db.add(late)
    db.flush()
    rest = page_of(db, owned, UserSession.id, PageRequest(cursor=first.next_cursor))
    assert [row.id for row in rest.items][-1] == late.id
    assert len(rest.items) == 2


@pytest.mark.parametrize(
    "cursor", ["", "!!!", "%00", "AAAA", "é" * 22, "A" * 21, "A" * 23, "A" * 99]
)
def test_a_cursor_that_no_page_gave_is_refused(db: Session, cursor: str) -> None:
    owned = select(UserSession)
    with pytest.raises(Unprocessable):
        page_of(db, owned, UserSession.id, PageRequest(cursor=cursor))
