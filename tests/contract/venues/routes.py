"""Venues over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.venues import services

router = Router(tags=["venues"], owner=SESSION_OWNER)
_ONE = "/{venue_id:uuid}"

router.declare("POST", "", services.create, name="create_venue", description="Create.")
router.declare("GET", "", services.browse, name="list_venues", description="List.")
router.declare("GET", _ONE, services.get, name="read_venue", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_venue", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_venue", description="Delete.")
