"""Whether a function of `queries.py` chooses rows by its owner, in each statement it makes."""

import ast
from collections.abc import Iterable, Iterator

from jedgebot.checks.source import Function, Source

OWNER_ARGUMENT = "owner_id"
_CHOOSERS = frozenset(f"sqlalchemy.{name}" for name in ("select", "update", "delete", "exists"))
_CONDITIONS = frozenset({"where", "filter"})


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
    uses = list(_uses(source, function))
    if not uses:
        yield function
        return
    for chooser in ast.walk(function):
        if isinstance(chooser, ast.Call) and source.dotted(chooser.func) in _CHOOSERS:
            home = _statement_with(function, chooser)
            if not any(_within(use, home) for use in uses) and not _goes_on(home, function, uses):
                yield chooser


def _uses(source: Source, node: ast.AST, *, holds: bool = True) -> Iterator[ast.AST]:
    """Where the owner chooses: it equals something, or is handed on.

    What stands within an OR chooses nothing. An equality does if it holds of each row: it is no
    part of a call that is neither `where` nor AND, nor of anything that may go the other way.
    """
    match node:
        case _ if _is_or(source, node):
            return
        case ast.Compare(ops=ops):
            operands = (node.left, *node.comparators)
            if holds and all(isinstance(one, ast.Eq) for one in ops) and _has_owner(operands):
                yield node
        case ast.Call():
            if _is_given_owner(node):
                yield node
            is_where = isinstance(node.func, ast.Attribute) and node.func.attr in _CONDITIONS
            holds = is_where or (holds and source.dotted(node.func) == "sqlalchemy.and_")
        case ast.BoolOp(op=ast.Or()) | ast.UnaryOp(op=ast.Invert()) | ast.IfExp():
            holds = False
        case ast.Dict():
            if _has_owner(node.values):
                yield node
    for child in ast.iter_child_nodes(node):
        yield from _uses(source, child, holds=holds)


def _is_or(source: Source, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return source.dotted(node.func) == "sqlalchemy.or_"
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def _has_owner(nodes: Iterable[ast.expr | None]) -> bool:
    return any(isinstance(node, ast.Name) and node.id == OWNER_ARGUMENT for node in nodes)


def _is_given_owner(call: ast.Call) -> bool:
    """Whether a call is given the owner, alone or as the beginning of a row's whole key."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    is_get = isinstance(call.func, ast.Attribute) and call.func.attr in ("get", "get_one")
    keys = [one.elts for one in given if isinstance(one, ast.Tuple)] if is_get else []
    return _has_owner(given) or any(len(key) > 1 and _has_owner(key[:1]) for key in keys)


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
