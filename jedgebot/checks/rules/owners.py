"""Every query of an owned table says whose rows it means."""

import ast

from sqlalchemy import Table

from backend.core.models import OwnedRecord
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Function, Source

_OWNER = "owner_id"


def look(project: Project) -> Seen:
    """A public function in `queries.py` uses its `owner_id`, or takes a row of the model."""
    count = 0
    for module in project.modules:
        source = module.source("queries.py")
        if source is None or module.model is None or not is_owned(module):
            continue
        for node in source.tree.body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                count += 1
                if not _knows_owner(source, node, f"{module.package}.models"):
                    yield Problem(
                        f"{source.at(node)} {node.name} asks for rows of any owner",
                        f"give it the parameter {_OWNER}: UUID, and filter by it",
                    )
    yield Proof(f"{count} queries of owned tables read")


def is_owned(module: Module) -> bool:
    """Whether the rows of the module's table belong to users."""
    if module.model is not None and issubclass(module.model, OwnedRecord):
        return True
    table = module.table
    return isinstance(table, Table) and any(
        key.target_fullname == "users.id" and key.parent.name == "user_id"
        for key in table.foreign_keys
    )


def _knows_owner(source: Source, function: Function, models: str) -> bool:
    arguments = [
        *function.args.posonlyargs,
        *function.args.args,
        *function.args.kwonlyargs,
    ]
    if any(argument.arg == _OWNER for argument in arguments):
        return any(
            isinstance(node, ast.Name) and node.id == _OWNER
            for statement in function.body
            for node in ast.walk(statement)
        )
    return any(
        (source.dotted(argument.annotation) or "").rpartition(".")[0] == models
        for argument in arguments
        if argument.annotation is not None
    )


CHECK = Rule("owners", "Every query of an owned table takes its owner", look)
