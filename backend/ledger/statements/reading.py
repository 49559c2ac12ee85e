"""Reading a file: from a stream of bytes to rows that the ledger can replay."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple

from backend.ledger.entries import Entry, gross_amount, net_amount
from backend.ledger.exact import multiply, subtract
from backend.ledger.faults import MINOR_UNITS, faults
from backend.ledger.statements import objects, tables
from backend.ledger.statements.currencies import major_units
from backend.ledger.statements.decimals import DecimalMark
from backend.ledger.statements.lines import SupportsRead, open_text
from backend.ledger.statements.outcomes import (
    EXTERNAL_ID_MAX,
    NOTE_MAX,
    SYMBOL_MAX,
    BadValue,
    InvalidRow,
    ReadRow,
    UnreadableFile,
)
from backend.ledger.statements.profile import Profile
from backend.ledger.statements.registry import PROFILES, profile_named
from backend.ledger.statements.row import Context, Row
from backend.ledger.statements.sequences import numbered

SPREAD_MAX = Decimal("0.01")
"""The part of an amount that a price may fail to make of it: what a broker keeps between buying
and selling."""


class _Asked(NamedTuple):
    """What the caller says of a file."""

    currency: str | None
    base_currency: str | None
    zone: tzinfo


class Statement:
    """A file that is being read: iterate over it once for its rows.

    Attributes:
        profile: The name of the layout.
        skipped: How many rows were passed over so far, by the reason.
    """

    def __init__(self, profile: Profile, context: Context, rows: Iterable[Row]) -> None:
        self.profile: Final = profile.name
        self.skipped: Final[Counter[str]] = Counter()
        self._outcomes = profile.read(rows, context)
        if "sequence" not in context.names:
            self._outcomes = numbered(self._outcomes, newest_first=profile.newest_first)

    def __iter__(self) -> Iterator[ReadRow | InvalidRow]:
        """The transactions and the invalid rows.

        Raises:
            UnreadableFile: the file cannot be read from some line on; nothing of it should be
                kept.
        """
        for outcome in self._outcomes:
            if isinstance(outcome, ReadRow):
                yield _checked(outcome)
            elif isinstance(outcome, InvalidRow):
                yield outcome
            else:
                self.skipped[outcome.reason] += 1


def read_statement(
    file: SupportsRead,
    *,
    profile: str | None = None,
    currency: str | None = None,
    base_currency: str | None = None,
    zone: tzinfo = UTC,
) -> Statement:
    """Begin to read a file; it is read further while the result is iterated over.

    Args:
        file: Bytes of CSV or JSON; read in pieces and never closed.
        profile: The layout; found by the header if None.
        currency: That of amounts in layouts that do not say it.
        base_currency: That of amounts in our own layout where nothing else says it.
        zone: That of times without one. Dates are never shifted.

    Raises:
        UnreadableFile: it is no text, has no known header, or the layout needs a currency.
    """
    among = PROFILES if profile is None else (profile_named(profile),)
    text, is_json = open_text(file)
    asked = _Asked(currency, base_currency, zone)
    if is_json:
        return _from_json(text, among, asked, named=profile is not None)
    tabular = tuple(found for found in among if found.format != "json")
    if not tabular:
        raise UnreadableFile(f"{among[0].title} is JSON, and this file is not")
    table = tables.open_table(text, tabular, named=profile is not None)
    semicolons = table.delimiter == ";" and table.profile.format == "any"
    context = _context(table.profile, table.header, asked, mark="?" if semicolons else None)
    return Statement(table.profile, context, tables.rows(table, context))


def _from_json(
    text: io.TextIOWrapper, among: tuple[Profile, ...], asked: _Asked, *, named: bool
) -> Statement:
    profiles = tuple(found for found in among if found.format in ("json", "any"))
    names = [found.name for found in profiles]
    if not profiles:
        raise UnreadableFile(f"{among[0].title} is a table, and this file is JSON")
    items = objects.objects(text)
    first = next(items, None)
    keys = tuple((first and first[1]) or ())
    profile = profiles[0] if named or first is None else objects.chosen(profiles, keys)
    if profile is None:
        raise UnreadableFile(
            f"the first object has the members of no known layout; known are: {', '.join(names)}",
            line=first[0] if first else None,
            profiles=names,
        )
    context = _context(profile, keys, asked)
    return Statement(
        profile, context, objects.rows(chain([first] if first else [], items), profile, context)
    )


def _context(
    profile: Profile, header: Iterable[str], asked: _Asked, mark: DecimalMark | None = None
) -> Context:
    names = profile.names(header)
    if profile.asks_currency and asked.currency is None and "currency" not in names:
        raise UnreadableFile(f"a file of {profile.title} does not say its currency: name it")
    currency = profile.currency or asked.currency
    return Context(
        source=profile.name,
        names=names,
        currency=currency or (asked.base_currency if profile.in_base_currency else None),
        zone=asked.zone,
        mark=mark or profile.mark,
        dates=profile.dates,
    )


def _has_a_spread(values: Entry) -> bool:
    """Whether what was paid or received is nearly what the price makes, and so wins over it."""
    stated = values.net_amount
    if values.type not in ("buy", "sell") or stated is None or gross_amount(values) is None:
        return False
    apart = subtract(stated, net_amount(values._replace(net_amount=None)))
    return apart.copy_abs() <= multiply(stated.copy_abs(), SPREAD_MAX)


def _checked(row: ReadRow) -> ReadRow | InvalidRow:
    """The row, or what is wrong with it as a transaction."""
    values = row.values
    if values.currency in MINOR_UNITS:
        try:
            values = major_units(values)
        except BadValue as error:
            return InvalidRow(row.line, error.reason, error.field)
        row = row._replace(values=values)
    found = faults(values)
    if found and _has_a_spread(values):
        values = values._replace(price=None)
        row = row._replace(values=values)
        found = faults(values)
    if found:
        return InvalidRow(row.line, found[0].reason, found[0].field)
    if values.symbol is not None and len(values.symbol) > SYMBOL_MAX:
        return InvalidRow(row.line, f"is longer than {SYMBOL_MAX} characters", "symbol")
    if row.external_id is not None and len(row.external_id) > EXTERNAL_ID_MAX:
        return InvalidRow(row.line, f"is longer than {EXTERNAL_ID_MAX} characters", "external_id")
    if row.note is not None and len(row.note) > NOTE_MAX:
        return row._replace(note=row.note[:NOTE_MAX])
    return row
