"""What a user may do with their profile."""

from backend.core.operations import Change, Create, Get, Remove
from backend.user_profiles import queries
from backend.user_profiles.models import UserProfile
from backend.user_profiles.schemas import UserProfileChange, UserProfileCreate, UserProfileRead

MISSING = "You have no profile."

create = Create(UserProfile, UserProfileCreate, UserProfileRead, only=True)
get = Get(queries.ONE, UserProfileRead, MISSING)
change = Change(queries.ONE, UserProfileChange, UserProfileRead, MISSING)
remove = Remove(queries.ONE, MISSING)
