"""Users over HTTP. Passwords are hashed between transactions, never inside one."""

from typing import Annotated

from fastapi import Depends, Response
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import SecretStr

from backend.core.conditional import etag_of
from backend.core.database import CurrentTransactions
from backend.core.errors import BadCredentials, Unprocessable
from backend.core.openapi import problems
from backend.core.routing import Router
from backend.user_sessions.dependencies import (
    SESSION_OWNER,
    CurrentSessionPolicy,
    CurrentUser,
)
from backend.user_sessions.schemas import Tokens
from backend.users import services
from backend.users.dependencies import (
    CurrentPasswordCheck,
    CurrentPasswordHasher,
    CurrentRegistrationLimit,
)
from backend.users.models import User
from backend.users.schemas import PasswordChange, UserCreate, UserRead

router = Router(tags=["users"], owner=SESSION_OWNER)


@router.post("", response_model=UserRead, status_code=201, responses=problems(429))
async def register(
    data: UserCreate,
    transactions: CurrentTransactions,
    limit: CurrentRegistrationLimit,
    hasher: CurrentPasswordHasher,
    response: Response,
) -> User:
    """Register. The password has 12 to 128 characters of any kind and is not a common one."""
    await limit.count()
    password_hash = await hasher.hash(data.password)
    user = await transactions.write(lambda db: services.register(db, data.email, password_hash))
    response.headers["Location"] = "/users/me"
    response.headers["ETag"] = etag_of(user)
    return user


@router.post("/token", responses=problems(401, 429))
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    transactions: CurrentTransactions,
    check: CurrentPasswordCheck,
    policy: CurrentSessionPolicy,
    response: Response,
) -> Tokens:
    """Log in with the e-mail address as `username`; start a session and give its tokens.

    An unknown address is answered as a wrong password is, and as slowly.
    """
    account = services.account_of(form.username)
    user = await transactions.read(lambda db: services.find_by_email(db, account))
    password_hash = user.password_hash if user is not None else None
    right = await check.passes(account, SecretStr(form.password), password_hash)
    tokens = None
    if user is not None and right:
        tokens = await transactions.write(
            lambda db: services.log_in(db, user.id, user.password_hash, policy)
        )
    if tokens is None:
        raise BadCredentials("Wrong e-mail address or password.")
    response.headers["Cache-Control"] = "no-store"
    return tokens


router.declare(
    "GET",
    "/me",
    services.get,
    name="read_me",
    description="Read the caller.",
    responses=problems(404),
)
router.declare(
    "PATCH",
    "/me",
    services.change,
    name="change_me",
    description="Change the fields that the body names.",
    responses=problems(404),
)
router.declare(
    "DELETE",
    "/me",
    services.remove,
    name="remove_me",
    description="Delete the caller and everything they own. There is no way back.",
    responses=problems(404),
)


@router.put("/me/password", status_code=204, responses=problems(404, 429))
async def change_password(
    data: PasswordChange,
    user: CurrentUser,
    transactions: CurrentTransactions,
    check: CurrentPasswordCheck,
    hasher: CurrentPasswordHasher,
) -> None:
    """Change the caller's password, and end all their sessions but this one."""
    found = await transactions.read(lambda db: services.get(db, user.id))
    if not await check.passes(str(user.id), data.current_password, found.password_hash):
        raise Unprocessable("body/current_password", "This is not the present password.")
    new_hash = await hasher.hash(data.new_password)
    await transactions.write(
        lambda db: services.change_password(
            db, user.id, user.session_id, found.password_hash, new_hash
        )
    )
