"""Whether a function of `queries.py` chooses rows by its owner, in each statement it makes."""

import ast
from collections.abc import Iterator

from jedgebot.checks.source import Function, Source

OWNER_ARGUMENT = "owner_id"
_CHOOSERS = frozenset(f"sqlalchemy.{name}" for name in ("select", "update", "delete", "exists"))


def of_any_owner(source: Source, function: Function, models: str) -> Iterator[ast.stmt | ast.expr]:
    """The places where a function asks for rows of any owner; `models` names the rows' module."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if not any(argument.arg == OWNER_ARGUMENT for argument in arguments):
        takes_row = any(
            (source.dotted(argument.annotation) or "").rpartition(".")[0] == models
            for argument in arguments
            if argument.annotation is not None
        )
        if not takes_row:
            yield function
        return
    uses = list(_uses(function))
    if not uses:
        yield function
        return
    for chooser in ast.walk(function):
        if isinstance(chooser, ast.Call) and source.dotted(chooser.func) in _CHOOSERS:
            home = _statement_with(function, chooser)
            if not any(_within(use, home) for use in uses) and not _goes_on(home, function, uses):
                yield chooser


def _uses(function: Function) -> Iterator[ast.AST]:
    """Where the owner chooses: it equals something, or is handed on."""
    for node in ast.walk(function):
        match node:
            case ast.Compare(ops=ops):
                operands = (node.left, *node.comparators)
                if all(isinstance(one, ast.Eq) for one in ops) and any(map(_is_owner, operands)):
                    yield node
            case ast.Call():
                given = (*node.args, *(keyword.value for keyword in node.keywords))
                if any(map(_is_owner, given)):
                    yield node
            case ast.Dict():
                if any(map(_is_owner, node.values)):
                    yield node


def _is_owner(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == OWNER_ARGUMENT


def _statement_with(function: Function, wanted: ast.AST) -> ast.stmt:
    """The innermost statement that has the expression."""
    found: ast.stmt = function
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and _within(wanted, node):
            found = node  # the walk goes from outside to inside
    return found


def _goes_on(home: ast.stmt, function: Function, uses: list[ast.AST]) -> bool:
    """Whether what the statement assigns meets the owner in a later one."""
    names = {
        node.id
        for node in ast.walk(home)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for statement in ast.walk(function):
        if not isinstance(statement, ast.stmt) or statement is function or statement is home:
            continue
        if isinstance(statement, (ast.If, ast.For, ast.While, ast.With, ast.Try)):
            continue  # its parts come by themselves
        named = any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(statement))
        if named and any(_within(use, statement) for use in uses):
            return True
    return False


def _within(wanted: ast.AST, whole: ast.AST) -> bool:
    return any(node is wanted for node in ast.walk(whole))
