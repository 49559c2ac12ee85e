"""The worked examples of tests/data/portfolio_examples.json as entries."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from backend.ledger.entries import Entry, EntryType
from backend.ledger.methods import Method

_FILES = ("portfolio_examples.json", "further_examples.json")
_READ = [
    json.loads((Path(__file__).parents[2] / "data" / name).read_text("utf-8")) for name in _FILES
]
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    kind: [case for read in _READ for case in read[kind]]
    for kind in ("ledger_cases", "performance_cases", "import_cases")
}

# Two cases name the lots of a sale; each runs by the method that takes the same ones.
_SPECIFIC: dict[str, Method] = {"bc-strict-with-size": "fifo", "issue-gf-5865-specific": "lifo"}


def methods_of(case: dict[str, Any]) -> tuple[Method, ...]:
    """The methods that a ledger case holds for."""
    name: str = case["cost_basis_method"]
    if name == "SPECIFIC":
        return (_SPECIFIC[case["id"]],)
    methods: tuple[Method, ...] = get_args(Method)
    return methods if name == "ANY" else tuple(one for one in methods if one == name.lower())


# The conventions say of rows without a price: use any.
ANY_PRICE = Decimal(1)

_AMOUNT_SIGNS = {
    "deposit": 1,
    "dividend": 1,
    "interest": 1,
    "return_of_capital": 1,
    "withdrawal": -1,
    "fee": -1,
    "tax": -1,
}


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
        sequence=int(row.get("sequence", -1 if kind == "split" else number)),
        symbol=row.get("symbol"),
        quantity=decimal_of(row, "quantity"),
        price=price,
        fee=decimal_of(row, "fee") or Decimal(0),
        tax=decimal_of(row, "tax") or Decimal(0),
        net_amount=net,
        multiplier=decimal_of(row, "multiplier") or Decimal(1),
        fx_rate=decimal_of(row, "fx_rate"),
        settle_currency=row.get("settle_currency"),
        ratio_numerator=int(row["ratio_numerator"]) if "ratio_numerator" in row else None,
        ratio_denominator=int(row["ratio_denominator"]) if "ratio_denominator" in row else None,
    )


def decimal_of(row: dict[str, Any], name: str) -> Decimal | None:
    """A field that may be absent or null."""
    value = row.get(name)
    return None if value is None else Decimal(value)
