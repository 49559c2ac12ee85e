"""What becomes of login sessions in the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.user_sessions.models import UserSession
from tests.clients import registered


def sessions_in(app: FastAPI) -> set[UUID]:
    with Session(app.state.database.engine) as db:
        return set(db.scalars(select(UserSession.id)))


def test_a_login_forgets_the_users_expired_sessions_and_no_others(app: FastAPI) -> None:
    alice = registered(app)
    alice.log_in(alice.email)
    expired = sessions_in(app)
    bob = registered(app)
    of_bob = sessions_in(app) - expired
    with app.state.database.engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(UserSession).values(expires_at=past))
    assert len(expired) == 2
    alice.log_in(alice.email)
    first = sessions_in(app) - of_bob
    assert len(first) == 1
    assert not first & expired
    assert of_bob <= sessions_in(app)
    alice.log_in(alice.email)
    assert len(sessions_in(app) - of_bob) == 2
    assert bob.get("/users/me").status_code == 401
