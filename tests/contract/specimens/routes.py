"""Specimens over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.specimens import services

router = Router(tags=["specimens"], owner=SESSION_OWNER)
_ONE = "/{specimen_id:uuid}"

router.declare("POST", "", services.create, name="create_specimen", description="Create.")
router.declare("GET", "", services.browse, name="list_specimens", description="List.")
router.declare("GET", _ONE, services.get, name="read_specimen", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_specimen", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_specimen", description="Delete.")
