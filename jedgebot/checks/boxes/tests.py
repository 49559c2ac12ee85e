"""Box 8: the module's routes have tests that can fail."""

from jedgebot.checks.assertions import Assertions, collected_tests, is_skipped
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.project import Module, Project


def look(project: Project, module: Module) -> Seen:
    """`test_routes.py` has tests; each asserts something, and one at least is not skipped."""
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
    yield Proof(f"{path} has {len(tests)} tests, each with an assertion")


CHECK = Box("tests", "Tests", look)
