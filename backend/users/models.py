"""The users table."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, Record


class User(Record, Base):
    """Someone who may log in.

    Attributes:
        email: in lower case, so that its uniqueness does not depend on case.
        password_hash: Argon2id, with its parameters and salt.
    """

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
