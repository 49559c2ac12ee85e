"""The sorted import block at the top of a module."""

from collections.abc import Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

LINE_LENGTH = 100

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


def has_import(module: cst.Module, package: str, name: str) -> bool:
    """Whether a module imports a name from a package, under this name."""
    return any(
        _package_of(part) == package and (name, name) in _imported_by(part)
        for statement in module.body
        for part in _small(statement)
        if isinstance(part, cst.ImportFrom)
    )


def import_line(package: str, name: str) -> str:
    """One `from … import …` line, or three where it is too long for one."""
    line = f"from {package} import {name}"
    return line if len(line) <= LINE_LENGTH else f"from {package} import (\n    {name},\n)"


def with_import(module: cst.Module, package: str, name: str) -> cst.Module | None:
    """The module with one more `from … import …`, in the place where the linter wants it.

    None if there is no import of the same top-level package, beside which it would stand.
    """
    parsed = cst.parse_statement(f"{import_line(package, name)}\n")
    added = cst.ensure_type(parsed, cst.SimpleStatementLine)
    group = [
        (index, found)
        for index, statement in enumerate(module.body)
        if (found := _import_from(statement)) and _top(found) == _top(package)
    ]
    if not group:
        return None
    after = [index for index, found in group if _order(found) > _order(package)]
    body: list[Statement] = list(module.body)
    if not after:
        body.insert(group[-1][0] + 1, added)
    else:
        # What stands before the first line of a group, comments and blank lines, stays there.
        index = after[0]
        follower = cst.ensure_type(body[index], cst.SimpleStatementLine)
        if index == group[0][0]:
            added = added.with_changes(leading_lines=follower.leading_lines)
            body[index] = follower.with_changes(leading_lines=())
        body.insert(index, added)
    return module.with_changes(body=body)


def _package_of(statement: cst.ImportFrom) -> str:
    return "" if statement.module is None else get_full_name_for_node(statement.module) or ""


def _small(statement: Statement) -> Sequence[cst.BaseSmallStatement]:
    return statement.body if isinstance(statement, cst.SimpleStatementLine) else ()


def _import_from(statement: Statement) -> str | None:
    """The module of a line that is one absolute `from … import …`."""
    small = _small(statement)
    if len(small) == 1 and isinstance(small[0], cst.ImportFrom) and not small[0].relative:
        return _package_of(small[0])
    return None


def _imported_by(statement: cst.ImportFrom) -> set[tuple[str, str]]:
    """Pairs of a name and what it is called in the importing module."""
    if isinstance(statement.names, cst.ImportStar):
        return set()
    return {
        (alias.evaluated_name, alias.evaluated_alias or alias.evaluated_name)
        for alias in statement.names
    }


def _top(package: str) -> str:
    return package.partition(".")[0]


def _order(package: str) -> str:
    return package.lower()
