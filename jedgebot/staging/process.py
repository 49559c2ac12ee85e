"""The workers as their parent sees them."""

import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any, NoReturn, Self

from jedgebot.errors import Failure
from jedgebot.staging.jobs import Outcome
from jedgebot.staging.worker import work

_SECONDS_TO_END = 5.0
_SECONDS_BETWEEN_LOOKS = 0.01


class Worker:
    """A fork of this process that is ended with the `with` block, whatever happens in it.

    It takes along the libraries that are imported already, and must take nothing of the
    project: that comes from the staged copy.
    """

    def __init__(self, *held: int) -> None:
        """Fork.

        Args:
            held: descriptors that this process alone is to hold.
        """
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._pipe, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            for descriptor in held:
                os.close(descriptor)
            self._pipe.close()
            self._be_worker(theirs)
        theirs.close()
        self._unanswered = 0
        self._running = 0
        self._is_awaited = False

    def _be_worker(self, parent: Connection) -> NoReturn:
        """Work until there is nothing more to do."""
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            # Ctrl-C is for the parent, which then ends this whole session.
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            # What the project's code and its tools print is no answer.
            for descriptor in (1, 2):
                os.dup2(self._log.fileno(), descriptor)
            work(parent)
        finally:
            sys.stderr.flush()
            if os.getpgrp() == os.getpid():  # nothing that it has begun outlives it
                os.killpg(0, signal.SIGKILL)
            os._exit(1)

    def fileno(self) -> int:
        """The descriptor that answers come from."""
        return self._pipe.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process, number)
            if self._has_ended():
                break
        self._pipe.close()
        self._log.close()

    def call(self, method: str, hint: str, **arguments: Any) -> Any:  # Any: whatever is pickled
        """Ask for a method of what the worker has entered, and wait for its result.

        Args:
            method: its name.
            hint: of an error that has none of its own.
            arguments: anything that can be pickled.

        Raises:
            Misuse: it found that the command line asks for something that cannot be.
            Failure: it failed.
        """
        self.post(method, hint, **arguments)
        return _require(self._received()).result

    def post(self, method: str, hint: str, **arguments: Any) -> None:
        """Ask as `call` does, and do not wait; the next call tells if it failed.

        Raises:
            Failure: the worker has ended.
        """
        self._send(method, hint, arguments, "")

    def begin(self, job: str, method: str, hint: str, **arguments: Any) -> None:
        """Let a method run in a process of its own; `next_finished` tells its end.

        Raises:
            Failure: the worker has ended.
        """
        self._send(method, hint, arguments, job)
        _require(self._received())
        self._running += 1

    def next_finished(self) -> Outcome:
        """Wait until one of the jobs has finished, whatever came of it.

        Nothing else can be asked for before.

        Raises:
            Failure: the worker has ended.
        """
        self.await_next()
        outcome = self._received()
        self._running -= 1
        self._is_awaited = False
        return outcome

    def await_next(self) -> bool:
        """Let `fileno` be readable as soon as `next_finished` has an answer.

        Returns:
            whether a job is under way.

        Raises:
            Failure: the worker has ended.
        """
        if self._running and not self._is_awaited:
            self._send("", "", {}, "")
            self._is_awaited = True
        return self._is_awaited

    def _send(self, method: str, hint: str, arguments: dict[str, Any], job: str) -> None:
        try:
            self._pipe.send((method, hint, arguments, job))
            self._unanswered += 1
        except OSError:
            raise self._ended() from None

    def _received(self) -> Outcome:
        """The answer to what was sent last; a failure of what was posted before is raised."""
        while True:
            try:
                outcome: Outcome = self._pipe.recv()
            except (EOFError, OSError):
                raise self._ended() from None
            self._unanswered -= 1
            if not self._unanswered:
                return outcome
            _require(outcome)

    def _has_ended(self) -> bool:
        """Wait for its end, but not for ever."""
        latest = time.monotonic() + _SECONDS_TO_END
        while time.monotonic() < latest:
            with suppress(ChildProcessError):
                if os.waitpid(self._process, os.WNOHANG) == (0, 0):
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
                    continue
            return True
        return False

    def _ended(self) -> Failure:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return Failure(
            f"the staged copy cannot be used: {lines[-1] if lines else 'its process ended'}",
            "Look whether `./run test` works in this checkout.",
        )


@dataclass(frozen=True)
class Workers:
    """Two workers in one staged copy.

    Attributes:
        models: has imported all models; see `jedgebot.staging.stage`.
        application: has imported what a server imports at its start: of few modules all, of many
            those that were asked for; see `jedgebot.staging.application`.
    """

    models: Worker
    application: Worker

    def next_finished(self) -> Outcome:
        """Wait until a job of either has finished, whatever came of it.

        Raises:
            Failure: a worker has ended.
        """
        workers = (self.models, self.application)
        asked = {worker.fileno(): worker for worker in workers if worker.await_next()}
        ready = next(one for one in wait(asked) if isinstance(one, int))
        return asked[ready].next_finished()


def _require(outcome: Outcome) -> Outcome:
    if (failure := outcome.failure) is not None:
        raise failure
    return outcome
