"""What was sent to a server and what it answered, each exchange checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from jedgebot.errors import Failure

_BODY_MAX = 400
_SECRETS = ("access_token", "refresh_token", "password")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        who: sent it.
        sent: its body, as JSON; None if it has none.
        answered: the body of the answer, cut at a length.
    """

    who: str
    method: str
    path: str
    sent: Any  # Any: JSON
    status: int
    answered: str


@dataclass
class Transcript:
    """The exchanges about one table, in their order."""

    table: str
    exchanges: list[Exchange] = field(default_factory=list)

    def require(self, holds: object, promise: str) -> None:
        """Let the last answer pass if it is as promised.

        Raises:
            Failure: it is not.
        """
        if not holds:
            last = self.exchanges[-1]
            raise Failure(
                f"{last.method} {last.path} of the live {self.table} {promise}: it answered "
                f"{last.status} {last.answered}",
                "The code that was rendered, or the core under it, is wrong; nothing was written.",
            )


class Caller:
    """A client of the served application; its exchanges are kept and checked.

    Args:
        client: with the address of the server, and the token of one user.
        who: what the user is called in the transcript.
    """

    def __init__(self, client: httpx2.Client, who: str) -> None:
        self._client = client
        self.who = who
        self.transcript = Transcript("")

    def log_in(self, email: str, password: str) -> None:
        """Become a new user."""
        self.ask("POST", "/users", 201, {"email": email, "password": password})
        form = {"username": email, "password": password}
        answer = self._client.post("/users/token", data=form)
        self._note("POST", "/users/token", {"username": email}, answer)
        self.transcript.require(answer.is_success, "gives no token")
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(
        self,
        method: str,
        path: str,
        status: int,
        body: Any = None,  # Any: JSON
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx2.Response:
        """Send a request, whose answer has to have a status.

        Raises:
            Failure: it has another.
        """
        answer = self._client.request(
            method, path, json=body, headers=dict(headers or {}), params=dict(params or {})
        )
        target = answer.request.url.raw_path.decode()
        self._note(method, target, body, answer)
        self.transcript.require(answer.status_code == status, f"does not answer {status}")
        if status >= 400:  # noqa: PLR2004 - where errors begin
            kind = answer.headers.get("content-type", "")
            self.transcript.require(kind == "application/problem+json", "is no problem document")
        return answer

    def _note(self, method: str, path: str, sent: Any, answer: httpx2.Response) -> None:
        text = answer.text
        if any(secret in text for secret in _SECRETS):
            text = "(not shown)"
        if isinstance(sent, dict):
            sent = {name: value for name, value in sent.items() if name not in _SECRETS}
        shown = text if len(text) <= _BODY_MAX else f"{text[:_BODY_MAX]}… ({len(text)} characters)"
        exchange = Exchange(self.who, method, path, sent, answer.status_code, shown)
        self.transcript.exchanges.append(exchange)
