"""Names of the type aliases in a module, none of which hides another name."""

from dataclasses import dataclass

from jedgebot.spec import types, words
from jedgebot.spec.reserved import CLASS_NAMES
from jedgebot.spec.table import TableSpec


@dataclass(frozen=True)
class Aliases:
    """What the fields' types are called, by column.

    Attributes:
        choices: of enums, in `models.py`.
        constrained: of types with limits, in `schemas.py`.
    """

    choices: dict[str, str]
    constrained: dict[str, str]


def aliases_of(spec: TableSpec) -> Aliases:
    """Name each field's type after its column: base_currency, BaseCurrency."""
    name = spec.class_name
    taken = {*CLASS_NAMES, name, f"{name}Create", f"{name}Change", f"{name}Read"}
    choices: dict[str, str] = {}
    constrained: dict[str, str] = {}
    for field in spec.fields:
        alias = words.camel_case(field.column)
        while alias in taken:
            alias = f"{name}{alias}"
        taken.add(alias)
        target = choices if isinstance(field.type, types.Choice) else constrained
        target[field.column] = alias
    return Aliases(choices, constrained)
