"""The project as the checks see it: files, imported code, migrations, database, routes."""

import ast
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TypeVar, cast

from alembic.script import ScriptDirectory
from fastapi import FastAPI
from sqlalchemy import Table

from backend.core.migrations.histories import Histories
from backend.core.models import DATABASE, Base
from backend.core.named_databases import metadata_of
from backend.core.settings import MAIN_DATABASE, Settings
from jedgebot.checks.loading import Loader, Unusable, attempted, unserved
from jedgebot.checks.migrated import (
    Applied,
    Tables,
    applied,
    migrated_tables,
    modelled_tables,
    script_directory,
)
from jedgebot.checks.source import Source, read_source

Made = TypeVar("Made")

_CREATED = re.compile(r"""create_table\(\s*["'](\w+)["']""")
NOT_MODULES = frozenset({"core", "ledger", "models"})


@dataclass(frozen=True)
class Module:
    """One folder of `backend/` that is, or should be, a table's module."""

    name: str
    project: "Project"

    @property
    def folder(self) -> str:
        """The folder, from the project's root."""
        return f"backend/{self.name}"

    @property
    def package(self) -> str:
        """The folder's dotted name."""
        return f"backend.{self.name}"

    def source(self, file: str) -> Source | None:
        """One of its files; None if it does not exist."""
        return self.project.source(f"{self.folder}/{file}")

    def load(self, part: str) -> ModuleType | Unusable:
        """One of its files imported, by its name without the suffix."""
        return self.project.loader.load(f"{self.package}.{part}")

    @cached_property
    def model(self) -> type[Base] | None:
        """The class in its `models.py` that is mapped to the table named as the folder."""
        loaded = self.load("models")
        if isinstance(loaded, Unusable):
            return None
        for value in vars(loaded).values():
            table = getattr(value, "__table__", None)
            if (
                isinstance(value, type)
                and issubclass(value, Base)
                and value.__module__ == loaded.__name__
                and isinstance(table, Table)
                and table.name == self.name
            ):
                return value
        return None

    @property
    def table(self) -> Table | None:
        """The table that the model is mapped to."""
        table = self.model.__table__ if self.model is not None else None
        return table if isinstance(table, Table) else None


class Project:
    """A project. What is expensive is made when a check first asks for it, and once.

    The project must be the one that Python imports `backend` from.

    Args:
        root: of the project.
        database_url: of its main database.
        is_migrated: whether its databases are what all migrations have just made of empty SQLite
            files, so that none has to be made to see that.
        modelled: what the models have made of an empty SQLite database, by the name of theirs,
            where that is known.
    """

    def __init__(
        self,
        root: Path,
        database_url: str,
        *,
        is_migrated: bool = False,
        modelled: Mapping[str, Tables] | None = None,
    ) -> None:
        self.root = root
        self._is_migrated = is_migrated
        self._modelled = modelled or {}
        self.database = MAIN_DATABASE
        self.database_url = database_url
        self.loader = Loader(root)
        self._sources: dict[str, Source | None] = {}
        self._made: dict[object, object] = {}
        self._beside: dict[str, Project] = {}

    def once(self, make: "Callable[[Project], Made]") -> Made:
        """What a check makes of the whole project, made when it is first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("Made", self._made[make])

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Every module, sorted by name."""
        folders = sorted(path.parent.name for path in (self.root / "backend").glob("*/*.py"))
        return tuple(
            Module(name, self) for name in dict.fromkeys(folders) if name not in NOT_MODULES
        )

    @cached_property
    def _by_name(self) -> dict[str, Module]:
        return {module.name: module for module in self.modules}

    def module(self, name: str) -> Module | None:
        """The module of this name."""
        return self._by_name.get(name)

    def around(self, module: Module) -> "Project":
        """The project as seen from the database that the module's table is in.

        What it has applied, migrated and modelled is of that database; of the main one, it is
        the project itself.
        """
        database = (
            MAIN_DATABASE
            if module.table is None
            else module.table.metadata.info.get(DATABASE, MAIN_DATABASE)
        )
        return self._in_database(database)

    @property
    def everywhere(self) -> "tuple[Project, ...]":
        """The project as seen from each of its databases, the main one first."""
        scripts = self.scripts
        if isinstance(scripts, Unusable):
            return (self,)
        databases = attempted(self.root, lambda: Histories(scripts).databases)
        if isinstance(databases, Unusable):
            return (self,)
        return tuple(self._in_database(database) for database in databases)

    def _in_database(self, database: str) -> "Project":
        if database == self.database:
            return self
        if database not in self._beside:
            beside = copy(self)
            beside.database = database
            for name in ("modelled", "migrated", "applied", "heads"):
                vars(beside).pop(name, None)
            main = Settings(database_url=self.database_url)
            beside.database_url = main.database_url_of(database)
            self._beside[database] = beside
        return self._beside[database]

    def source(self, path: str) -> Source | None:
        """A file by its path from the root; None if it does not exist."""
        if path not in self._sources:
            self._sources[path] = read_source(self.root, path)
        return self._sources[path]

    @cached_property
    def backend_sources(self) -> tuple[Source, ...]:
        """Every file of the backend but those of the core."""
        return tuple(
            source
            for path in sorted((self.root / "backend").rglob("*.py"))
            if path.relative_to(self.root).parts[1] != "core"
            and (source := self.source(path.relative_to(self.root).as_posix())) is not None
        )

    def narrowed(self, module: Module) -> "Project":
        """The same project, of which only one module is looked at."""
        narrow = copy(self)
        paths = sorted((self.root / module.folder).rglob("*.py"))
        sources = (self.source(path.relative_to(self.root).as_posix()) for path in paths)
        narrow.modules = (module,)
        narrow.backend_sources = tuple(source for source in sources if source is not None)
        return narrow

    @cached_property
    def used_names(self) -> frozenset[str]:
        """Every dotted name that some file of the backend uses, beside giving it its value."""
        return frozenset(name for source in self.backend_sources for name in source.used_names)

    @cached_property
    def scope(self) -> ModuleType | Unusable:
        """`backend.models`, the metadata scope.

        Every module's own models are imported first, so that an error is told of the file that
        has it.
        """
        for module in self.modules:
            module.load("models")
        return self.loader.load("backend.models")

    @cached_property
    def modelled(self) -> Tables | Unusable:
        """The tables that all models make."""
        scope = self.scope
        if isinstance(scope, Unusable):
            return scope
        if self.database in self._modelled:
            return self._modelled[self.database]
        metadata = metadata_of(self.database) or Base.metadata
        return attempted(self.root, lambda: modelled_tables(metadata))

    @cached_property
    def scripts(self) -> ScriptDirectory | Unusable:
        """The migration scripts, all of them read."""

        def read() -> ScriptDirectory:
            scripts = script_directory(self.root)
            scripts.get_heads()
            return scripts

        return attempted(self.root, read)

    @cached_property
    def heads(self) -> tuple[str, ...] | Unusable:
        """The newest revisions of the database."""
        scripts = self.scripts
        if isinstance(scripts, Unusable):
            return scripts
        return attempted(self.root, lambda: Histories(scripts).heads_of(self.database))

    def creation_of(self, table: str) -> str | None:
        """Where a table is created: file and line of the last such revision; None if of none."""
        sources = [self.source(path) for path in self._creating.get(table, ())]
        places = [
            source.at(call)
            for source in sources
            if source is not None
            for call in source.calls
            if source.dotted(call.func) == "alembic.op.create_table"
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and call.args[0].value == table
        ]
        return places[-1] if places else None

    @cached_property
    def _creating(self) -> dict[str, list[str]]:
        """The revisions whose text creates a table, by its name: to parse all takes seconds."""
        found: dict[str, list[str]] = {}
        for path in sorted((self.root / "alembic" / "versions").glob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            for table in dict.fromkeys(_CREATED.findall(text)):
                found.setdefault(table, []).append(path.relative_to(self.root).as_posix())
        return found

    @cached_property
    def migrated(self) -> Tables | Unusable:
        """The tables that all migrations make of an empty SQLite database."""
        url = self.database_url if self._is_migrated else None
        return attempted(self.root, lambda: migrated_tables(self.database, url))

    @cached_property
    def applied(self) -> Applied | Unusable | None:
        """What is in the configured database; None if it is a SQLite file that is not there."""
        return attempted(self.root, lambda: applied(self.database_url, self.database))

    @cached_property
    def application(self) -> FastAPI | Unusable:
        """The application, whose databases and workers are closed."""
        scope = self.scope
        main = scope if isinstance(scope, Unusable) else self.loader.load("backend.main")
        if isinstance(main, Unusable):
            return main
        return attempted(self.root, lambda: unserved(main))
