"""Hooks of schemathesis: cases speak for a user, and some of them end the user's session.

For the command line: `SCHEMATHESIS_HOOKS=tests.contract.hooks schemathesis run …/openapi.json`.
"""

import threading
from itertools import count
from secrets import token_hex
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, HookContext, Response

PASSWORD = "correct horse battery staple"

AnyCase = Case[Any]  # Any: cases of each operation have bodies of their own
ENDING = frozenset({"DELETE /users/me", "POST /users/logout"})

_numbers = count()
_run = token_hex(4)
_thread = threading.local()


@schemathesis.auth(refresh_interval=None)
class User:
    """Speaks for one user of each thread, and for a new one when their session has ended."""

    def get(self, case: AnyCase, _context: AuthContext) -> str:
        """The user's access token."""
        token: str | None = getattr(_thread, "token", None)
        if token is None:
            token = _thread.token = _token_of_new_user(case)
        return token

    def set(self, case: AnyCase, data: str, _context: AuthContext) -> None:
        """Send the token."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def after_call(_context: HookContext, case: AnyCase, response: Response) -> None:
    """Forget a user whose session has ended."""
    if response.status_code == 401 or (
        response.status_code == 204 and case.operation.label in ENDING
    ):
        _thread.token = None


def _token_of_new_user(case: AnyCase) -> str:
    email = f"case{next(_numbers)}-{_run}@example.com"
    operations = case.operation.schema
    registered = operations["/users"]["POST"].Case(
        body={"email": email, "password": PASSWORD}, media_type="application/json"
    )
    assert registered.call().status_code == 201
    logged_in = operations["/users/token"]["POST"].Case(
        body={"username": email, "password": PASSWORD},
        media_type="application/x-www-form-urlencoded",
    )
    token: str = logged_in.call().json()["access_token"]
    return token
