"""What the command line prints: the only module that writes to the terminal.

Without a terminal, each line is printed once, whole and without colour.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from rich.console import Console
from rich.text import Text

_TITLE_WIDTH = 34


@cache
def _output() -> Console:
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@cache
def _errors() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def out(text: str = "") -> None:
    """Print a text as it is."""
    _output().print(text)


def styled(text: str, style: str) -> None:
    """Print a text in a style, where the terminal has styles."""
    _output().print(Text(text, style))


def error(message: str, hint: str) -> None:
    """Say in one line what is wrong, and in one what to do."""
    _errors().print(Text.assemble(("error: ", "bold red"), _in_one_line(message)))
    _errors().print(Text.assemble(("hint: ", "bold"), _in_one_line(hint)))


def note(message: str) -> None:
    """Say something beside the result, on standard error."""
    _errors().print(_in_one_line(message))


def diff(lines: str) -> None:
    """Print a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines.splitlines():
        styled(line, styles.get(line[:1], ""))


class Step:
    """A step under way; `detail` is shown when it is done."""

    def __init__(self) -> None:
        self.detail = ""


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step: on a terminal as soon as it begins, and then how long it took."""
    running = Step()
    began = time.perf_counter()
    status = _output().status(title, spinner="line") if _output().is_terminal else None
    if status is not None:
        status.start()
    verdict, style = "FAILED", "red"
    try:
        yield running
        verdict, style = "ok", "green"
    finally:
        if status is not None:
            status.stop()
        seconds = time.perf_counter() - began
        line = Text.assemble((f"{verdict:<6}", style), f" {seconds:5.1f} s  ")
        line.append(f"{title:<{_TITLE_WIDTH}} {running.detail}".rstrip())
        _output().print(line)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
