"""Notices over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.notices import services

router = Router(tags=["notices"], owner=SESSION_OWNER)
_ONE = "/{notice_id:uuid}"

router.declare("POST", "", services.create, name="create_notice", description="Create.")
router.declare("GET", "", services.browse, name="list_notices", description="List.")
router.declare("GET", _ONE, services.get, name="read_notice", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_notice", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_notice", description="Delete.")
