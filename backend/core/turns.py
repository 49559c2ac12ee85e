"""How many requests begin in one turn of the event loop.

A turn of the loop takes up everything that has arrived. With some hundred clients who send their
next request as soon as they have an answer, all of them begin in one long turn, and whatever needs
several turns, such as a write, a new connection or a timer, takes several times as long as a read.
"""

import asyncio
from collections import deque
from contextvars import Context

MOST_IN_A_TURN = 8


class _Turn:
    """The present turn of one event loop: how many may begin in it yet, and who waits."""

    __slots__ = ("context", "left", "waiting")

    def __init__(self) -> None:
        # No request's, and none that another loop's thread may be in at the same time.
        self.context = Context()
        self.left = MOST_IN_A_TURN
        self.waiting: deque[asyncio.Future[None]] = deque()


class Turns:
    """Lets requests begin in the order of their arrival, some in each turn of their loop."""

    def __init__(self) -> None:
        self._turns: dict[asyncio.AbstractEventLoop, _Turn] = {}

    def begin(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether one more request may begin in this turn; else it has to wait."""
        turn = self._turns.get(loop)
        if turn is None:
            turn = self._turns[loop] = _Turn()
            loop.call_soon(self._next, loop, turn, context=turn.context)
        if not turn.left:
            return False
        turn.left -= 1
        return True

    def wait(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Done when the request may begin, that was told to wait."""
        its_turn = loop.create_future()
        self._turns[loop].waiting.append(its_turn)
        return its_turn

    def _next(self, loop: asyncio.AbstractEventLoop, turn: _Turn) -> None:
        """Begin a turn: first with those who wait."""
        left = MOST_IN_A_TURN
        while turn.waiting and left:
            its_turn = turn.waiting.popleft()
            if not its_turn.done():
                its_turn.set_result(None)
                left -= 1
        turn.left = left
        if left < MOST_IN_A_TURN:
            loop.call_soon(self._next, loop, turn, context=turn.context)
        else:
            del self._turns[loop]
