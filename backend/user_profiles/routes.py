"""Profiles over HTTP: each user has at most one, at one path."""

from fastapi import Response

from backend.core.conditional import IfMatch
from backend.core.database import DbSession
from backend.core.openapi import problems
from backend.core.routing import Router
from backend.user_profiles import services
from backend.user_profiles.models import UserProfile
from backend.user_profiles.schemas import UserProfileChange, UserProfileCreate, UserProfileRead
from backend.user_sessions.dependencies import CurrentUser

router = Router(tags=["user_profiles"])


@router.post("/profile", response_model=UserProfileRead, status_code=201)
def create_profile(
    data: UserProfileCreate, db: DbSession, user: CurrentUser, response: Response
) -> UserProfile:
    """Create the caller's profile."""
    response.headers["Location"] = "/users/profile"
    return services.create(db, user.id, data)


@router.get("/profile", response_model=UserProfileRead, responses=problems(404))
def read_profile(db: DbSession, user: CurrentUser) -> UserProfile:
    """Read the caller's profile."""
    return services.get(db, user.id)


@router.patch("/profile", response_model=UserProfileRead, responses=problems(404))
def change_profile(
    changes: UserProfileChange, db: DbSession, user: CurrentUser, if_match: IfMatch = None
) -> UserProfile:
    """Change the fields that the body names."""
    return services.change(db, user.id, changes, if_match)


@router.delete("/profile", status_code=204, responses=problems(404))
def remove_profile(db: DbSession, user: CurrentUser, if_match: IfMatch = None) -> None:
    """Delete the caller's profile."""
    services.remove(db, user.id, if_match)
