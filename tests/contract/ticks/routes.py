"""Ticks over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.ticks import services

router = Router(tags=["ticks"], owner=SESSION_OWNER)
_ONE = "/{tick_id:uuid}"

router.declare("POST", "", services.create, name="create_tick", description="Create.")
router.declare("GET", "", services.browse, name="list_ticks", description="List.")
router.declare("GET", _ONE, services.get, name="read_tick", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_tick", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_tick", description="Delete.")
