"""Cabinets over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.cabinets import services

router = Router(tags=["cabinets"], owner=SESSION_OWNER)
_ONE = "/{cabinet_id:uuid}"

router.declare("POST", "", services.create, name="create_cabinet", description="Create.")
router.declare("GET", "", services.browse, name="list_cabinets", description="List.")
router.declare("GET", _ONE, services.get, name="read_cabinet", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_cabinet", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_cabinet", description="Delete.")
