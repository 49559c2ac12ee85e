"""Fills over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from benchmarks.ours.fills import services

router = Router(tags=["fills"], owner=SESSION_OWNER)

router.declare("POST", "", services.create, name="create_fill", description="Create a fill.")
router.declare(
    "GET",
    "",
    services.browse,
    name="list_fills",
    description="List the caller's fills, in the order of their creation or as `sort` says.",
)
router.declare(
    "GET",
    "/{fill_id:uuid}",
    services.get,
    name="read_fill",
    description="Read one of the caller's fills.",
)
router.declare(
    "PATCH",
    "/{fill_id:uuid}",
    services.change,
    name="change_fill",
    description="Change the fields that the body names.",
)
router.declare(
    "DELETE",
    "/{fill_id:uuid}",
    services.remove,
    name="remove_fill",
    description="Delete one of the caller's fills.",
)
