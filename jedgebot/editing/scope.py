"""`backend/models/__init__.py`: the import of a model, and its name in `__all__`."""

import json

import libcst as cst

from jedgebot.editing.elements import one_per_line, with_element
from jedgebot.editing.imports import LINE_LENGTH, has_import, with_import
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.spec.table import TableSpec


def add_to_scope(source: str, spec: TableSpec) -> Result:
    """Import the table's model into the metadata scope."""
    package = f"backend.{spec.name}.models"
    line = f"from {package} import {spec.class_name}"
    hint = f'Add by hand "{line}", and "{spec.class_name}" to __all__.'
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        return CannotEdit(f"is not Python (line {error.raw_line})", hint)
    imported = has_import(module, package, spec.class_name)
    exported = _exported(module)
    if exported is None:
        return CannotEdit("has no __all__ that is a plain list of names", hint)
    is_exported = spec.class_name in _names(exported)
    if imported and is_exported:
        return AlreadyThere()
    if not is_exported:
        module = _with_export(module, exported, spec.class_name)
    if not imported:
        changed = with_import(module, package, spec.class_name)
        if changed is None:
            return CannotEdit("has no import from the backend to stand beside", hint)
        module = changed
    return Changed(module.code)


def _exported(module: cst.Module) -> cst.List | None:
    """The value of `__all__`; None if it is not one plain list of strings."""
    found = [value for value in map(_all_value, module.body) if value is not None]
    if len(found) != 1:
        return None
    plain = all(isinstance(element.value, cst.SimpleString) for element in found[0].elements)
    return found[0] if plain and found[0].elements else None


def _all_value(statement: cst.BaseStatement) -> cst.List | None:
    match statement:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value="__all__"))],
                    value=cst.List() as names,
                )
                | cst.AnnAssign(target=cst.Name(value="__all__"), value=cst.List() as names)
            ]
        ):
            return names
    return None


def _names(exported: cst.List) -> list[str]:
    strings = (cst.ensure_type(one.value, cst.SimpleString) for one in exported.elements)
    return [str(string.evaluated_value) for string in strings]


def _with_export(module: cst.Module, exported: cst.List, name: str) -> cst.Module:
    names = _names(exported)
    place = next((i for i, other in enumerate(names) if _order(other) > _order(name)), len(names))
    longer = with_element(exported, place, cst.SimpleString(json.dumps(name)))
    changed = cst.ensure_type(module.deep_replace(exported, longer), cst.Module)
    if max(map(len, changed.code.splitlines())) > LINE_LENGTH:
        spread = one_per_line(longer)
        changed = cst.ensure_type(module.deep_replace(exported, spread), cst.Module)
    return changed


def _order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then the rest, as the linter sorts `__all__`."""
    is_constant = name.isupper() and len(name) > 1
    return not is_constant, not name[:1].isupper(), name.lower()
