"""Random histories of a portfolio as clients send them, and files of them."""

import os
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from backend.ledger.entries import Entry
from backend.ledger.statements.export import write_csv, write_json
from backend.ledger.statements.outcomes import ReadRow
from tests.unit.ledger.portfolios import histories, prices

_ASKED: Final = os.environ.get("JEDGEBOT_PORTFOLIO_EXAMPLES")
EXAMPLES: Final = settings(
    max_examples=int(_ASKED or "5"),
    derandomize=_ASKED is None,
    deadline=None,
    phases=[Phase.generate],  # an example is dozens of requests: too many to shrink
    # An application for each test and a portfolio for each example: nothing is left over.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""A few examples, the same in each run; as many others as JEDGEBOT_PORTFOLIO_EXAMPLES says."""

_character = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
identifiers: Final = st.text(_character, min_size=1, max_size=40)
notes: Final = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@st.composite
def rows(draw: st.DrawFn, *, least: int = 1, most: int = 7) -> list[ReadRow]:
    """What a client says, in replay order: each prefix can be replayed.

    Each has a place of its own by date, instant and sequence; some settle in another currency.
    """
    found: list[ReadRow] = []
    for number, entry in enumerate(draw(histories(least=least, most=most).filter(bool))):
        # Without a time it would be at the start of its day, before those with one.
        instant = _latest_of_the_day(found, entry)
        if draw(st.booleans()):
            instant = datetime.combine(entry.trade_date, time(12, number), UTC)
        said = entry._replace(executed_at=instant, sequence=number)
        if entry.type != "split" and draw(st.booleans()):
            said = said._replace(settle_currency="EUR", fx_rate=draw(prices))
        source = draw(st.sampled_from(("broker", "desk")))
        external_id = draw(st.none() | identifiers)
        if external_id is not None:
            external_id = f"{number}{external_id}"
        note = draw(st.none() | notes.map(str.strip).filter(bool))
        found.append(ReadRow(0, said, source, external_id, note))
    return found


def _latest_of_the_day(rows_: list[ReadRow], entry: Entry) -> datetime | None:
    same_day = [row.values for row in rows_ if row.values.trade_date == entry.trade_date]
    return same_day[-1].executed_at if same_day else None


def file_of(rows_: list[ReadRow], format_: str = "csv") -> bytes:
    """The rows as a file of our own layout."""
    return b"".join((write_csv if format_ == "csv" else write_json)(rows_))


def stored_numbers(*, smallest: Decimal = Decimal("1e-18")) -> st.SearchStrategy[Decimal]:
    """All that a column of numbers holds: 20 digits and 18 places."""
    largest = Decimal("99999999999999999999.999999999999999999")
    return st.decimals(smallest, largest, places=18) | st.sampled_from((smallest, largest))
