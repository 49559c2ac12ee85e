"""The statements that the operations on portfolios start from."""

from uuid import UUID

from sqlalchemy import func, select
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
