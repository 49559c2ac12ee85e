"""Hooks of schemathesis: each case speaks for a user of its own, since some cases delete theirs.

For the command line: `SCHEMATHESIS_HOOKS=tests.contract.hooks schemathesis run …/openapi.json`.
"""

from itertools import count
from secrets import token_hex
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case

PASSWORD = "correct horse battery staple"

AnyCase = Case[Any]  # Any: cases of each operation have bodies of their own
_numbers = count()
_run = token_hex(4)


@schemathesis.auth(refresh_interval=None)
class NewUser:
    """Registers a user, logs in and sends the access token."""

    def get(self, case: AnyCase, _context: AuthContext) -> str:
        """The access token of a user that no case had before."""
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

    def set(self, case: AnyCase, data: str, _context: AuthContext) -> None:
        """Send the token."""
        case.headers["Authorization"] = f"Bearer {data}"
