"""Column types keep their values exactly and in order, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select

from backend.core.engine import make_engine
from backend.core.types import ExactDecimal, JSONDocument, UTCDateTime

PRECISION, SCALE = 38, 18
LARGEST = Decimal("99999999999999999999.999999999999999999")
SMALLEST = Decimal("0.000000000000000001")

values = Table(
    "values_of_types",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", ExactDecimal(PRECISION, SCALE)),
    Column("whole", ExactDecimal(5, 0)),
    Column("part", ExactDecimal(4, 4)),
    Column("at", UTCDateTime()),
    Column("document", JSONDocument),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    values.create(engine)
    yield engine
    engine.dispose()


amounts = st.decimals(min_value=LARGEST.copy_negate(), max_value=LARGEST, places=SCALE)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(written=st.lists(amounts, min_size=1, max_size=20))
def test_decimals_come_back_exactly_and_sort_as_numbers(
    engine: Engine, written: list[Decimal]
) -> None:
    with engine.connect() as connection:
        connection.execute(insert(values), [{"amount": amount} for amount in written])
        read = connection.scalars(select(values.c.amount).order_by(values.c.amount)).all()
        least = connection.scalars(
            select(values.c.amount).where(values.c.amount < written[0]).order_by(values.c.amount)
        ).all()
        connection.rollback()
    assert read == sorted(written)
    assert least == sorted(amount for amount in written if amount < written[0])


@pytest.mark.parametrize(
    "amount",
    [
        LARGEST,
        LARGEST.copy_negate(),
        SMALLEST,
        -SMALLEST,
        Decimal(0),
        Decimal("-0"),
        Decimal("1E+3"),
    ],
)
def test_decimals_at_the_limits(engine: Engine, amount: Decimal) -> None:
    with engine.begin() as connection:
        connection.execute(insert(values).values(amount=amount))
        assert connection.scalar(select(values.c.amount)) == amount


@pytest.mark.parametrize(
    ("column", "amount"),
    [
        ("amount", Decimal(100000000000000000000)),
        ("amount", SMALLEST / 10),
        ("amount", Decimal("NaN")),
        ("amount", Decimal("Infinity")),
        ("whole", Decimal("0.5")),
        ("whole", Decimal(100_000)),
        ("part", Decimal(1)),
    ],
)
def test_a_decimal_that_does_not_fit_is_refused(
    engine: Engine, column: str, amount: Decimal
) -> None:
    with engine.begin() as connection, pytest.raises(Exception, match=r"decimal|digits"):
        connection.execute(insert(values).values({column: amount}))


def test_instants_come_back_in_utc(engine: Engine) -> None:
    zone = timezone(timedelta(hours=-9, minutes=-30))
    instant = datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=zone)
    with engine.begin() as connection:
        connection.execute(insert(values).values(at=instant))
        read = connection.scalar(select(values.c.at))
    assert read == instant
    assert read is not None
    assert read.tzinfo is UTC


def test_a_naive_time_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - what must be refused
    with engine.begin() as connection, pytest.raises(Exception, match="time zone"):
        connection.execute(insert(values).values(at=naive))


def test_null_stays_null(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(values).values(amount=None, at=None))
        assert connection.execute(select(values.c.amount, values.c.at)).one() == (None, None)


def test_documents_come_back(engine: Engine) -> None:
    document = {"a": [1, "é", None, {"b": True}]}
    with engine.begin() as connection:
        connection.execute(insert(values).values(document=document))
        assert connection.scalar(select(values.c.document)) == document
