"""Portfolios over HTTP."""

from backend.core.routing import Router
from backend.portfolios import services
from backend.user_sessions.dependencies import SESSION_OWNER

router = Router(tags=["portfolios"], owner=SESSION_OWNER)

router.declare(
    "POST", "", services.create, name="create_portfolio", description="Create a portfolio."
)
router.declare(
    "GET",
    "",
    services.browse,
    name="list_portfolios",
    description="List the caller's portfolios, in the order of their creation or as `sort` says.",
)
router.declare(
    "GET",
    "/{portfolio_id:uuid}",
    services.get,
    name="read_portfolio",
    description="Read one of the caller's portfolios.",
)
router.declare(
    "PATCH",
    "/{portfolio_id:uuid}",
    services.change,
    name="change_portfolio",
    description="Change the fields that the body names.",
)
router.declare(
    "DELETE",
    "/{portfolio_id:uuid}",
    services.remove,
    name="remove_portfolio",
    description="Delete one of the caller's portfolios.",
)
