"""What of a function runs at all, and which assertions hold whatever happens."""

import ast
from collections.abc import Iterator, Sequence

from jedgebot.checks.source import Source

_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_EQUAL = (ast.Eq, ast.Is, ast.LtE, ast.GtE)
_SKIPPING = frozenset({"pytest.skip", "pytest.xfail", "pytest.exit"})


def live_nodes(source: Source, body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of the statements that can be reached."""
    for statement in body:
        if isinstance(statement, (ast.If, ast.While)) and isinstance(statement.test, ast.Constant):
            branch = statement.body if statement.test.value else statement.orelse
            yield from live_nodes(source, branch)
            continue
        yield statement
        for _, value in ast.iter_fields(statement):
            yield from _live_in(source, value)
        if isinstance(statement, _ENDS) or _skips(source, statement):
            return


def _live_in(source: Source, value: object) -> Iterator[ast.AST]:
    """What is live in a field of a node: a block of statements, expressions, or other parts."""
    if isinstance(value, list):
        statements = [one for one in value if isinstance(one, ast.stmt)]
        yield from live_nodes(source, statements)
        for one in value:
            if not isinstance(one, ast.stmt):
                yield from _live_in(source, one)
    elif isinstance(value, ast.AST):
        yield value
        for _, inner in ast.iter_fields(value):
            yield from _live_in(source, inner)


def _skips(source: Source, statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and source.dotted(call.func) in _SKIPPING


def always_holds(test: ast.expr) -> bool:
    """Whether an assertion cannot fail, as can be seen without running it."""
    match test:
        case ast.Constant() | ast.JoinedStr() | ast.Lambda():
            return True
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return bool(elements)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(always_holds(value) for value in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(always_holds(value) for value in values)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return isinstance(operator, _EQUAL) and ast.dump(left) == ast.dump(right)
    return False
