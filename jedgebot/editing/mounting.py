"""`backend/main.py`: the import of a module's routes, and the line that mounts them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node

from jedgebot.editing.imports import LINE_LENGTH, Statement, has_import, imported_by, with_import
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.spec.table import TableSpec

Block = cst.Module | cst.IndentedBlock


@dataclass(frozen=True)
class Mounted:
    """One `include_router` line.

    Attributes:
        app: what it is called on.
        router: the router, such as `users.router`.
        prefix: the path; empty if there is none.
    """

    app: str
    router: str
    prefix: str


def mount(source: str, spec: TableSpec) -> Result:
    """Import the table's routes and include their router under `/<table>`."""
    package = f"backend.{spec.name}"
    router, prefix = f"{spec.name}.router", f"/{spec.name}"
    line = f"from {package} import routes as {spec.name}"
    hint = f'Add by hand "{line}" and \'app.include_router({router}, prefix="{prefix}")\'.'
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        return CannotEdit(f"is not Python (line {error.raw_line})", hint)
    imported = has_import(module, package, "routes", spec.name)
    lines = mounted_in(module)
    is_mounted = any((one.router, one.prefix) == (router, prefix) for one in lines)
    if imported and is_mounted:
        return AlreadyThere()
    problem = _obstacle(module, spec.name, is_new=not imported and not is_mounted, lines=lines)
    if problem is not None:
        return CannotEdit(problem, hint)
    if not is_mounted:
        module = _mounted(module, lines[-1].app, router, prefix)
    if not imported:
        changed = with_import(module, package, "routes", spec.name)
        if changed is None:
            return CannotEdit("has no import from the backend to stand beside", hint)
        module = changed
    return Changed(module.code)


def mounted_in(module: cst.Module) -> list[Mounted]:
    """The `include_router` lines of a module, in order."""
    return [_read(line) for line in _lines(module)]


def _lines(module: cst.Module) -> list[cst.SimpleStatementLine]:
    # libcst.matchers would find them too, but its import takes a quarter of a second.
    return [
        statement
        for block in _blocks(module)
        for statement in block.body
        if isinstance(statement, cst.SimpleStatementLine) and _mounts(statement)
    ]


def _blocks(node: cst.CSTNode) -> Iterator[Block]:
    """Every body of statements in a tree."""
    if isinstance(node, Block):
        yield node
    for child in node.children:
        yield from _blocks(child)


def _mounts(statement: cst.SimpleStatementLine) -> bool:
    match statement.body:
        case [cst.Expr(value=cst.Call(func=cst.Attribute(attr=cst.Name("include_router"))))]:
            return True
    return False


def _obstacle(
    module: cst.Module, table: str, *, is_new: bool, lines: Sequence[Mounted]
) -> str | None:
    """Why the module cannot be edited."""
    if not lines:
        return "has no include_router line to stand beside"
    clashing = [one.router for one in lines if one.prefix == f"/{table}"]
    if clashing and clashing != [f"{table}.router"]:
        return f"mounts {clashing[0]} at /{table} already"
    if is_new:
        uses = _Uses()
        module.visit(uses)
        if table in uses.names:
            return f"uses the name {table} for something else"
    return None


def _mounted(module: cst.Module, app: str, router: str, prefix: str) -> cst.Module:
    call = f'{app}.include_router({{}}{router}, prefix="{prefix}"{{}})\n'
    short = _with_line(module, cst.parse_statement(call.format("", "")), router)
    if max(map(len, short.code.splitlines())) <= LINE_LENGTH:
        return short
    return _with_line(module, cst.parse_statement(call.format("\n    ", "\n")), router)


def _with_line(module: cst.Module, added: Statement, router: str) -> cst.Module:
    """The module with one more mounting line, sorted among those that are there."""
    lines = _lines(module)
    follower = next((line for line in lines if _read(line).router > router), None)
    if follower is None:
        return _inserted(module, lines[-1], [lines[-1], added])
    if follower is lines[0]:
        # Comments and blank lines above the first line stay above it.
        added = added.with_changes(leading_lines=follower.leading_lines)
        return _inserted(module, follower, [added, follower.with_changes(leading_lines=())])
    return _inserted(module, follower, [added, follower])


def _inserted(
    module: cst.Module, place: cst.BaseStatement, statements: Sequence[Statement]
) -> cst.Module:
    """The module with statements in the place of one."""
    for block in _blocks(module):
        if any(statement is place for statement in block.body):
            body = [
                new
                for statement in block.body
                for new in (statements if statement is place else [statement])
            ]
            changed = module.deep_replace(block, block.with_changes(body=body))
            return cst.ensure_type(changed, cst.Module)
    return module


class _Uses(cst.CSTVisitor):
    """Collects the names that a module binds or reads."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.Name(value=name):
                self.names.add(name)
            case cst.Attribute() | cst.Arg():
                node.value.visit(self)
                return False
            case cst.ImportFrom():
                self.names |= {bound for _, bound in imported_by(node)}
                return False
        return True


def _read(line: cst.SimpleStatementLine) -> Mounted:
    expression = cst.ensure_type(line.body[0], cst.Expr)
    call = cst.ensure_type(expression.value, cst.Call)
    app = get_full_name_for_node(cst.ensure_type(call.func, cst.Attribute).value) or ""
    router = prefix = ""
    for argument in call.args:
        if argument.keyword is None:
            router = get_full_name_for_node(argument.value) or router
        elif argument.keyword.value == "prefix" and isinstance(argument.value, cst.SimpleString):
            prefix = str(argument.value.evaluated_value)
    return Mounted(app, router, prefix)
