"""A source file of the project, read without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Imported:
    """One name that an import statement brings, with the dots of where it comes from."""

    dotted: str
    line: int


@dataclass(frozen=True)
class Source:
    """A file and its syntax tree; the tree is empty if the file cannot be parsed.

    Attributes:
        path: from the project's root, with slashes.
        problem: why it cannot be parsed; None if it can.
    """

    path: str
    text: str
    tree: ast.Module
    problem: str | None = None

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where the node is: file and line."""
        return f"{self.path}:{node.lineno}"

    @property
    def module(self) -> str:
        """The dotted name that Python imports the file by."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Every call, anywhere in the file."""
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def imports(self) -> tuple[Imported, ...]:
        """Everything that is imported, anywhere in the file."""
        return tuple(imported for _, imported in self._bindings())

    @cached_property
    def used_names(self) -> frozenset[str]:
        """The dotted names that the file uses; one of its own begins with the file's module."""
        dotted = {
            self.dotted(node)
            for node in self.nodes
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
        }
        own = {f"{self.module}.{name}" for name in dotted if name and "." not in name}
        return frozenset({name for name in dotted if name} | own)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name: imported.dotted for name, imported in self._bindings()}

    def dotted(self, node: ast.expr) -> str | None:
        """What an expression such as `database.get_db` refers to, by this file's imports.

        Names that the file does not import stand for themselves; other expressions give None.
        """
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            value = self.dotted(node.value)
            return f"{value}.{node.attr}" if value is not None else None
        return None

    def function(self, name: str) -> Function | None:
        """The function of this name at the top of the file."""
        for node in self.tree.body:
            if isinstance(node, Function) and node.name == name:
                return node
        return None

    def assignment(self, name: str) -> ast.stmt | None:
        """The last statement at the top of the file that gives the name a value."""
        for node in reversed(self.tree.body):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                targets = [node.target]
            if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                return node
        return None

    def class_named(self, name: str) -> ast.ClassDef | None:
        """The class of this name at the top of the file."""
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return node
        return None

    def _bindings(self) -> Iterator[tuple[str, Imported]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.split(".")[0]
                    dotted = alias.name if alias.asname else bound
                    yield bound, Imported(dotted, node.lineno)
                    if dotted != alias.name:
                        # Nothing is bound to the whole path, but it is imported.
                        yield alias.name, Imported(alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                for alias in node.names:
                    imported = Imported(f"{origin}.{alias.name}", node.lineno)
                    yield alias.asname or alias.name, imported

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.split("/")[: -node.level]
        return ".".join([*package, node.module] if node.module else package)


def read_source(root: Path, path: str) -> Source | None:
    """Read and parse a file; None if it does not exist."""
    try:
        text = (root / path).read_text(encoding="utf-8")
        return Source(path, text, ast.parse(text))
    except FileNotFoundError:
        return None
    except SyntaxError as error:
        return Source(path, "", ast.parse(""), f"{path}:{error.lineno}: {error.msg}")
    except ValueError as error:
        return Source(path, "", ast.parse(""), f"{path}: {error}")
