"""The tables that a project has: what a new one may refer to, and what it may not clash with."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from types import ModuleType

from fastapi.routing import APIRoute, APIRouter
from sqlalchemy import MetaData, Table

from backend.core.models import Base
from jedgebot.errors import Failure, Misuse
from jedgebot.spec import words
from jedgebot.spec.building import USERS
from jedgebot.spec.column_reader import is_owned, is_shared
from jedgebot.spec.reader import Derived, read_table
from jedgebot.spec.resolution import Parent, parent_of, resolved
from jedgebot.spec.table import TableSpec


class Project:
    """A project: the one that Python imports `backend` from."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._derived: dict[str, Derived | None] = {}

    @cached_property
    def metadata(self) -> MetaData:
        """The metadata scope.

        Raises:
            Failure: it cannot be imported.
        """
        metadata: MetaData = _imported("backend.models").metadata
        return metadata

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """All tables that have a model, in whichever database, in alphabetical order.

        Raises:
            Failure: the project's code cannot be imported.
        """
        found = dict(self.metadata.tables)
        found |= {name: table for name, (_, table) in self._modules.items()}
        return dict(sorted(found.items()))

    @cached_property
    def modules(self) -> list[str]:
        """The tables that have a module of their own, in alphabetical order.

        Raises:
            Failure: the project's code cannot be imported.
        """
        return sorted(self._modules)

    def derived(self, table: str) -> Derived | None:
        """A table as its module's code describes it; None if it has no model.

        Raises:
            Failure: the code cannot be imported.
        """
        if table not in self._derived:
            self._derived[table] = self._read(table)
        return self._derived[table]

    def spec_of(self, table: str) -> TableSpec | None:
        """A table's specification, read from its code; None if the grammar cannot say all of it.

        Raises:
            Failure: the code cannot be imported.
        """
        derived = self.derived(table)
        return derived.spec if derived is not None and not derived.unsaid else None

    def resolved_all(self, specs: Sequence[TableSpec]) -> list[TableSpec]:
        """New tables with what their references need to know, each behind those it refers to.

        Args:
            specs: the new tables, in any order; they may refer to each other.

        Raises:
            Misuse: a reference cannot be.
            Failure: the project's code cannot be imported.
        """
        return resolved(specs, self._parent, self._referable)

    def parents_of(
        self, spec: TableSpec, new: Mapping[str, TableSpec] | None = None
    ) -> dict[str, TableSpec]:
        """Every table that a specification refers to, directly or through others, but `users`.

        Args:
            spec: of a table.
            new: tables that the project does not have yet, by name.

        Of a table that the grammar cannot say all of, what is known is enough to make rows.

        Raises:
            Misuse: nobody knows how a row of one of them is made.
        """
        added = new or {}
        found: dict[str, TableSpec] = {}
        waiting = [ref.table for _, ref in spec.refs]
        while waiting:
            table = waiting.pop()
            if table in (USERS, spec.name) or table in found:
                continue
            parent = added.get(table) or self._made_by_request(table)
            found[table] = parent
            waiting += [ref.table for field, ref in parent.refs if field.required]
        return found

    def _made_by_request(self, table: str) -> TableSpec:
        derived = self.derived(table)
        if derived is not None and derived.needed == ():
            return derived.spec
        needed = None if derived is None else derived.needed
        raise Misuse(
            f'the tests of a table that refers to "{table}" could make no row there: '
            + (
                f"the field grammar has no words for {', '.join(needed)}."
                if needed
                else "its schemas have no class for a new row."
            ),
            "Add the reference by hand: column, constraint and migration.",
        )

    def _read(self, table: str) -> Derived | None:
        if table not in self._modules:
            return None
        class_name, local = self._modules[table]
        names = {part: self._names(table, part) for part in ("schemas", "services")}
        singular = _singular(class_name, table)
        return read_table(singular, local, names["schemas"], names["services"])

    @cached_property
    def _modules(self) -> dict[str, tuple[str, Table]]:
        """Each module's table, with the name of its model's class."""
        _imported("backend.models")
        found = {}
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            if (
                isinstance(table, Table)
                and mapper.class_.__module__ == f"backend.{table.name}.models"
            ):
                found[table.name] = (mapper.class_.__name__, table)
        return found

    def _names(self, table: str, part: str) -> Mapping[str, object]:
        """The names in one file of a module; none if it has no such file."""
        if not (self.root / "backend" / table / f"{part}.py").is_file():
            return {}
        return vars(_imported(f"backend.{table}.{part}"))

    def _parent(self, table: str) -> Parent | None:
        """A table as others may refer to it; None if there is none.

        Raises:
            Misuse: its rows have no path, so that nobody can name one.
        """
        if table == USERS:
            return Parent(is_owned=False)
        if table not in self.tables:
            return None
        if not self._is_referable(table):
            raise Misuse(
                f'the table "{table}" cannot be referred to: its rows have no path.',
                f"There are: {', '.join(self._referable())}.",
            )
        derived = self.derived(table)
        if derived is not None:
            return parent_of(derived.spec)
        return Parent(is_owned(self.tables[table]))

    def _referable(self) -> Iterator[str]:
        return (table for table in self.tables if self._is_referable(table))

    def _is_referable(self, table: str) -> bool:
        """Whether a row can be named by others: it is a user, or is made at the table's path."""
        if table == USERS:
            return True
        has_module = (self.root / "backend" / table / "routes.py").is_file()
        there = self.tables[table]
        if not has_module or not (is_owned(there) or is_shared(there)):
            return False
        router = getattr(_imported(f"backend.{table}.routes"), "router", None)
        return isinstance(router, APIRouter) and any(
            isinstance(route, APIRoute)
            and route.path == ""
            and route.status_code == HTTPStatus.CREATED
            for route in router.routes
        )

    def require_free(self, spec: TableSpec) -> None:
        """Let a new table pass whose files do not exist yet.

        Raises:
            Misuse: one does.
        """
        for path in (
            f"backend/{spec.name}",
            f"backend/{spec.name}.py",
            f"tests/unit/{spec.name}",
            f"docs/tables/{spec.name}.md",
        ):
            if (self.root / path).exists():
                raise Misuse(
                    f"{path} exists already, but backend/models has no table {spec.name}.",
                    "Move it away, or register the table by hand.",
                )


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:  # the project's code may raise anything
        raise Failure(
            f"{name} cannot be imported: {type(error).__name__}: {error}",
            "Mend it first; `jedgebot table check` says where.",
        ) from error


def _singular(class_name: str, table: str) -> str:
    """What one row is called: the word from which the class has its name."""
    singular = words.singular(table)
    if words.camel_case(singular) == class_name:
        return singular
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in class_name).lstrip("_")
