"""`backend/main.py`: the line that names a module and where it is mounted."""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node

from jedgebot.editing.elements import one_per_line, with_element
from jedgebot.editing.imports import LINE_LENGTH
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.spec.table import TableSpec

TUPLE = "MODULES"
CALL = "Module"


@dataclass(frozen=True)
class Mounted:
    """One `Module(…)` in the tuple.

    Attributes:
        place: its index among the elements.
        name: the package.
        prefix: the path; empty if it is not written out.
    """

    place: int
    name: str
    prefix: str


def mount(source: str, spec: TableSpec) -> Result:
    """Name the table's module, to be mounted under `/<table>`."""
    name, prefix = f"backend.{spec.name}", f"/{spec.name}"
    [short, *_] = forms = _forms(name, prefix, spec.database)
    hint = f"Add by hand '{short},' to {TUPLE}."
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        return CannotEdit(f"is not Python (line {error.raw_line})", hint)
    named = _named(module)
    lines = [] if named is None else mounted_in(named)
    if named is None or not lines:
        return CannotEdit(f"has no {TUPLE} that is a tuple of {CALL}(…) lines", hint)
    if any(line.name == name for line in lines):
        return AlreadyThere()
    clashing = [line.name for line in lines if line.prefix == prefix]
    if clashing:
        return CannotEdit(f"mounts {clashing[0]} at {prefix} already", hint)
    place = next((line.place for line in lines if line.name > name), lines[-1].place + 1)
    for form in forms:
        changed = _with_line(module, named, place, cst.parse_expression(form))
        if changed is not None:
            return Changed(changed.code)
    return CannotEdit(f"has lines of more than {LINE_LENGTH} characters", hint)


def mounted_in(named: cst.Tuple) -> list[Mounted]:
    """The modules that are written out, in order."""
    return [
        _read(place, element.value)
        for place, element in enumerate(named.elements)
        if isinstance(element.value, cst.Call)
        and (get_full_name_for_node(element.value.func) or "").split(".")[-1] == CALL
    ]


def _named(module: cst.Module) -> cst.Tuple | None:
    """The value of `MODULES`; None if it is not written out as one tuple."""
    found = [value for value in map(_value, module.body) if value is not None]
    return found[0] if len(found) == 1 and len(found[0].rpar) == 1 else None


def _value(statement: cst.BaseStatement) -> cst.Tuple | None:
    match statement:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value="MODULES"))],
                    value=cst.Tuple() as value,
                )
                | cst.AnnAssign(target=cst.Name(value="MODULES"), value=cst.Tuple() as value)
            ]
        ):
            return value
    return None


def _forms(name: str, prefix: str, database: str) -> Sequence[str]:
    """The call on one line, and as the formatter wraps it where that is too long."""
    arguments = [f'"{name}"', f'prefix="{prefix}"']
    if database:
        arguments.append(f'database="{database}"')
    listed = ", ".join(arguments)
    lines = "".join(f"        {one},\n" for one in arguments)
    return (
        f"{CALL}({listed})",
        f"{CALL}(\n        {listed}\n    )",
        f"{CALL}(\n{lines}    )",
    )


def _with_line(
    module: cst.Module, named: cst.Tuple, place: int, line: cst.BaseExpression
) -> cst.Module | None:
    """The module with one more line; None if that becomes too long."""
    longer = with_element(named, place, line)
    for form in (longer, one_per_line(longer)):
        changed = cst.ensure_type(module.deep_replace(named, form), cst.Module)
        if max(map(len, changed.code.splitlines())) <= LINE_LENGTH:
            return changed
    return None


def _read(place: int, call: cst.Call) -> Mounted:
    texts = {
        argument.keyword.value if argument.keyword is not None else str(number): str(
            argument.value.evaluated_value
        )
        for number, argument in enumerate(call.args)
        if isinstance(argument.value, cst.SimpleString)
    }
    name = texts.get("0") or texts.get("name", "")
    return Mounted(place, name, texts.get("1") or texts.get("prefix", ""))
