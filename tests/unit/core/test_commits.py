"""Work that waits for a transaction's commit is done then, and only then."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.commits import once_committed
from backend.core.engine import make_engine


@pytest.fixture
def db(database_url: str) -> Iterator[Session]:
    engine = make_engine(database_url)
    with Session(engine) as session:
        session.execute(text("SELECT 1"))
        yield session
    engine.dispose()


def test_work_is_done_once_when_the_transaction_is_committed(db: Session) -> None:
    done: list[str] = []
    once_committed(db, partial(done.append, "first"))
    once_committed(db, partial(done.append, "second"))
    assert not done
    db.commit()
    assert done == ["first", "second"]
    db.execute(text("SELECT 1"))
    db.commit()
    assert done == ["first", "second"]


@pytest.mark.parametrize("end", [Session.rollback, Session.close])
def test_work_is_never_done_when_the_transaction_ends_otherwise(db: Session, end: object) -> None:
    done: list[str] = []
    once_committed(db, partial(done.append, "work"))
    assert callable(end)
    end(db)
    db.execute(text("SELECT 1"))
    db.commit()
    assert not done


def test_a_savepoint_commits_nothing(db: Session) -> None:
    done: list[str] = []
    with db.begin_nested():
        once_committed(db, partial(done.append, "work"))
    assert not done
    db.commit()
    assert done == ["work"]
