"""Every query of an owned table says whose rows it means, and so does every operation."""

import ast
from collections.abc import Iterator

from sqlalchemy import ClauseElement, Table

from backend.core.models import Owned, Shared
from backend.core.operations import Operation
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.operations import STATEMENTS, is_by_owner, own_operations, statement_of
from jedgebot.checks.owner_filters import OWNER_ARGUMENT as _OWNER
from jedgebot.checks.owner_filters import of_any_owner
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Function, Source


def look(project: Project) -> Seen:
    """Whatever chooses rows of an owned table chooses them by their owner.

    A public function in `queries.py` takes a row of the model, or chooses by its `owner_id` in
    each statement that it makes. A statement outside of functions, and that of every operation
    in `services.py`, has the condition that the owner is `backend.core.statements.OWNER`.
    """
    queries = statements = operations = 0
    for module in project.modules:
        source = module.source("queries.py")
        if source is not None and module.table is not None and is_owned(module):
            for node in source.tree.body:
                if isinstance(node, Function) and not node.name.startswith("_"):
                    queries += 1
                    for place in of_any_owner(source, node, f"{module.package}.models"):
                        yield Problem(
                            f"{source.at(place)} {node.name} asks for rows of any owner",
                            f"give it the parameter {_OWNER}: UUID, and filter by it",
                        )
            for node, name, statement in _statements(module, source):
                statements += 1
                if not is_by_owner(statement, module.table):
                    yield _of_anyone(f"{source.at(node)} {name}", module.table)
        for home, node, name, operation in own_operations(module):
            operations += 1
            yield from _owned(f"{home.at(node)} {name}", operation)
    yield Proof(
        f"{queries} queries and {statements} statements of owned tables and "
        f"{operations} operations read"
    )


def is_owned(module: Module) -> bool:
    """Whether the rows of the module's table belong to users."""
    if module.model is not None and issubclass(module.model, Owned):
        return True
    table = module.table
    return isinstance(table, Table) and any(
        key.target_fullname == "users.id" and key.parent.name == "user_id"
        for key in table.foreign_keys
    )


def _statements(module: Module, source: Source) -> Iterator[tuple[ast.stmt, str, ClauseElement]]:
    """The statements that stand in `queries.py` outside its functions."""
    loaded = module.load("queries")
    if isinstance(loaded, Unusable):
        return
    for name, value in vars(loaded).items():
        node = source.assignment(name)
        if node is not None and isinstance(value, STATEMENTS):
            yield node, name, value


def _owned(where: str, operation: Operation) -> Seen:
    """An operation reaches rows of its owner only, and adds none for another.

    Rows that all users share have no owner.
    """
    if issubclass(operation.model, Shared):
        return
    table, statement = operation.model.__table__, statement_of(operation)
    if statement is not None and not is_by_owner(statement, table):
        yield _of_anyone(where, table)
    elif statement is None and "user_id" not in table.columns:
        yield Problem(
            f"{where} adds rows of nobody: {table.name} has no column user_id",
            "write a function that says who may add them",
        )


def _of_anyone(where: str, table: Table) -> Problem:
    column = "id" if table.name == "users" else "user_id"
    return Problem(
        f"{where} asks for rows of any owner",
        f"add .where(….{column} == OWNER), with OWNER of backend.core.statements",
    )


CHECK = Rule("owners", "Whatever chooses rows of an owned table names the owner", look)
