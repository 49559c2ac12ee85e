"""The user_sessions table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from backend.core.models import Base, OwnedRecord


class UserSession(OwnedRecord, Base):
    """One login of one user: it lives as long as its row.

    Attributes:
        refresh_token_id: the one refresh token that is good at present.
        expires_at: when the session ends unless it is refreshed (UTC).
    """

    __tablename__ = "user_sessions"

    refresh_token_id: Mapped[UUID]
    expires_at: Mapped[datetime]
