"""What a user may do with portfolios."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from backend.portfolios import queries
from backend.portfolios.models import Portfolio
from backend.portfolios.schemas import PortfolioChange, PortfolioCreate, PortfolioRead

MISSING = "You own no portfolio with this id."

create = Create(Portfolio, PortfolioCreate, PortfolioRead)
browse = Browse(queries.ALL, PortfolioRead, filter_by=("name",), sort_by=("name",))
get = Get(queries.ONE, PortfolioRead, MISSING)
change = Change(queries.ONE, PortfolioChange, PortfolioRead, MISSING)
remove = Remove(queries.ONE, MISSING)
