"""Several workers that share the memory of the application; on Linux.

Most of a worker's memory is code and classes that never change. A worker that is spawned imports
all of it for itself; one that is forked from a process that has loaded the application shares it
with that process and with the others, and serves at once.
"""

import copy
import gc
import logging
import signal
import socket
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.context import ForkProcess, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from uvicorn import _subprocess
from uvicorn.supervisors import Multiprocess, multiprocess


class ForkingSupervisor(Multiprocess):
    """uvicorn's supervisor, which loads the application before it starts workers.

    SIGHUP replaces all workers, and the new ones are to run the code that is there by then: from
    the first SIGHUP on they are spawned. So are they if the application has started a thread: no
    fork has that thread, and what it has locked would stay so.

    Raises:
        SystemExit: there is no such application; uvicorn has logged it.
        Exception: of the application, if it cannot be loaded.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        # From here on signals wait in a queue: an exception that a handler raises while the
        # application is loaded may be lost in it.
        super().__init__(config, sockets)
        self._unloaded = config
        loaded = copy.copy(config)
        loaded.load()
        if _threads() == 1:
            self.config = loaded
        else:
            logging.getLogger("uvicorn.error").warning(
                "The application has started a thread, so each worker loads it for itself."
            )

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        # uvicorn has no setting for how its processes are made.
        theirs = _subprocess.spawn
        _subprocess.spawn = _Processes()  # type: ignore[assignment]  # all that is used of it
        try:
            super().run()
        finally:
            _subprocess.spawn = theirs

    def init_processes(self) -> None:
        """Start the workers, unless they are to end already."""
        if not {signal.SIGINT, signal.SIGTERM}.intersection(self.signal_queue):
            super().init_processes()

    def handle_hup(self) -> None:
        """Replace all workers."""
        self.config = self._unloaded
        super().handle_hup()


class _EndsWithItsParent(BaseProcess):
    """A process that shuts down when its parent was killed, and so cannot tell it to."""

    def run(self) -> None:
        """Serve, and look out for the parent's end."""
        Thread(target=_end_after, args=[parent_process()], daemon=True).start()
        super().run()


class _SpawnedWorker(_EndsWithItsParent, SpawnProcess):
    """A process that loads the application for itself."""


class _ForkedWorker(_EndsWithItsParent, ForkProcess):
    """A process that begins with the signal handlers of a fresh interpreter.

    Signals wait until it has them: one that came to a handler of the parent's would be lost.
    """

    def start(self) -> None:
        """Fork."""
        # A search for garbage writes to all that it looks at, which would undo the sharing.
        gc.collect()
        gc.freeze()
        self._blocked_before = signal.pthread_sigmask(signal.SIG_BLOCK, multiprocess.SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked_before)

    def run(self) -> None:
        """Serve."""
        for number in multiprocess.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked_before)
        super().run()


class _Processes:
    """What uvicorn takes its processes from: of a loaded application they are forked."""

    @staticmethod
    def Process(  # noqa: N802 - the name in multiprocessing
        target: Callable[..., None], kwargs: dict[str, Any]
    ) -> BaseProcess:
        """A process that is not started yet."""
        kind = _ForkedWorker if kwargs["config"].loaded else _SpawnedWorker
        return kind(target=target, kwargs=kwargs)


def _end_after(parent: BaseProcess | None) -> None:
    """Shut this process down once its parent has ended."""
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGTERM)


def _threads() -> int:
    """How many threads this process has, with those that Python has not started."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())
