"""Whether a test can fail: it asserts something, or calls something that does."""

import ast

from jedgebot.checks.live_code import always_holds, live_nodes
from jedgebot.checks.project import Project
from jedgebot.checks.source import Function, Source

_RAISING = frozenset({"pytest.raises", "pytest.warns", "pytest.fail", "pytest.deprecated_call"})
_SKIPPING = frozenset({"pytest.mark.skip"})


def collected_tests(source: Source) -> list[Function]:
    """The functions that pytest collects from the file."""
    found: list[Function] = []
    for node in source.tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) and node.name[:4] == "Test" else [node]
        found += [one for one in inner if isinstance(one, Function) and one.name[:4] == "test"]
    return found


def is_skipped(source: Source, test: Function) -> bool:
    """Whether the test is marked never to run."""
    classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
    homes = [node for node in classes if test in node.body]
    given = [*test.decorator_list, *(mark for home in homes for mark in home.decorator_list)]
    for body in (source.tree.body, *(home.body for home in homes)):
        given += [mark for statement in body for mark in _marks_of_all(statement)]
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in given]
    return any(source.dotted(mark) in _SKIPPING for mark in marks)


def _marks_of_all(statement: ast.stmt) -> list[ast.expr]:
    """The marks that `pytestmark` gives to all tests beside it."""
    match statement:
        case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
            return value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
    return []


class Assertions:
    """Follows calls through the helpers under `tests/`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, int], bool] = {}

    def made_by(self, source: Source, function: Function) -> bool:
        """Whether the function asserts something that may fail."""
        key = (source.path, function.lineno)
        if key not in self._known:
            # A function that calls itself asserts no more for that.
            self._known[key] = False
            live = live_nodes(source, function.body)
            self._known[key] = any(self._asserts(source, node) for node in live)
        return self._known[key]

    def _asserts(self, source: Source, node: ast.AST) -> bool:
        if isinstance(node, ast.Assert):
            return not always_holds(node.test)
        if not isinstance(node, ast.Call):
            return False
        dotted = source.dotted(node.func)
        if dotted in _RAISING:
            return True
        helpers = [*self._functions(source, dotted), *self._methods(source, node.func)]
        return any(self.made_by(*helper) for helper in helpers)

    def _functions(self, source: Source, dotted: str | None) -> list[tuple[Source, Function]]:
        """The helper that a name refers to: in this file, or in one under `tests/`."""
        module, _, name = (dotted or "").rpartition(".")
        home = source if not module else self._helper_file(module)
        found = home.function(name) if home is not None else None
        return [(home, found)] if home is not None and found is not None else []

    def _methods(self, source: Source, called: ast.expr) -> list[tuple[Source, Function]]:
        """Methods of the name that is called, of the classes that the test's file knows."""
        if not isinstance(called, ast.Attribute):
            return []
        homes = {source.path: source}
        for imported in source.imports:
            home = self._helper_file(imported.dotted.rpartition(".")[0])
            if home is not None:
                homes[home.path] = home
        return [
            (home, node)
            for home in homes.values()
            for owner in home.tree.body
            if isinstance(owner, ast.ClassDef)
            for node in owner.body
            if isinstance(node, Function) and node.name == called.attr
        ]

    def _helper_file(self, module: str) -> Source | None:
        if module.partition(".")[0] != "tests":
            return None
        return self._project.source(f"{module.replace('.', '/')}.py")
