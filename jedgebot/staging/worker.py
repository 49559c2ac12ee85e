"""The process that works in the staged copy: it does what its parent asks for, until that ends.

The libraries are those that the parent had imported. The project's own code comes from the
copy, which is entered first.
"""

import fcntl
import gc
import importlib
import os
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from jedgebot.staging.jobs import Jobs, outcome_of

_SETTINGS = "JEDGEBOT_"


def work(parent: Connection) -> None:
    """Answer each request; return when the parent has ended."""
    forget_settings()
    # Generated tests need none of the plugins, whose import takes longer than the tests.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # What is imported stays; to search it for garbage takes longer than to import it.
    gc.disable()
    jobs = Jobs()
    stage: Any = None  # Any: its class imports the copy's code, which is not there yet

    def method(name: str, arguments: dict[str, Any]) -> Callable[[], object]:
        return partial(getattr(stage, name), **arguments)

    while True:
        try:
            name, hint, arguments, job = parent.recv()
            if not name:
                outcome = jobs.next_finished(parent)
            elif name == "enter":
                stage = _enter(**arguments)
                outcome = outcome_of(name, lambda: None, hint)
            elif job:
                begin = partial(jobs.begin, job, method(name, arguments), hint)
                outcome = outcome_of(name, begin, hint)
            else:
                outcome = outcome_of(name, method(name, arguments), hint)
            parent.send(outcome)
        except (EOFError, BrokenPipeError):
            return


def forget_settings() -> None:
    """Take away the settings of the database in use, which a scratch database has no part in."""
    for name in [name for name in os.environ if name.startswith(_SETTINGS)]:
        del os.environ[name]


def _enter(root: Path, place: str) -> object:
    """Import the project's code from a copy of it, and hold the copy until all this has ended.

    Args:
        root: of the copy.
        place: what does the work there: a module and a class, with a colon between.
    """
    fcntl.flock(os.open(root, os.O_RDONLY), fcntl.LOCK_SH)
    os.chdir(root)
    sys.path.insert(0, str(root))
    module, _, name = place.partition(":")
    _do_not_wait_for_the_disk()
    return getattr(importlib.import_module(module), name)(root)


def _do_not_wait_for_the_disk() -> None:
    """Let SQLite files be written without being flushed: in the copy, all are thrown away."""
    engine: Any = importlib.import_module("backend.core.engine")  # Any: of the copy
    engine.SQLITE_PRAGMAS = (*engine.SQLITE_PRAGMAS, "synchronous=OFF")
