"""What is done when a transaction has been committed, and not if it never is."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

_WORK: Final = "once committed"


def once_committed(session: Session, work: Callable[[], None]) -> None:
    """Do `work`, which must not fail, when the session's transaction is committed, or never.

    It belongs to the transaction as a whole: also where a savepoint around it is rolled back, it is
    done at the commit.
    """
    session.info.setdefault(_WORK, []).append(work)


@event.listens_for(Session, "after_commit")
def _do(session: Session) -> None:
    # It is also called when a savepoint is released, of which all may yet be rolled back.
    if session.in_nested_transaction():
        return
    for work in session.info.pop(_WORK, ()):
        work()


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WORK, None)
