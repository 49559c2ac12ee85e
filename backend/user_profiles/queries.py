"""Every statement that the user_profiles module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER
from backend.user_profiles.models import UserProfile

ONE = select(UserProfile).where(UserProfile.user_id == OWNER)
