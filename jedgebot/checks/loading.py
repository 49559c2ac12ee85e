"""Imports the project's modules; an import that fails becomes a finding, not a traceback."""

import contextlib
import importlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TypeVar

from fastapi import FastAPI
from pydantic import SecretStr

from backend.core.modules import ModuleNotLoadable
from backend.core.settings import Settings

Made = TypeVar("Made")


@dataclass(frozen=True)
class Unusable:
    """Why a part of the project cannot be used.

    Attributes:
        where: the project's file and line that the error comes from; empty if it is elsewhere.
    """

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class Loader:
    """Imports modules once; a failure is remembered, since a second try would fail otherwise."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._loaded: dict[str, ModuleType | Unusable] = {}

    def load(self, name: str) -> ModuleType | Unusable:
        """The module, or why it cannot be imported."""
        if name not in self._loaded:
            self._loaded[name] = attempted(self._root, lambda: _imported(name))
        return self._loaded[name]


def _imported(name: str) -> ModuleType:
    module = importlib.import_module(name)
    # A router makes its routes when they are asked for; a fault in one is a fault of its file.
    getattr(getattr(module, "router", None), "routes", None)
    return module


def attempted(root: Path, make: Callable[[], Made]) -> Made | Unusable:
    """What `make` returns, or why it fails; what it prints goes to standard error."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return make()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the project's code may raise anything
        return _unusable(root, error)


def unserved(main: ModuleType) -> FastAPI:
    """The application of `backend.main`, whose databases and workers are closed.

    Raises:
        Anything: what `create_app` raises.
    """
    with TemporaryDirectory() as directory:
        # A key of its own: one that is missing would be made, and written to the tree.
        settings = Settings(
            database_url=f"sqlite:///{Path(directory) / 'unused.db'}",
            secret_key=SecretStr("of an application that serves no request"),
            environment="development",
            log_level="error",
        )
        app: FastAPI = main.create_app(settings)
        for database in app.state.databases.values():
            database.dispose()
        app.state.password_hasher.close()
        return app


def _unusable(root: Path, error: BaseException) -> Unusable:
    frames = _frames(error)
    what = _words(error)
    hidden = []
    if isinstance(error, ModuleNotLoadable):
        what = str(error)
        if error.__cause__ is not None:
            what = f"{what.removesuffix('.')}: {_words(error.__cause__)}"
            frames += _frames(error.__cause__)
        hidden = [root / "backend" / "core"]  # it only passes the error on
    for filename, line in reversed(frames):
        path = Path(filename)
        # The command's own frames lie in the project too.
        if any(path.is_relative_to(root / part) for part in ("backend", "alembic")) and not any(
            path.is_relative_to(folder) for folder in hidden
        ):
            return Unusable(what, f"{path.relative_to(root).as_posix()}:{line}")
    return Unusable(what, "")


def _frames(error: BaseException) -> list[tuple[str, int | None]]:
    stack = traceback.extract_tb(error.__traceback__)
    frames = [(frame.filename, frame.lineno) for frame in stack]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    return frames


def _words(error: BaseException) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}".strip().splitlines()[0].removesuffix(": ")
