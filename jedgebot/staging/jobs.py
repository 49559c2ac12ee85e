"""Jobs: forks of the worker, which have all code imported already and run side by side."""

import errno
import gc
import os
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait

from jedgebot.errors import Failure, JedgebotError, Misuse

_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_SQLITE_PRIMARY = 0xFF
"""The part of SQLite's error codes that says the kind: https://www.sqlite.org/rescode.html."""
_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE."""
_MAKE_ROOM = "Make room, or raise the limit on the size of files, then run the command again."


@dataclass(frozen=True)
class Outcome:
    """What came of a job, or of a call.

    Attributes:
        job: its name.
        result: what it has given back; anything that can be pickled.
        error: what went wrong, and what to do; None if nothing did.
        is_misuse: whether what went wrong is what the command line asks for.
        seconds: how long it took.
    """

    job: str
    result: object = None
    error: tuple[str, str] | None = None
    seconds: float = 0.0
    is_misuse: bool = False

    @property
    def failure(self) -> JedgebotError | None:
        """What went wrong, to be raised; None if nothing did."""
        if self.error is None:
            return None
        return Misuse(*self.error) if self.is_misuse else Failure(*self.error)


@dataclass
class Jobs:
    """The jobs that are under way."""

    _running: dict[Connection, tuple[str, int]] = field(default_factory=dict)

    def begin(self, name: str, work: Callable[[], object], hint: str) -> None:
        """Begin a job in a process of its own.

        Args:
            name: of the job.
            work: what is done there.
            hint: of an error that has none of its own.
        """
        reading, writing = Pipe(duplex=False)
        gc.freeze()  # what is there already is not to be copied by a search for garbage
        process = os.fork()
        if process:
            writing.close()
            self._running[reading] = name, process
            return
        # Whatever happens here, the worker's work is not done twice: this never returns.
        try:
            gc.enable()
            writing.send(outcome_of(name, work, hint))
        except BaseException:  # noqa: BLE001 - the worker reads the trace in its log
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def next_finished(self, parent: Connection | None = None) -> Outcome:
        """Wait until a job has finished, and say what came of it.

        Args:
            parent: whoever waits for that; it sends nothing meanwhile.

        Raises:
            EOFError: the parent has ended.
            LookupError: no job was begun.
        """
        if not self._running:
            raise LookupError("No job is under way.")
        first = wait([*self._running, *([parent] if parent is not None else [])])[0]
        if not isinstance(first, Connection) or first is parent:
            raise EOFError
        name, process = self._running.pop(first)
        try:
            outcome = first.recv()
        except EOFError:
            outcome = None
        first.close()
        os.waitpid(process, 0)
        if not isinstance(outcome, Outcome):
            return Outcome(name, error=(f"the job {name} ended without a word", ""))
        return outcome


def outcome_of(name: str, work: Callable[[], object], hint: str) -> Outcome:
    """Do something, and say what came of it, also if that is an error."""
    began = time.perf_counter()
    error = result = None
    is_misuse = False
    try:
        result = work()
    except JedgebotError as failure:
        error, is_misuse = (failure.message, failure.hint), isinstance(failure, Misuse)
    except Exception as failure:  # noqa: BLE001 - the project's code may raise anything
        traceback.print_exc()
        error = _described(failure, hint)
    return Outcome(name, result, error, time.perf_counter() - began, is_misuse)


def _described(failure: Exception, hint: str) -> tuple[str, str]:
    """What went wrong, and what to do."""
    cause = getattr(failure, "orig", None) or failure  # SQLAlchemy's own text ends with a link
    text = " ".join(str(cause).split())
    if _has_no_room(cause):
        return f"the disk is full, or a file may not grow further: {text}", _MAKE_ROOM
    return f"{type(cause).__name__}: {text}", getattr(failure, "hint", hint)


def _has_no_room(cause: BaseException) -> bool:
    code: int = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return (
        (isinstance(cause, OSError) and cause.errno in _NO_ROOM)
        or code & _SQLITE_PRIMARY in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        or getattr(cause, "sqlstate", None) == _DISK_FULL
    )
