"""`jedgebot demo`: a user with two portfolios to look around with."""

from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.orm import Session

from backend.core.passwords import PasswordHasher
from backend.core.settings import load_settings
from backend.portfolios import services as portfolios
from backend.portfolios.schemas import PortfolioCreate
from backend.user_profiles import services as user_profiles
from backend.user_profiles.schemas import UserProfileCreate
from backend.users import services as users
from backend.users.models import User
from jedgebot import console
from jedgebot.database import transaction
from jedgebot.errors import Failure
from jedgebot.paths import PROJECT_ROOT

EMAIL = "demo@example.com"
PASSWORD = "correct horse battery staple"  # noqa: S105 - the README tells everybody
FILES = PROJECT_ROOT / "jedgebot" / "demo_data"
PORTFOLIOS = {
    "long_term.csv": PortfolioCreate(name="Demo", base_currency="EUR"),
    "short_sales.csv": PortfolioCreate(
        name="Short sales", base_currency="USD", cost_basis_method="average", allow_short=True
    ),
}
"""The portfolios, by the files that they are made of."""


def demo() -> None:
    """Add demo data: a user whose password the README tells, with a profile and two portfolios.

    What is there already stays as it is.

    Example: jedgebot demo
    """
    settings = load_settings()
    if settings.environment == "production":
        raise Failure(
            "demo data has a public password and does not belong into production.",
            "Unset JEDGEBOT_ENVIRONMENT, or register a user with POST /users.",
        )
    with transaction(settings) as db:
        found = users.find_by_email(db, EMAIL)
        user = found or _new_user(db)
        for file, portfolio in PORTFOLIOS.items():
            if portfolios.find_by_name(db, user.id, portfolio.name) is None:
                _add_portfolio(db, user.id, portfolio, file)
    console.out("Demo user:" if found else "Demo user added:")
    console.out(f"  e-mail      {EMAIL}")
    console.out(f"  password    {PASSWORD}")
    console.out(f"  portfolios  {', '.join(one.name for one in PORTFOLIOS.values())}")


def _new_user(db: Session) -> User:
    hasher = PasswordHasher(threads=1, queue=0)
    user = users.register(db, EMAIL, hasher.hash_now(SecretStr(PASSWORD)))
    profile = UserProfileCreate(
        username="demo", display_name="Demo Trader", timezone="Europe/Zurich"
    )
    user_profiles.create(db, user.id, profile)
    return user


def _add_portfolio(db: Session, owner_id: UUID, new: PortfolioCreate, file: str) -> None:
    # Later starts do without it.
    from backend.transactions.services import imports  # noqa: PLC0415 - see above

    portfolio = portfolios.create(db, owner_id, new)
    with (FILES / file).open("rb") as content:
        imports.import_file(
            db, owner_id, portfolio.id, content, imports.Layout(), dry_run=False, whole=True
        )
