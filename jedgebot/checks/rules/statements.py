"""Every statement is written in `queries.py`, where it is seen beside the others."""

import ast
from collections.abc import Iterator

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project
from jedgebot.checks.source import Function, Source

_FILES = frozenset({"routes", "dependencies", "services", "schemas"})
_MAKERS = frozenset(
    {
        "sqlalchemy.select",
        "sqlalchemy.insert",
        "sqlalchemy.update",
        "sqlalchemy.delete",
        "sqlalchemy.exists",
        "sqlalchemy.text",
        "sqlalchemy.union",
        "sqlalchemy.union_all",
        "sqlalchemy.dialects.postgresql.insert",
        "sqlalchemy.dialects.sqlite.insert",
    }
)
_SESSIONS = frozenset(
    {
        "sqlalchemy.Connection",
        "sqlalchemy.orm.Session",
        "backend.core.database.DbSession",
        "backend.core.database.RequestSession",
    }
)
_TRANSACTIONS = frozenset({"read", "write"})


def look(project: Project) -> Seen:
    """Outside `queries.py` no statement is made, and no session is used but to hand it on."""
    count = 0
    for source in project.backend_sources:
        if source.module.rpartition(".")[2] not in _FILES:
            continue
        count += 1
        for call in source.calls:
            dotted = source.dotted(call.func)
            if dotted in _MAKERS:
                yield Problem(
                    f"{source.at(call)} makes a statement: {dotted.rpartition('.')[2]}(…)",
                    "move it to queries.py",
                )
        for call, name in _uses_of_sessions(source):
            yield Problem(
                f"{source.at(call)} sends a statement itself: {name}(…)",
                "move it to a function in queries.py, and call that with the session",
            )
    yield Proof(f"{count} files read")


def _uses_of_sessions(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Calls of a method of a session: which one, and how it is written."""
    seen: set[ast.Call] = set()
    for scope, sessions in _scopes(source):
        for node in ast.walk(scope):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in sessions
                and node not in seen
            ):
                seen.add(node)
                yield node, ast.unparse(node.func)


def _scopes(source: Source) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Functions that have sessions, with the names of these."""
    for node in source.nodes:
        if isinstance(node, Function):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            names = frozenset(
                one.arg
                for one in arguments
                if one.annotation is not None and _is_session(source, one.annotation)
            )
            if names:
                yield node, names
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _TRANSACTIONS
        ):
            for one in node.args:
                if isinstance(one, ast.Lambda) and one.args.args:
                    yield one, frozenset({one.args.args[0].arg})


def _is_session(source: Source, annotation: ast.expr) -> bool:
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and source.dotted(node) in _SESSIONS
        for node in ast.walk(annotation)
    )


CHECK = Rule("statements", "Statements are written and sent in queries.py", look)
