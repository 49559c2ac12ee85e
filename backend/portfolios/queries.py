"""The statements about portfolios, and those that their operations start from."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.core.statements import OWNER, ROW
from backend.portfolios.models import Portfolio

ALL = select(Portfolio).where(Portfolio.user_id == OWNER)
ONE = ALL.where(Portfolio.id == ROW)


def one_named(db: Session, owner_id: UUID, name: str) -> Portfolio | None:
    """The owner's portfolio of this name, in the case that the unique index takes for equal."""
    return db.scalar(
        ALL.where(func.lower(Portfolio.name) == func.lower(name)), {OWNER.key: owner_id}
    )


def first_names(db: Session, owner_id: UUID, most: int) -> list[str]:
    """The names of the owner's portfolios, in alphabetical order, at most so many."""
    names = ALL.with_only_columns(Portfolio.name).order_by(Portfolio.name).limit(most)
    return list(db.scalars(names, {OWNER.key: owner_id}))


def history_id(db: Session, owner_id: UUID, portfolio_id: UUID) -> UUID | None:
    """The history that a portfolio's transactions have now."""
    return db.scalar(
        select(Portfolio.history_id).where(
            Portfolio.user_id == owner_id, Portfolio.id == portfolio_id
        )
    )


def set_history_id(db: Session, owner_id: UUID, portfolio_id: UUID, history_id: UUID) -> None:
    """Name another history; the row is otherwise as it was, and keeps its version."""
    db.execute(
        update(Portfolio)
        .where(Portfolio.user_id == owner_id, Portfolio.id == portfolio_id)
        # Or else it would be the instant of this statement.
        .values(history_id=history_id, updated_at=Portfolio.updated_at)
        .execution_options(synchronize_session=False)
    )
