"""Cursors: what is encoded is what is decoded, and nothing else is a cursor."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import from_json

from backend.core import cursors
from backend.core.columns import Column
from backend.core.listing import CURSOR_ROW, CURSOR_VALUE, ListShape, next_cursor
from tests.unit.core.samples import PARAMETERS, SORTED, SampleRead

zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "symbol": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "count": st.integers(-(2**63), 2**63 - 1),
    "price": st.decimals(Decimal(-(10**12) + 1), 10**12 - 1, places=8),
    "day": st.dates(),
    "at": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones),  # noqa: DTZ001
}


@given(data=st.data(), row_id=st.uuids(), sign=st.sampled_from(["", "-"]))
@pytest.mark.parametrize("column", SORTED)
@settings(deadline=None)
def test_a_cursor_gives_back_its_place(
    column: str, sign: str, row_id: UUID, data: st.DataObject
) -> None:
    value = data.draw(VALUES[column])
    sort = f"{sign}{column}"
    shape = PARAMETERS.parse(f"sort={sort}".encode()).shape
    cursor = next_cursor(shape, value, row_id)
    wanted = PARAMETERS.parse(f"sort={sort}&cursor={cursor}".encode())
    assert wanted.shape == shape._replace(has_cursor=True)
    assert wanted.values == {CURSOR_VALUE: value, CURSOR_ROW: row_id, "page_limit": 51}
    assert type(wanted.values[CURSOR_VALUE]) is type(value)


@given(data=st.data(), row_id=st.uuids())
@pytest.mark.parametrize("column", SORTED)
@settings(deadline=None)
def test_a_cursor_of_the_written_value_is_that_of_the_value(
    column: str, row_id: UUID, data: st.DataObject
) -> None:
    value = data.draw(VALUES[column])
    field = SampleRead.model_fields[column]
    answered: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    written = from_json(answered.dump_json(value))
    shape = PARAMETERS.parse(f"sort={column}".encode()).shape
    assert next_cursor(shape, written, str(row_id)) == next_cursor(shape, value, row_id)


@given(row_id=st.uuids())
@settings(deadline=None)
def test_a_cursor_of_the_order_of_creation_is_the_row(row_id: UUID) -> None:
    cursor = next_cursor(ListShape(), "of no effect", row_id)
    assert cursors.decoded(cursor, None) == (None, row_id)
    shape = PARAMETERS.parse(b"sort=-created_at").shape
    cursor = next_cursor(shape, row_id, row_id)
    values = PARAMETERS.parse(f"sort=-created_at&cursor={cursor}".encode()).values
    assert values[CURSOR_VALUE] == values[CURSOR_ROW] == row_id


@given(cursor=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@example("")
@example("WyJ")
@example("W10")
@example("bnVsbA")
@example("e30")
@settings(deadline=None)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    for sort in (None, "day"):
        with pytest.raises(ValueError):  # noqa: PT011  # its words are for nobody
            cursors.decoded(cursor, sort)


@pytest.mark.parametrize("stray", ["!", "=", " ", "\n", "é"])
def test_a_cursor_with_something_in_between_is_refused(stray: str) -> None:
    cursor = cursors.encoded(None, None, UUID(int=1))
    for place in (0, 4):
        with pytest.raises(ValueError):  # noqa: PT011  # its words are for nobody
            cursors.decoded(cursor[:place] + stray + cursor[place:], None)


def test_a_cursor_is_of_one_order() -> None:
    row_id = UUID(int=1)
    orders: list[tuple[str | None, object]] = [(None, None), ("day", date(2026, 1, 1))]
    for given_for, value in orders:
        cursor = cursors.encoded(given_for, value, row_id)
        for sort in {None, "day", "-day", "at"} - {given_for}:
            with pytest.raises(ValueError, match="another order"):
                cursors.decoded(cursor, sort)


def test_a_column_of_a_schema_reads_what_the_database_holds() -> None:
    assert Column(SampleRead, "note").nullable
    assert Column(SampleRead, "note").ordered
    assert not Column(SampleRead, "live").ordered
    assert not Column(SampleRead, "side").ordered
    with pytest.raises(ValueError, match="less than or equal"):
        Column(SampleRead, "count").adapter.validate_python("9223372036854775808")


def test_the_place_that_a_cursor_names_is_not_kept() -> None:
    cursor = cursors.encoded("symbol", "a long symbol", UUID(int=1))
    first, second = (cursors.decoded(cursor, "symbol")[0] for _ in range(2))
    assert first == second
    assert first is not second
