"""Whether a text contains another, in any case, alike on both databases."""

from collections.abc import Iterator
from typing import Annotated, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, insert, select

from backend.core.engine import make_engine
from backend.core.listing import ListParameters
from backend.core.schemas import Base64Bytes, UnversionedRead
from backend.core.search import SEARCHED, one_contains

notes = Table(
    "search_notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", Text),
    Column("other", Text),
)
# Letters that have one form in each case, and what patterns and escapes are made of.
LETTERS = "aBzÄäÉéßЖжΣ\N{GREEK SMALL LETTER SIGMA}Ωω%_\\'\" \n漢\U0001f600"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    notes.create(engine)
    yield engine
    engine.dispose()


def lower(text: str) -> str:
    """Each letter in lower case, whatever stands beside it."""
    return "".join(letter.lower() for letter in text)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(*[st.none() | st.text(LETTERS, max_size=6)] * 2), min_size=1, max_size=5
    ),
    searched=st.text(LETTERS, min_size=1, max_size=3),
)
def test_one_of_the_texts_contains_it(
    engine: Engine, rows: list[tuple[str | None, str | None]], searched: str
) -> None:
    statement = select(notes.c.id).where(one_contains([notes.c.text, notes.c.other]))
    with engine.begin() as connection:
        connection.execute(notes.delete())
        for number, (text, other) in enumerate(rows):
            connection.execute(insert(notes).values(id=number, text=text, other=other))
        found = connection.scalars(statement.order_by(notes.c.id), {SEARCHED: searched}).all()
    expected = [
        number
        for number, texts in enumerate(rows)
        if any(text is not None and lower(searched) in lower(text) for text in texts)
    ]
    assert found == expected


class ThingRead(UnversionedRead):
    """What a list answers; it has no `secret`."""

    name: str | None
    mood: Literal["calm", "wild"]
    count: int
    blob: Annotated[Base64Bytes, "a mark"] | None


@pytest.mark.parametrize("column", ["mood", "count", "blob", "created_at"])
def test_only_texts_are_searched(column: str) -> None:
    ListParameters(ThingRead, search_by=("name",))
    with pytest.raises(ValueError, match=f"ThingRead.{column} is no text"):
        ListParameters(ThingRead, search_by=("name", column))


@pytest.mark.parametrize("use", ["filter_by", "sort_by", "search_by"])
def test_what_is_not_answered_is_not_asked_for(use: str) -> None:
    with pytest.raises(KeyError):
        ListParameters(ThingRead, **{use: ("secret",)})


def test_bytes_have_no_filters() -> None:
    with pytest.raises(ValueError, match=r"ThingRead\.blob holds bytes"):
        ListParameters(ThingRead, filter_by=("blob",))
