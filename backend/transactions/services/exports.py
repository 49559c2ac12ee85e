"""Writing a portfolio's transactions into a file that can be imported again."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT
from backend.ledger.statements.export import write_csv, write_json
from backend.ledger.statements.outcomes import ReadRow
from backend.portfolios import services as portfolios
from backend.transactions import queries

Format = Literal["csv", "json"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_IN_MEMORY: Final = 1_048_576
_PIECE: Final = 65_536
_NUMBERS: Final = ("quantity", "price", "fee", "tax", "net_amount", "multiplier", "fx_rate")


def export(db: Session, owner_id: UUID, portfolio_id: UUID, format_: Format) -> Iterator[bytes]:
    """All transactions that are not void as a file, in replay order; pieces of it.

    All of it is read now: the pieces may be taken when the session has ended.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolios.get(db, owner_id, portfolio_id)
    write = write_csv if format_ == "csv" else write_json
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    for piece in write(_rows(db, owner_id, portfolio_id)):
        file.write(piece)
    file.seek(0)
    return _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _rows(db: Session, owner_id: UUID, portfolio_id: UUID) -> Iterator[ReadRow]:
    for row in queries.exported(db, owner_id, portfolio_id):
        entry = Entry._make(row[: len(Entry._fields)])
        plain = {
            name: value.normalize(EXACT)
            for name in _NUMBERS
            if (value := getattr(entry, name)) is not None
        }
        yield ReadRow(0, entry._replace(**plain), *row[-3:])
