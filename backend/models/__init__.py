"""The metadata scope: every table's model is imported here, once."""

from backend.core.idempotency import IdempotencyKey
from backend.core.models import Base
from backend.portfolios.models import Portfolio
from backend.transactions.models import Transaction
from backend.user_profiles.models import UserProfile
from backend.user_sessions.models import UserSession
from backend.users.models import User

__all__ = [
    "IdempotencyKey",
    "Portfolio",
    "Transaction",
    "User",
    "UserProfile",
    "UserSession",
    "metadata",
]

metadata = Base.metadata
