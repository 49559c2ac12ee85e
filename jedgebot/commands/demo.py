"""`jedgebot demo`: a user to look around with."""

from pydantic import SecretStr
from sqlalchemy.orm import Session

from backend.core.engine import make_engine
from backend.core.passwords import PasswordHasher
from backend.core.settings import load_settings
from backend.user_profiles import services as user_profiles
from backend.user_profiles.schemas import UserProfileCreate
from backend.users import services as users
from jedgebot import console
from jedgebot.errors import Failure
from jedgebot.readiness import require_at_head

EMAIL = "demo@example.com"
PASSWORD = "correct horse battery staple"  # noqa: S105 - the README tells everybody


def demo() -> None:
    """Add demo data: a user with a profile, whose password the README tells.

    What is there already stays as it is.

    Example: jedgebot demo
    """
    settings = load_settings()
    if settings.environment == "production":
        raise Failure(
            "demo data has a public password and does not belong into production.",
            "Unset JEDGEBOT_ENVIRONMENT, or register a user with POST /users.",
        )
    require_at_head(settings)
    engine = make_engine(settings.database_url)
    try:
        with Session(engine) as db, db.begin():
            added = _add_user(db)
    finally:
        engine.dispose()
    console.out("Demo user added:" if added else "Demo user:")
    console.out(f"  e-mail    {EMAIL}")
    console.out(f"  password  {PASSWORD}")


def _add_user(db: Session) -> bool:
    if users.find_by_email(db, EMAIL) is not None:
        return False
    hasher = PasswordHasher(threads=1, queue=0)
    user = users.register(db, EMAIL, hasher.hash_now(SecretStr(PASSWORD)))
    profile = UserProfileCreate(
        username="demo", display_name="Demo Trader", timezone="Europe/Zurich"
    )
    user_profiles.create(db, user.id, profile)
    return True
