"""What a module's schemas know of a field: its limits, its kind of text, what a client may do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Le, MaxLen, MinLen
from pydantic import BaseModel, Strict
from pydantic.fields import FieldInfo

from backend.core import schemas
from jedgebot.spec import types
from jedgebot.spec.table import Access
from jedgebot.spec.values import Value

_CORE_TYPES: dict[type[types.FieldType], object] = {
    types.Int: schemas.Int32,
    types.BigInt: schemas.Int64,
    types.Day: schemas.CalendarDay,
    types.Instant: schemas.Instant,
    types.Time: schemas.TimeOfDay,
    types.Json: schemas.JSONContent,
    types.Email: schemas.EmailAddress,
    types.Url: schemas.HttpURL,
    types.Currency: schemas.CurrencyCode,
    types.Timezone: schemas.TimezoneName,
}
_TEXT_KINDS: tuple[type[types.TextKind], ...] = (
    types.Email,
    types.Url,
    types.Currency,
    types.Timezone,
)
_ACCESS: dict[tuple[bool, bool, bool], Access] = {
    (True, True, True): "",
    (False, False, True): "readonly",
    (True, False, True): "writeonce",
    (True, True, False): "hidden",
}
"""What a client may do, by whether Create, Change and Read have the field."""


@dataclass(frozen=True)
class Schemas:
    """The schemas of a module; None for one that it does not have."""

    create: type[BaseModel] | None
    change: type[BaseModel] | None
    read: type[BaseModel] | None

    @classmethod
    def of(cls, names: Mapping[str, object], class_name: str) -> "Schemas":
        """Those among the names of a `schemas.py` that are called after a model's class."""
        return cls(*(_schema(names, f"{class_name}{end}") for end in ("Create", "Change", "Read")))

    @property
    def missing(self) -> list[str]:
        """How those are called that the module does not have, without the model's name."""
        found = {"Create": self.create, "Change": self.change, "Read": self.read}
        return [name for name, schema in found.items() if schema is None]

    @property
    def required(self) -> tuple[str, ...]:
        """What a request for a new row has to have."""
        fields = self.create.model_fields if self.create is not None else {}
        return tuple(name for name, info in fields.items() if info.is_required())

    def access(self, column: str) -> Access | None:
        """What a client may do with a column; None if the grammar has no word for it."""
        has = tuple(
            schema is not None and column in schema.model_fields
            for schema in (self.create, self.change, self.read)
        )
        return _ACCESS.get((has[0], has[1], has[2]))

    def marks(self, column: str) -> list[object] | None:
        """What requests say of a column beside its Python type; None if they do not have it."""
        for schema in (self.create, self.change):
            if schema is not None and column in schema.model_fields:
                info = schema.model_fields[column]
                return list(_marks(info.annotation, info.metadata))
        return None


def text_kind(marks: Iterable[object], length: int) -> types.TextKind | None:
    """The kind of text that a request is checked for; None if it is no special one."""
    found = list(marks)
    for kind in _TEXT_KINDS:
        own = [mark for mark in _own_marks(kind) if not _is_limit(mark)]
        if kind.length == length and all(mark in found for mark in own):
            return kind()
    return None


def limits_of(kind: types.FieldType, marks: Iterable[object]) -> tuple[Value | None, Value | None]:
    """The limits that are narrower than the type's own."""
    lows: list[Any] = []  # values of the field's one type, or lengths
    highs: list[Any] = []
    for mark in marks:
        match mark:
            case Ge(ge=low) | MinLen(min_length=low):
                lows.append(low)
            case Le(le=high) | MaxLen(max_length=high):
                highs.append(high)
            case schemas.Base64(min_length=low, max_length=high):
                lows.append(low)
                highs.append(high)
    if isinstance(kind, types.TextKind | types.Ref):
        return None, None
    own_low, own_high = kind.bounds
    has_length = isinstance(kind, types.Str | types.LongText)
    lowest = max(lows, default=0 if has_length else None)
    highest = min(highs, default=None)
    return (
        None if lowest == own_low else lowest,
        None if highest == own_high else highest,
    )


def has_more_checks(kind: types.FieldType, marks: Iterable[object]) -> bool:
    """Whether a request is checked for what the field grammar cannot say."""
    holds = kind.holds if isinstance(kind, types.Ref) else kind
    own = _own_marks(type(holds))
    return any(mark not in own and not _is_limit(mark) for mark in marks)


def _schema(names: Mapping[str, object], name: str) -> type[BaseModel] | None:
    found = names.get(name)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _is_limit(mark: object) -> bool:
    known = Ge | Le | MinLen | MaxLen | Strict | schemas.Exact | schemas.Base64
    return isinstance(mark, known)


def _own_marks(kind: type[types.FieldType]) -> list[object]:
    return list(_marks(_CORE_TYPES[kind])) if kind in _CORE_TYPES else []


def _marks(annotation: object, metadata: Iterable[object] = ()) -> Iterator[object]:
    """What `Annotated` says of a type, at any depth of a union."""
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        elif isinstance(mark, GroupedMetadata):
            yield from mark
        else:
            yield mark
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from _marks(arguments[0], arguments[1:])
    else:
        for argument in arguments:
            yield from _marks(argument)
