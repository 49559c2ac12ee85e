"""An example of a request and of its answer, for the documentation page."""

import json

from pydantic import JsonValue

from jedgebot.rendering.factories import Factory, Parents
from jedgebot.rendering.series import series_of
from jedgebot.rendering.units import units_of
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import written

_LENGTH_MAX = 60
_ROW_ID = "019aabcd-0000-7000-8000-000000000001"
_REFERRED_ID = "019aabcd-0000-7000-8000-000000000002"
_CREATED_AT = "2026-01-31T09:30:00Z"


def sent_example(spec: TableSpec, parents: Parents) -> str:
    """A body that makes a row: all that it has to name, and what is short."""
    return _json(_sent(Factory(spec, parents)))


def answered_example(spec: TableSpec, parents: Parents) -> str:
    """The answer to it."""
    sent = _sent(Factory(spec, parents))
    answer: dict[str, JsonValue] = {"id": _ROW_ID, "created_at": _CREATED_AT}
    answer["updated_at"] = _CREATED_AT
    if spec.versioned:
        answer["version"] = 1
    for field in spec.fields:
        if field.access != "hidden":
            answer[field.column] = sent.get(field.column, _when_absent(field))
    return _json(answer)


def _sent(factory: Factory) -> dict[str, JsonValue]:
    values = {field: _value(factory, field) for field in factory.sent}
    return {
        field.column: value
        for field, value in values.items()
        if field.required or len(str(value)) <= _LENGTH_MAX
    }


def _value(factory: Factory, field: FieldSpec) -> JsonValue:
    if not isinstance(field.type, types.Ref):
        return factory.series(field).wire(factory.index(field, 1))
    if field.type.column == types.KEY:
        return _REFERRED_ID
    return series_of(FieldSpec(field.type.column, field.type.holds)).wire(1)


def _when_absent(field: FieldSpec) -> JsonValue:
    if field.default is None:
        return None
    units = units_of(field.type)
    if units is not None:
        return units.wire(field.default)
    return field.default if isinstance(field.default, bool) else written(field.default)


def _json(value: JsonValue) -> str:
    # One quote would end the argument of the shell.
    return json.dumps(value, indent=2, ensure_ascii=False).replace("'", "\\u0027")
