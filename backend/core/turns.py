"""How many requests begin in one turn of the event loop.

A turn of the loop takes up everything that has arrived. With some hundred clients who send their
next request as soon as they have an answer, all of them begin in one long turn, and whatever needs
several turns, such as a write, a new connection or a timer, takes several times as long as a read.
"""

import asyncio
from collections import deque
from contextvars import Context

MOST_IN_A_TURN = 32
_NO_REQUEST = Context()


class Turns:
    """Lets requests begin in the order of their arrival, some in each turn of the loop."""

    def __init__(self) -> None:
        self._left = MOST_IN_A_TURN
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether one more request may begin in this turn; else it has to wait."""
        if self._loop is not loop:
            self._loop = loop
            self._left = MOST_IN_A_TURN
            loop.call_soon(self._next, loop, context=_NO_REQUEST)
        left = self._left
        if left <= 0:
            return False
        self._left = left - 1
        return True

    def wait(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Done when the request may begin."""
        turn = loop.create_future()
        self._waiting.append(turn)
        return turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a turn: first with those who wait."""
        left = MOST_IN_A_TURN
        while self._waiting and left:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                left -= 1
        self._left = left
        if left < MOST_IN_A_TURN:
            loop.call_soon(self._next, loop, context=_NO_REQUEST)
        else:
            self._loop = None
