"""The user_profiles table."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, Record


class UserProfile(Record, Base):
    """The profile of one user, who has at most one.

    Attributes:
        username: unique in any case; kept as it was written.
        timezone: an IANA name.
    """

    __tablename__ = "user_profiles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    username: Mapped[str | None] = mapped_column(String(32))
    display_name: Mapped[str | None] = mapped_column(String(80))
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")


Index("uq_user_profiles_username", func.lower(UserProfile.username), unique=True)
