"""Profiles over HTTP: each user has at most one, at one path."""

from backend.core.openapi import problems
from backend.core.routing import Router
from backend.user_profiles import services
from backend.user_sessions.dependencies import SESSION_OWNER

router = Router(tags=["user_profiles"], owner=SESSION_OWNER)

router.declare(
    "POST",
    "/profile",
    services.create,
    name="create_profile",
    description="Create the caller's profile.",
)
router.declare(
    "GET",
    "/profile",
    services.get,
    name="read_profile",
    description="Read the caller's profile.",
    responses=problems(404),
)
router.declare(
    "PATCH",
    "/profile",
    services.change,
    name="change_profile",
    description="Change the fields that the body names.",
    responses=problems(404),
)
router.declare(
    "DELETE",
    "/profile",
    services.remove,
    name="remove_profile",
    description="Delete the caller's profile.",
    responses=problems(404),
)
