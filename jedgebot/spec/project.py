"""The tables that a project has: what a new one may refer to, and what it may not clash with."""

import importlib
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from types import ModuleType

from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel
from sqlalchemy import MetaData

from backend.core.models import Base
from jedgebot.errors import Failure, Misuse
from jedgebot.spec import words
from jedgebot.spec.reader import NotReadable, is_owned, read_table
from jedgebot.spec.table import TableSpec
from jedgebot.spec.types import Ref

USERS = "users"


class Project:
    """A project: the one that Python imports `backend` from."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def metadata(self) -> MetaData:
        """The metadata scope.

        Raises:
            Failure: it cannot be imported.
        """
        metadata: MetaData = _imported("backend.models").metadata
        return metadata

    def spec_of(self, table: str) -> TableSpec | None:
        """A table's specification, read from its code; None if the grammar has no words for it.

        Raises:
            Failure: the code cannot be imported.
        """
        for mapper in Base.registry.mappers:
            name = mapper.class_.__name__
            if mapper.class_.__module__ != f"backend.{table}.models":
                continue
            schemas = _imported(f"backend.{table}.schemas")
            schema = getattr(schemas, f"{name}Create", None)
            is_schema = isinstance(schema, type) and issubclass(schema, BaseModel)
            try:
                return read_table(
                    _snake_case(name, table),
                    self.metadata.tables[table],
                    schema if is_schema else None,
                )
            except NotReadable:
                return None
        return None

    def resolved(self, spec: TableSpec) -> TableSpec:
        """The specification with what its references need to know of their tables.

        Raises:
            Misuse: one refers to a table that does not exist, or that has no rows to refer to.
            Failure: the project's code cannot be imported.
        """
        fields = tuple(
            replace(field, type=self._resolved_ref(field.name, field.type))
            if isinstance(field.type, Ref)
            else field
            for field in spec.fields
        )
        return replace(spec, fields=fields)

    def _resolved_ref(self, field: str, ref: Ref) -> Ref:
        referable = [name for name in sorted(self.metadata.tables) if self._is_referable(name)]
        if ref.table in referable:
            return replace(ref, owned=is_owned(self.metadata.tables[ref.table]))
        near = get_close_matches(ref.table, referable, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(referable)}."
        if ref.table in self.metadata.tables:
            raise Misuse(
                f'the field "{field}" cannot refer to "{ref.table}": its rows have no path.', hint
            )
        raise Misuse(
            f'the field "{field}" refers to the table "{ref.table}", which does not exist.', hint
        )

    def _is_referable(self, table: str) -> bool:
        """Whether a row can be named by others: it is a user, or is made at the table's path."""
        if table == USERS:
            return True
        has_module = (self.root / "backend" / table / "routes.py").is_file()
        if not has_module or not is_owned(self.metadata.tables[table]):
            return False
        router = getattr(_imported(f"backend.{table}.routes"), "router", None)
        return isinstance(router, APIRouter) and any(
            isinstance(route, APIRoute)
            and route.path == ""
            and route.status_code == HTTPStatus.CREATED
            for route in router.routes
        )

    def parents_of(self, spec: TableSpec) -> dict[str, TableSpec]:
        """Every table that a specification refers to, directly or through others, but `users`.

        Raises:
            Misuse: one of them is not as the field grammar makes tables.
        """
        found: dict[str, TableSpec] = {}
        waiting = [ref.table for _, ref in spec.refs]
        while waiting:
            table = waiting.pop()
            if table == USERS or table in found:
                continue
            parent = self.spec_of(table)
            if parent is None:
                raise Misuse(
                    f'the table "{table}" has columns that the field grammar has no words for.',
                    "Add the reference by hand: column, constraint and migration.",
                )
            found[table] = parent
            waiting += [ref.table for field, ref in parent.refs if field.required]
        return found

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


def _snake_case(class_name: str, table: str) -> str:
    """What one row is called: the word from which the class has its name."""
    singular = words.singular(table)
    if words.camel_case(singular) == class_name:
        return singular
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in class_name).lstrip("_")
