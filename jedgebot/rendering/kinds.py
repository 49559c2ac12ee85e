"""What the values of a field are: those of its type, or of the column that it refers to."""

from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import Value


def kind_of(field: FieldSpec) -> types.FieldType:
    """The type of the values."""
    return field.type.holds if isinstance(field.type, types.Ref) else field.type


def limits_of(field: FieldSpec) -> tuple[Value | None, Value | None]:
    """The narrower of the field's own limits and those of the type of its values."""
    low, high = kind_of(field).bounds
    return (
        low if field.minimum is None else field.minimum,
        high if field.maximum is None else field.maximum,
    )
