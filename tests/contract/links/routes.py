"""Links over HTTP."""

from backend.core.routing import Router
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.contract.links import services

router = Router(tags=["links"], owner=SESSION_OWNER)
_ONE = "/{link_id:uuid}"

router.declare("POST", "", services.create, name="create_link", description="Create.")
router.declare("GET", "", services.browse, name="list_links", description="List.")
router.declare("GET", _ONE, services.get, name="read_link", description="Read.")
router.declare("PATCH", _ONE, services.change, name="change_link", description="Change.")
router.declare("DELETE", _ONE, services.remove, name="remove_link", description="Delete.")
