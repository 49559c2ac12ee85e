"""Declared operations and their statements, as the checks find them."""

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from fastapi.routing import APIRoute
from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    CompoundSelect,
    Delete,
    Exists,
    ScalarSelect,
    Select,
    Table,
    TextClause,
    Update,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping
from sqlalchemy.sql.visitors import iterate

from backend.core.operations import Browse, Change, Create, Get, Operation, Remove
from backend.core.routing import DeclaredRoute
from backend.core.statements import OWNER
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Source

STATEMENTS = (Select, CompoundSelect, Update, Delete, Exists, TextClause)
"""What chooses rows; an INSERT does not."""


def declared_in(services: ModuleType) -> dict[str, Operation]:
    """The operations that a `services.py` has, by their names."""
    return {
        name: value
        for name, value in vars(services).items()
        if isinstance(value, (Browse, Change, Create, Get, Remove))
    }


def declared_anywhere(project: Project) -> frozenset[int]:
    """The identities of the operations that any `services.py` has."""
    return project.once(_declared_anywhere)


def _declared_anywhere(project: Project) -> frozenset[int]:
    services = (module.load("services") for module in project.modules)
    return frozenset(
        id(operation)
        for loaded in services
        if not isinstance(loaded, Unusable)
        for operation in declared_in(loaded).values()
    )


def own_operations(module: Module) -> Iterator[tuple[Source, ast.stmt, str, Operation]]:
    """The operations that the module's `services.py` declares: where, name, operation."""
    source, loaded = module.source("services.py"), module.load("services")
    if source is None or isinstance(loaded, Unusable):
        return
    for name, operation in declared_in(loaded).items():
        node = source.assignment(name)
        if node is not None:
            yield source, node, name, operation


def operation_of(route: APIRoute) -> Operation | None:
    """What a declared route serves; None if the route has a handler."""
    return route.attempt.operation if isinstance(route, DeclaredRoute) else None


def declaration_of(module: Module, route: APIRoute) -> tuple[Source, ast.Call] | None:
    """The call of `router.declare` in `routes.py` that gives the route its name."""
    source = module.source("routes.py")
    for call in source.calls if source is not None else ():
        names = [one.value for one in call.keywords if one.arg == "name"]
        if (
            source is not None
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "declare"
            and any(isinstance(one, ast.Constant) and one.value == route.name for one in names)
        ):
            return source, call
    return None


def statement_of(operation: Operation) -> Select[Any] | None:
    """The statement that chooses the rows of an operation; None if it adds one."""
    match operation:
        case Browse(rows=rows):
            return rows
        case Get(one=one) | Change(one=one) | Remove(one=one):
            return one
    return None


def binds(statement: ClauseElement) -> frozenset[str]:
    """The names of the parameters in a statement."""
    return frozenset(one.key for one in iterate(statement) if isinstance(one, BindParameter))


def is_by_owner(statement: ClauseElement, table: Table) -> bool:
    """Whether a statement can only ever reach rows of the table that `OWNER` owns.

    So it is if its condition, or each part of it that AND joins, includes that the table's
    owner is `OWNER`: what stands within an OR does not count.
    """
    match statement:
        case Exists() | ScalarSelect():
            return is_by_owner(statement.element, table)
        case CompoundSelect():
            return all(is_by_owner(one, table) for one in statement.selects)
        case Select() | Update() | Delete():
            return any(_names_owner(part, table) for part in _parts(statement.whereclause))
    return False


def _parts(condition: object) -> Iterator[ClauseElement]:
    """What a condition demands all of; nothing if there is none."""
    match condition:
        case BooleanClauseList() if condition.operator is operators.and_:
            for part in condition.clauses:
                yield from _parts(part)
        case Grouping():
            yield from _parts(condition.element)
        case ClauseElement():
            yield condition


def _names_owner(condition: ClauseElement, table: Table) -> bool:
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return False
    sides = (condition.left, condition.right)
    return any(isinstance(one, BindParameter) and one.key == OWNER.key for one in sides) and any(
        _is_owner_of(one, table) for one in sides
    )


def _is_owner_of(column: ColumnElement[Any], table: Table) -> bool:
    home = getattr(column, "table", None)
    owner = "id" if table.name == "users" else "user_id"
    return getattr(home, "name", None) == table.name and getattr(column, "name", None) == owner
