"""Memos over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.memos import services

router = Router(tags=["memos"], owner=SESSION_OWNER)
_ONE = "/{memo_id:uuid}"

router.declare("POST", "", services.create, name="create_memo", description="Create.")
router.declare("GET", "", services.browse, name="list_memos", description="List.")
router.declare("GET", _ONE, services.get, name="read_memo", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_memo", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_memo", description="Delete.")
