"""Modules by name: what the application mounts, imported when it is first needed."""

import importlib
from dataclasses import dataclass
from itertools import islice

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from backend.core.settings import MAIN_DATABASE

_BACKEND = __name__.partition(".")[0]


class ModuleNotLoadable(RuntimeError):
    """A module that `backend/main.py` names cannot be used; the cause says why."""


@dataclass(frozen=True)
class Module:
    """One module and the path that its routes begin with.

    Attributes:
        name: its package, such as `backend.users`.
        prefix: such as `/users`. Its first segment is fixed text, so that the module is found
            without being imported.
        database: the name of the database that its rows are in; empty for the main one.
        uploads: paths below the prefix that take files: a request to one may have a larger body
            and more time than others.

    Raises:
        ValueError: the prefix has another form.
    """

    name: str
    prefix: str
    database: str = MAIN_DATABASE
    uploads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        first = self.first_segment
        if not self.prefix.startswith("/") or self.prefix.endswith("/") or not first:
            raise ValueError(f"{self.name}: the prefix {self.prefix!r} is not of the form /name.")
        if "{" in first:
            raise ValueError(f"{self.name}: the prefix {self.prefix!r} begins with a parameter.")

    @property
    def first_segment(self) -> str:
        """What stands between the first slash of the prefix and the next one."""
        return self.prefix[1:].partition("/")[0]

    def load_router(self) -> APIRouter:
        """Import the module's routes.

        Raises:
            ModuleNotLoadable: they cannot be imported, or have no router.
        """
        try:
            router = importlib.import_module(f"{self.name}.routes").router
        except Exception as error:
            raise ModuleNotLoadable(f"{self.name}.routes cannot be imported.") from error
        if not isinstance(router, APIRouter):
            raise ModuleNotLoadable(f"{self.name}.routes.router is not a router.")
        return router

    def load_models(self) -> None:
        """Import the module's models.

        Raises:
            ModuleNotLoadable: they cannot be imported.
        """
        try:
            importlib.import_module(f"{self.name}.models")
        except Exception as error:
            raise ModuleNotLoadable(f"{self.name}.models cannot be imported.") from error


def configure_models() -> None:
    """Let SQLAlchemy make the models ready now: at their first use the event loop would wait.

    Raises:
        ModuleNotLoadable: a model refers to something that is not there.
    """
    try:
        configure_mappers()
    except SQLAlchemyError as error:
        raise ModuleNotLoadable("The models do not fit together.") from error


class ReferencedModels:
    """Imports the models of the tables that foreign keys name, by the house's convention.

    A foreign key names its table as text, so the models of a module that is loaded by itself
    can be used only when those that they refer to are known too: the table `users` is the
    model in `backend.users.models`.
    """

    def __init__(self, metadata: MetaData) -> None:
        self._metadata = metadata
        self._seen = 0

    def load(self) -> None:
        """Import what the tables that are new since the last call refer to, and so on.

        Raises:
            ModuleNotLoadable: there is no such model.
        """
        tables = self._metadata.tables
        while self._seen < len(tables):
            new = list(islice(tables.values(), self._seen, None))
            for table in new:
                for key in table.foreign_keys:
                    self._load_table(key.target_fullname.rpartition(".")[0])
            self._seen += len(new)

    def _load_table(self, name: str) -> None:
        if name in self._metadata.tables:
            return
        package = f"{_BACKEND}.{name}.models"
        try:
            importlib.import_module(package)
        except Exception as error:
            raise ModuleNotLoadable(f"{package} cannot be imported.") from error
        if name not in self._metadata.tables:
            raise ModuleNotLoadable(f"{package} has no model of the table {name}.")
