"""What a user may do with portfolios."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from backend.core.operations import Browse, Change, Create, Get, Remove
from backend.portfolios import queries
from backend.portfolios.models import Portfolio
from backend.portfolios.schemas import PortfolioChange, PortfolioCreate, PortfolioRead

MISSING = "You own no portfolio with this id."
MOST_NAMES = 500
"""Names of portfolios that are listed together."""

create = Create(Portfolio, PortfolioCreate, PortfolioRead)
browse = Browse(queries.ALL, PortfolioRead, filter_by=("name",), sort_by=("name",))
get = Get(queries.ONE, PortfolioRead, MISSING)
change = Change(queries.ONE, PortfolioChange, PortfolioRead, MISSING)
remove = Remove(queries.ONE, MISSING)


def find_by_name(db: Session, owner_id: UUID, name: str) -> Portfolio | None:
    """The owner's portfolio of this name, in any case; None if there is none."""
    return queries.one_named(db, owner_id, name)


def names(db: Session, owner_id: UUID) -> list[str]:
    """The first `MOST_NAMES` names of the owner's portfolios, in alphabetical order."""
    return queries.first_names(db, owner_id, MOST_NAMES)


def history_id(db: Session, owner_id: UUID, portfolio_id: UUID) -> UUID | None:
    """Which history the portfolio's transactions have, as the database has it now.

    While it is the same, transactions were only added after those that there were.
    """
    return queries.history_id(db, owner_id, portfolio_id)


def begin_history(db: Session, owner_id: UUID, portfolio_id: UUID) -> None:
    """Note that transactions change otherwise than by new ones after the last."""
    # Random, so that one that is rolled back never comes again.
    queries.set_history_id(db, owner_id, portfolio_id, uuid4())
