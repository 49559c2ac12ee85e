"""Box 8: the module's routes have tests that can fail."""

import ast

from fastapi.routing import APIRoute

from backend.core.models import Owned
from jedgebot.checks.assertions import Assertions, collected_tests, is_skipped
from jedgebot.checks.boxes.routes import routes_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Function, Source

_CLIENT = "tests.clients.Client"
_MAKER = "tests.clients.registered"
_WITHOUT_USER = frozenset({"visitor"})


def look(project: Project, module: Module) -> Seen:
    """`test_routes.py` has tests; each asserts something, and one at least is not skipped.

    Each method of the routes is sent, and where a path names a row of one user, another user
    asks for it.
    """
    path = f"tests/unit/{module.name}/test_routes.py"
    source = project.source(path)
    if source is None:
        yield Problem(f"{path} does not exist", "write a test of each route there")
        return
    if source.problem is not None:
        yield Problem(f"{path} cannot be read: {source.problem}", "mend that line")
        return
    tests = collected_tests(source)
    if all(is_skipped(source, test) for test in tests):
        yield Problem(f"{path} has no test that runs", "write a test of each route there")
        return
    assertions = Assertions(project)
    for test in tests:
        if not assertions.made_by(source, test):
            yield Problem(
                f"{source.at(test)} {test.name} asserts nothing",
                "assert what the answer must be: status, body, headers",
            )
    running = [test for test in tests if not is_skipped(source, test)]
    routes = routes_of(module)
    yield from _every_method(source, routes)
    if _names_owned_rows(module, routes) and not any(_has_two(source, one) for one in running):
        yield Problem(
            f"{path} never asks as a second user",
            "take the fixtures alice and bob, and let bob get 404 for the rows of alice",
        )
    yield Proof(f"{path} has {len(tests)} tests, each with an assertion")


def _every_method(source: Source, routes: list[APIRoute]) -> Seen:
    sent = {call.func.attr.upper() for call in source.calls if isinstance(call.func, ast.Attribute)}
    sent |= {
        str(one.value)
        for call in source.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "request"
        for one in call.args[:1]
        if isinstance(one, ast.Constant)
    }
    methods = {method for route in routes for method in route.methods or ()}
    for method in sorted(methods - sent):
        yield Problem(
            f"{source.path} never sends {method}", "write a test of the route that answers it"
        )


def _names_owned_rows(module: Module, routes: list[APIRoute]) -> bool:
    is_owned = module.model is not None and issubclass(module.model, Owned)
    return is_owned and any("{" in route.path for route in routes)


def _has_two(source: Source, test: Function) -> bool:
    """Whether a test speaks for two users."""
    clients = [
        argument.arg
        for argument in (*test.args.args, *test.args.kwonlyargs)
        if argument.annotation is not None
        and source.dotted(argument.annotation) == _CLIENT
        and argument.arg not in _WITHOUT_USER
    ]
    calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
    made = sum(source.dotted(call.func) == _MAKER for call in calls)
    return len(clients) + made > 1


CHECK = Box("tests", "Tests", look)
