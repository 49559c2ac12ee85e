"""What the command line prints: the only module that writes to the terminal.

Without a terminal, each line is printed once, whole and without colour.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.text import Text

from jedgebot.errors import Failure

_TITLE_WIDTH = 30
_WIDTH = 80
_ROOM_OF_A_SPINNER = 4
_document: dict[str, Any] | None = None  # Any: JSON


@cache
def _output() -> Console:
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@cache
def _errors() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def out(text: str = "") -> None:
    """Print a text as it is."""
    if _document is not None:
        return
    _output().print(text)


def pieces(file: Iterable[bytes]) -> None:
    """Print a file as it is, byte for byte.

    Raises:
        Failure: where it is to go does not take it.
    """
    try:
        for piece in file:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # Whoever reads has enough.
    except OSError as error:
        raise Failure(
            f"the output cannot be written: {(error.strerror or 'no reason is given').lower()}.",
            "What is there of it is not whole. Make room, or let it go elsewhere.",
        ) from None


def styled(text: str, style: str) -> None:
    """Print a text in a style, where the terminal has styles."""
    if _document is not None:
        return
    _output().print(Text(text, style))


def error(message: str, hint: str) -> None:
    """Say in one line what is wrong, and in one what to do."""
    if _document is not None:
        add_to_document({"error": _in_one_line(message), "hint": _in_one_line(hint)})
        return
    _errors().print(Text.assemble(("error: ", "bold red"), _in_one_line(message)))
    _errors().print(Text.assemble(("hint: ", "bold"), _in_one_line(hint)))


def note(message: str) -> None:
    """Say something beside the result, on standard error."""
    if _document is not None:
        _document.setdefault("notes", []).append(_in_one_line(message))
        return
    _errors().print(_in_one_line(message))


def diff(lines: str) -> None:
    """Print a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines.splitlines():
        styled(line, styles.get(line[:1], ""))


@dataclass
class Step:
    """A step under way.

    Attributes:
        detail: shown when it is done.
        seconds: how long it took, if that is not the time of its block.
    """

    detail: str = ""
    seconds: float | None = None


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step: on a terminal as soon as it begins, and then how long it took."""
    running = Step()
    began = time.perf_counter()
    is_done = False
    try:
        with waiting(title):
            yield running
        is_done = True
    finally:
        elapsed = time.perf_counter() - began
        seconds = elapsed if running.seconds is None else running.seconds
        if _document is None:
            _show_step(title, running.detail, seconds, is_done=is_done)
        else:
            _document.setdefault("steps", []).append(
                {"title": title, "done": is_done, "seconds": seconds, "detail": running.detail}
            )


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is waited for, on a terminal, as long as it is."""
    if _document is not None or not _output().is_terminal:
        yield
        return
    with _output().status(what[: _output().width - _ROOM_OF_A_SPINNER], spinner="line"):
        yield


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a bar on standard error, on a terminal, as long as the block runs.

    Gives a function that takes how much of the total is done, and what to say beside the bar.
    """
    if _document is not None or not _errors().is_terminal:
        yield lambda _done, _beside: None
        return
    # It takes a while, and few commands show a bar.
    from rich import progress as parts  # noqa: PLC0415 - see above

    columns = (
        parts.TextColumn("{task.description}", markup=False),
        parts.BarColumn(),
        parts.TaskProgressColumn(),
        parts.TextColumn("{task.fields[beside]}", markup=False),
        parts.TimeRemainingColumn(),
    )
    with parts.Progress(*columns, console=_errors(), transient=True) as bar:
        task = bar.add_task(title, total=total, beside="")
        yield lambda done, beside: bar.update(task, completed=done, beside=beside)


def _show_step(title: str, detail: str, seconds: float, *, is_done: bool) -> None:
    verdict, style = ("ok", "green") if is_done else ("FAILED", "red")
    line = Text.assemble((f"{verdict:<6}", style), f" {seconds:5.1f} s  ")
    margin = " " * (len(line.plain) + _TITLE_WIDTH + 1)
    text = f"{line.plain}{title:<{_TITLE_WIDTH}} {detail}".rstrip()
    first, *others = (
        wrap(text, _WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
        if len(text) > _WIDTH
        else [text]
    )
    line.append(first[len(line.plain) :])
    _output().print(line)
    for other in others:
        _output().print(other)


def begin_document() -> None:
    """From now on print nothing but one JSON document, in `end_document`."""
    global _document  # noqa: PLW0603 - there is one terminal
    _document = {}


def add_to_document(found: Mapping[str, Any]) -> None:
    """Say something in the document; it is of no use to who reads text."""
    if _document is not None:
        _document.update(found)


def end_document(exit_code: int) -> None:
    """Print the document, if one was begun, and what the process ends with."""
    global _document
    if _document is not None:
        document, _document = {"exit_code": exit_code, **_document}, None
        out(json.dumps(document, indent=1, ensure_ascii=False))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
