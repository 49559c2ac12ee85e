"""The worked examples of tests/data/portfolio_examples.json as entries."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.ledger.entries import Entry, EntryType

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "portfolio_examples.json").read_text("utf-8")
)

# The conventions say of rows without a price: use any.
ANY_PRICE = Decimal(1)

_AMOUNT_SIGNS = {"deposit": 1, "interest": 1, "dividend": 1, "withdrawal": -1, "fee": -1, "tax": -1}


def entry_of(row: dict[str, Any], number: int, type_: EntryType | None = None) -> Entry:
    """One transaction of a case; its place in the list is its sequence, but splits come first."""
    kind: EntryType = type_ or row["type"]
    moment = row["date"]
    at = datetime.fromisoformat(moment) if "T" in moment else None
    net = decimal_of(row, "net_amount")
    if "amount" in row:
        net = Decimal(row["amount"]) * _AMOUNT_SIGNS[kind]
    price = decimal_of(row, "price")
    if kind in ("buy", "sell") and price is None and net is None:
        price = ANY_PRICE
    return Entry(
        id=UUID(int=number),
        type=kind,
        trade_date=date.fromisoformat(moment[:10]),
        currency=row.get("currency", "USD"),
        executed_at=None if at is None else at.replace(tzinfo=at.tzinfo or UTC),
        sequence=-1 if kind == "split" else number,
        symbol=row.get("symbol"),
        quantity=decimal_of(row, "quantity"),
        price=price,
        fee=decimal_of(row, "fee") or Decimal(0),
        tax=decimal_of(row, "tax") or Decimal(0),
        net_amount=net,
        multiplier=decimal_of(row, "multiplier") or Decimal(1),
        ratio_numerator=int(row["ratio_numerator"]) if "ratio_numerator" in row else None,
        ratio_denominator=int(row["ratio_denominator"]) if "ratio_denominator" in row else None,
    )


def decimal_of(row: dict[str, Any], name: str) -> Decimal | None:
    """A field that may be absent or null."""
    value = row.get(name)
    return None if value is None else Decimal(value)
