"""Bodies that a request schema accepts, drawn with the values that forms could write apart."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel

MEANT: Mapping[str, tuple[str, ...]] = {"timezone": ("UTC", "Europe/Zurich", "Asia/Tokyo")}
"""Values of fields whose schema cannot say what is accepted."""

_ODD = "\x01\x08\t\n\x0b\x0c\r\x1f\x7f\x85\xa0\xad\"'\\/<>&%_\u2028\u2029\ufeff\ufffdé漢\U0001f600"
_DECIMAL = re.compile(r"\^-\?\[0-9\]\{1,(\d+)\}(?:\(\\\.\[0-9\]\{1,(\d+)\}\)\?)?\$")
_TEXTS = {
    "uuid": st.uuids().map(str) | st.sampled_from([str(UUID(int=0)), str(UUID(int=2**128 - 1))]),
    "date": st.sampled_from(["0001-01-01", "9999-12-31", "2024-02-29"])
    | st.dates().map(date.isoformat),
    "time-local": st.sampled_from(
        ["00:00:00", "23:59:59.999999", "09:30:00.100000", "10:20:30.00001", "12:00:00.000000"]
    )
    | st.times().map(time.isoformat),
    "base64": st.binary(max_size=48).map(lambda one: b64encode(one).decode()),
    "email": st.integers(0, 9**9).map("user{}@Example.com".format),
    "uri": st.sampled_from(["https://example.com/a?b=%20c", "http://example.com", "HTTP://É.ch/é"]),
}
_JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.sampled_from(["", _ODD, 0.5, -1e-7]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab\n"), inner),
    max_leaves=4,
)


def bodies(schema: type[BaseModel], known: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of a request schema; what is not required may be absent.

    Args:
        schema: whose bodies.
        known: values of single fields, such as the ids of rows that are referred to.
    """
    document = schema.model_json_schema()
    fields = {
        name: st.just(known[name])
        if name in known
        else _value(name, wanted, document.get("$defs", {}))
        for name, wanted in document.get("properties", {}).items()
    }
    required = set(document.get("required", ()))
    return st.fixed_dictionaries(
        {name: value for name, value in fields.items() if name in required},
        optional={name: value for name, value in fields.items() if name not in required},
    )


def _value(name: str, wanted: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    if "$ref" in wanted:
        wanted = definitions[wanted["$ref"].rpartition("/")[2]]
    if "anyOf" in wanted:
        kinds = {kind.get("type") for kind in wanted["anyOf"]}
        if "object" not in kinds:
            return st.one_of([_value(name, one, definitions) for one in wanted["anyOf"]])
        return _JSON | st.none() if "null" in kinds else _JSON
    if "enum" in wanted:
        return st.sampled_from(wanted["enum"])
    return _PLAIN.get(wanted.get("type"), _any_json)(name, wanted)


def _any_json(_name: str, _wanted: Mapping[str, Any]) -> Any:
    return _JSON


def _integer(_name: str, wanted: Mapping[str, Any]) -> Any:
    low, high = wanted.get("minimum", -(2**31)), wanted.get("maximum", 2**31 - 1)
    return st.sampled_from([low, high, max(low, 0)]) | st.integers(low, high)


def _text(name: str, wanted: Mapping[str, Any]) -> Any:
    if name in MEANT:
        return st.sampled_from(MEANT[name])
    kind = wanted.get("format", wanted.get("contentEncoding"))
    if kind == "date-time":
        return instants()
    if kind in _TEXTS:
        return _TEXTS[kind]
    pattern = wanted.get("pattern")
    if pattern is not None:
        found = _DECIMAL.fullmatch(pattern)
        if found:
            return decimals(int(found[1]), int(found[2] or 0))
        return st.from_regex(pattern, fullmatch=True)
    characters = st.sampled_from(_ODD) | st.characters(exclude_categories=["Cs"])
    shortest, longest = wanted.get("minLength", 0), min(wanted.get("maxLength", 30), 30)
    return st.text(
        characters.filter(lambda one: one != "\x00"), min_size=shortest, max_size=longest
    )


def decimals(before: int, after: int) -> st.SearchStrategy[str]:
    """Decimals as they are sent, with so many digits before and after the point."""
    most = "9" * before + ("." + "9" * after if after else "")
    least = "0" + ("." + "0" * (after - 1) + "1" if after else "")
    edges = [most, f"-{most}", least, f"-{least}", "0", "-0", "1", "-1", "007"[-before:]]
    drawn = st.integers(-(10 ** (before + after)) + 1, 10 ** (before + after) - 1)
    scaled = drawn.map(lambda number: f"{Decimal(f'{number}e-{after}'):f}")
    return st.sampled_from([edge for edge in edges if before or edge[0] == "0"]) | scaled


def instants() -> st.SearchStrategy[str]:
    """Instants as they are sent, in any zone."""
    edges = [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-01-01T00:00:00.100000Z",
        "2026-01-01T10:20:30.000010+02:00",
        "1969-12-31T23:59:59.999999-11:30",
    ]
    zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    first, last = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 - drawn with zones
    drawn = st.datetimes(first, last, timezones=zones | st.just(UTC))
    return st.sampled_from(edges) | drawn.map(datetime.isoformat)


_PLAIN: Mapping[Any, Callable[[str, Mapping[str, Any]], Any]] = {
    "null": lambda _name, _wanted: st.none(),
    "boolean": lambda _name, _wanted: st.booleans(),
    "integer": _integer,
    "string": _text,
}
