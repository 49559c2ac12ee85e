"""Login sessions over HTTP. They start where passwords are known: `backend.users.routes`."""

from fastapi import Response

from backend.core.database import CurrentTransactions, DbSession
from backend.core.errors import BadCredentials
from backend.core.openapi import problems
from backend.core.routing import Router
from backend.user_sessions import services
from backend.user_sessions.dependencies import CurrentSessionPolicy, CurrentUser
from backend.user_sessions.schemas import TokenRefresh, Tokens

router = Router(tags=["user_sessions"])


@router.post("/token/refresh", responses=problems(401))
async def refresh_tokens(
    data: TokenRefresh,
    transactions: CurrentTransactions,
    policy: CurrentSessionPolicy,
    response: Response,
) -> Tokens:
    """Exchange a refresh token for new tokens. One that was used before ends its session."""
    tokens = await transactions.write(lambda db: services.refresh(db, data.refresh_token, policy))
    if tokens is None:
        raise BadCredentials("The session has ended.")
    response.headers["Cache-Control"] = "no-store"
    return tokens


@router.post("/logout", status_code=204)
def log_out(db: DbSession, user: CurrentUser) -> None:
    """End the session that the access token belongs to."""
    services.end(db, user.id, user.session_id)
