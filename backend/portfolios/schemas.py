"""Bodies of requests and responses about portfolios."""

from typing import Annotated

from pydantic import MISSING, AfterValidator, StrictBool, StringConstraints

from backend.core.schemas import ANY_CASE, CurrencyCode, RequestSchema, VersionedRead
from backend.ledger.faults import whole_currency
from backend.portfolios.models import CostBasisMethod

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
BaseCurrency = Annotated[CurrencyCode, AfterValidator(whole_currency)]
Method = Annotated[CostBasisMethod, ANY_CASE]


class PortfolioCreate(RequestSchema):
    """A new portfolio."""

    name: Name
    base_currency: BaseCurrency
    cost_basis_method: Method = "fifo"
    allow_short: StrictBool = False


class PortfolioChange(RequestSchema):
    """Changes to a portfolio; what is absent stays as it is."""

    name: Name | MISSING = MISSING
    base_currency: BaseCurrency | MISSING = MISSING
    cost_basis_method: Method | MISSING = MISSING
    allow_short: StrictBool | MISSING = MISSING


class PortfolioRead(VersionedRead):
    """A portfolio."""

    name: str
    base_currency: str
    cost_basis_method: CostBasisMethod
    allow_short: bool
