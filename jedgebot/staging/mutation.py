"""Whether tests notice that a handler is broken: each is broken in a fork of its own."""

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest

_AT_A_TIME = 2
_SECONDS_FOR_ONE = 20.0
_NOTICED, _MISSED, _BROKEN = 0, 1, 2
_SECONDS_BETWEEN_LOOKS = 0.002


@dataclass(frozen=True)
class Mutant:
    """One way to break a handler.

    Attributes:
        table: whose handler it is.
        handler: its name in the table's services.
        fault: what it does then, after its name.
        words: those in the names of the tests that should notice it, which run first.
        apply: breaks it in this process.
    """

    table: str
    handler: str
    fault: str
    words: tuple[str, ...]
    apply: Callable[[], None]


@dataclass(frozen=True)
class Verdict:
    """What the tests say of a broken handler.

    Attributes:
        broken: what was broken, in words.
        noticed: whether a test has failed.
    """

    table: str
    broken: str
    noticed: bool


def try_all(mutants: Sequence[Mutant], items: Sequence[pytest.Item]) -> list[Verdict]:
    """Run the tests against each mutant until one fails, two mutants at a time."""
    gc.freeze()  # what is there already is not to be copied by a search for garbage
    waiting = list(mutants)
    running: dict[int, tuple[Mutant, float]] = {}
    verdicts = []
    while waiting or running:
        while waiting and len(running) < _AT_A_TIME:
            mutant = waiting.pop(0)
            running[_begun(mutant, items)] = mutant, time.monotonic() + _SECONDS_FOR_ONE
        process, status = os.waitpid(-1, os.WNOHANG)
        if process in running:
            mutant, _ = running.pop(process)
            # Tests that had to be ended have noticed something, too.
            noticed = os.waitstatus_to_exitcode(status) != _MISSED
            broken = f"{mutant.handler} {mutant.fault}"
            verdicts.append(Verdict(mutant.table, broken, noticed))
            continue
        for late in [process for process, (_, end) in running.items() if end < time.monotonic()]:
            with suppress(ProcessLookupError):
                os.kill(late, signal.SIGKILL)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return verdicts


def _begun(mutant: Mutant, items: Sequence[pytest.Item]) -> int:
    process = os.fork()
    if process:
        return process
    code = _BROKEN
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        gc.disable()  # it ends before there is much
        # Its operations are broken in their plain form.
        os.environ["JEDGEBOT_LANE"] = "false"
        mutant.apply()
        code = _NOTICED if _is_noticed(mutant, items) else _MISSED
    finally:
        os._exit(code)


def _is_noticed(mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
    own = [item for item in items if mutant.table in item.path.parts]
    first = [item for item in own if any(word in item.name for word in mutant.words)]
    watcher = _Watcher()
    config = items[0].config
    config.pluginmanager.register(watcher)
    config.option.tbstyle = "no"  # nobody reads why a test has failed, and to say it takes longest
    for _ in run_each([*first, *(item for item in own if item not in first)]):
        if watcher.failed:
            return True
    return False


def run_each(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """Run tests one by one, and give each back when it has run.

    The fixtures that all of them share stay in the end, for others that follow.
    """
    for item, following in zip(items, [*items[1:], items[0]], strict=True):
        nextitem = following if following is not item else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        yield item


class _Watcher:
    """A plugin that notes a failure."""

    def __init__(self) -> None:
        self.failed = False

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed
