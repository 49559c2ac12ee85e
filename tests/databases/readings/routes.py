"""Readings over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER, CurrentUser
from tests.databases.readings import services
from tests.databases.readings.readings_db import ArchiveSession

router = Router(tags=["readings"], owner=SESSION_OWNER)
_ONE = "/{reading_id:uuid}"

router.declare("POST", "", services.create, name="create_reading", description="Create.")
router.declare("GET", "", services.browse, name="list_readings", description="List.")
router.declare("GET", _ONE, services.get, name="read_reading", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_reading", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_reading", description="Delete.")


@router.get("/count")
def count_readings(db: ArchiveSession, user: CurrentUser) -> int:
    """Count them."""
    return services.count(db, user.id)
