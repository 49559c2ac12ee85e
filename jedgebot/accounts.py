"""Users and portfolios by the names that a command line has for them."""

from sqlalchemy.orm import Session

from backend.portfolios import services as portfolios
from backend.portfolios.models import Portfolio
from backend.users import services as users
from jedgebot.errors import Misuse
from jedgebot.spec.suggestions import nearest_or_all


def portfolio_of(db: Session, email: str, name: str) -> Portfolio:
    """The portfolio of this name, in any case, of the user with this e-mail address.

    Raises:
        Misuse: there is no such user, or they have no such portfolio.
    """
    user = users.find_by_email(db, email)
    if user is None:
        raise Misuse(
            f'there is no user "{email}".', "Name the e-mail address that they log in with."
        )
    portfolio = portfolios.find_by_name(db, user.id, name)
    if portfolio is None:
        names = portfolios.names(db, user.id)
        raise Misuse(
            f'{user.email} has no portfolio "{name}".',
            nearest_or_all(name, names, "There are")
            if names
            else "They have none yet: make one with POST /portfolios.",
        )
    return portfolio
