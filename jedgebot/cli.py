"""`jedgebot`: from the words of the command line to a command, and from an error to an exit code.

Exit codes: 0 done, 1 failed, 2 misused, 130 interrupted, 143 terminated.
"""

import gc
import importlib
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

import typer
from typer.exceptions import Abort, TyperException

from jedgebot import console
from jedgebot.errors import JedgebotError, Terminated
from jedgebot.paths import PROJECT_ROOT

COMMANDS = {
    ("serve",): "jedgebot.commands.serve:serve",
    ("demo",): "jedgebot.commands.demo:demo",
    ("portfolio", "import"): "jedgebot.commands.portfolio_import:portfolio_import",
    ("portfolio", "undo"): "jedgebot.commands.portfolio_undo:portfolio_undo",
    ("portfolio", "export"): "jedgebot.commands.portfolio_export:portfolio_export",
    ("table", "add"): "jedgebot.commands.table_add:table_add",
    ("table", "check"): "jedgebot.commands.table_check:table_check",
    ("table", "spec"): "jedgebot.commands.table_spec:table_spec",
}
"""Where each command is. Only the one that is called is imported: some take a second."""

_GROUPS = {
    "portfolio": "Import transactions into portfolios, and export them.",
    "table": "Add tables, check and describe them.",
}
INTERRUPTED = 130
_WITH_A_DOCUMENT = {("table", "add"), ("portfolio", "import")}
"""The commands whose --json is for all that they say, errors included."""


def main() -> NoReturn:
    """Run the command that the command line names, and end the process."""
    code = run(sys.argv[1:])
    gc.freeze()  # else the interpreter searches all there is for garbage before it ends
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run the command that the words name, and give back the exit code."""
    if "--json" in words and tuple(words[:2]) in _WITH_A_DOCUMENT:
        console.begin_document()
    code = _carry_out(words)
    console.end_document(code)
    return code


def _carry_out(words: Sequence[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    try:
        typed = _typed_so_far()
        if typed is None:
            _recover(words)
        app = make_app(words if typed is None else typed)
        code = app(args=list(words), prog_name="jedgebot", standalone_mode=False)
    except JedgebotError as error:
        console.error(error.message, error.hint)
        return error.exit_code
    except TyperException as error:
        # typer's own message would be the whole help.
        nothing = not words or (len(words) == 1 and words[0] in _GROUPS)
        message = "no command was given." if nothing else error.format_message()
        console.error(message, _usage_hint(words))
        return error.exit_code
    except (KeyboardInterrupt, Abort):
        code = INTERRUPTED
    except Terminated as error:
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - whoever uses a command is never shown a traceback
        return _unexpected(error)
    if code == INTERRUPTED:  # typer makes it of Ctrl-C
        console.error("interrupted.", "Nothing is left half done; run the command again.")
    return code if isinstance(code, int) else 0


def _recover(words: Sequence[str]) -> None:
    """Bring to an end what a killed command left behind, before anything else is done."""
    is_left = (PROJECT_ROOT / "var" / "jedgebot").is_dir()
    if is_left and "--help" not in words:
        importlib.import_module("jedgebot.recovery").recover(PROJECT_ROOT)


def _typed_so_far() -> list[str] | None:
    """The words that a shell wants to be completed; None if this is no completion."""
    if "_JEDGEBOT_COMPLETE" not in os.environ:
        return None
    line = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
    return line.split()[1:]


def make_app(words: Sequence[str]) -> typer.Typer:
    """The commands that the words can mean: one, or all of them for help and completion."""
    app = typer.Typer(
        help="JedgeBot: serve the backend, import into portfolios, add tables, check them.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    # With a callback typer keeps the name of an app's only command as a word to be given.
    app.callback()(lambda: None)
    groups = {name: typer.Typer(help=text, no_args_is_help=True) for name, text in _GROUPS.items()}
    meant = [path for path in COMMANDS if tuple(words[: len(path)]) == path]
    for path in meant or COMMANDS:
        group = groups[path[0]] if len(path) > 1 else app
        group.command(path[-1])(_imported(COMMANDS[path]))
    for name, group in groups.items():
        if group.registered_commands:
            app.add_typer(group, name=name)
    return app


def _imported(target: str) -> Callable[..., object]:
    module, _, name = target.partition(":")
    command: Callable[..., object] = getattr(importlib.import_module(module), name)
    return command


def _usage_hint(words: Sequence[str]) -> str:
    called = [path for path in COMMANDS if tuple(words[: len(path)]) == path]
    return f"`{' '.join(('jedgebot', *(called[0] if called else ())))} --help` shows the usage."


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise Terminated(number)


def _unexpected(error: Exception) -> int:
    hint = getattr(error, "hint", None)
    if isinstance(hint, str):  # the backend's own errors say what to do, like SettingsError
        console.error(str(error), hint)
        return 1
    with tempfile.NamedTemporaryFile(
        "w", prefix="jedgebot-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    console.error(
        f"{type(error).__name__}: {error}",
        f"This is a fault of jedgebot; the details are in {file.name}.",
    )
    return 1
