"""Every statement that the transactions module sends to the database."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Row,
    String,
    Uuid,
    bindparam,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from backend.core import bulk, paging
from backend.core.listing import ListRequest
from backend.core.models import utc_now
from backend.core.paging import PagedRows
from backend.core.statements import OWNER
from backend.transactions.models import Transaction, TransactionType


class Stored(NamedTuple):
    """Rows as the driver of a database gives them."""

    dialect: str
    rows: Iterator[Sequence[Any]]


class Place(NamedTuple):
    """A place in the replay order; places compare as the database orders rows."""

    trade_date: date
    effective_at: datetime
    sequence: int
    replay_rank: int
    origin_id: UUID


PORTFOLIO: Final = bindparam("in_portfolio_id", type_=Uuid())

ALL = select(Transaction).where(Transaction.user_id == OWNER, Transaction.portfolio_id == PORTFOLIO)
LIVE = ALL.where(Transaction.voided_at.is_(None))

_AT_ONCE: Final = 1000
_SAID = (
    Transaction.id,
    Transaction.type,
    Transaction.trade_date,
    Transaction.currency,
    Transaction.executed_at,
    Transaction.sequence,
    Transaction.symbol,
    Transaction.quantity,
    Transaction.price,
    Transaction.fee,
    Transaction.tax,
    Transaction.net_amount,
    Transaction.multiplier,
    Transaction.fx_rate,
    Transaction.settle_currency,
    Transaction.ratio_numerator,
    Transaction.ratio_denominator,
)
# As the driver gives them: converting a hundred thousand rows is what a report would wait for.
_AS_STORED = tuple(type_coerce(column, NullType()) for column in _SAID)
_REPLAY_ORDER = (
    Transaction.trade_date,
    Transaction.effective_at,
    Transaction.sequence,
    Transaction.replay_rank,
    Transaction.origin_id,
)


def page_of(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    wanted: ListRequest,
    *,
    include_voided: bool,
) -> PagedRows[Transaction]:
    """A page of a portfolio's transactions."""
    bound = ListRequest(wanted.shape, wanted.limit, {**wanted.values, PORTFOLIO.key: portfolio_id})
    rows = ALL if include_voided else LIVE
    return paging.page_of(db, rows, Transaction, bound, owner_id)


def one_of(
    db: Session, owner_id: UUID, portfolio_id: UUID, transaction_id: UUID
) -> Transaction | None:
    """One of a portfolio's transactions, void or not."""
    return db.scalar(
        select(Transaction).where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.id == transaction_id,
        )
    )


def replacement_of(db: Session, owner_id: UUID, transaction_id: UUID) -> Transaction | None:
    """The transaction that replaces another one, if there is one."""
    return db.scalar(
        select(Transaction).where(
            Transaction.user_id == owner_id, Transaction.replaces_id == transaction_id
        )
    )


def live_by_external_id(
    db: Session, owner_id: UUID, portfolio_id: UUID, source: str, external_id: str
) -> Transaction | None:
    """The transaction with an id of its source, unless it is void."""
    return db.scalar(
        select(Transaction).where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.source == source,
            Transaction.external_id == external_id,
            Transaction.voided_at.is_(None),
        )
    )


def said(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    *,
    symbol: str | None = None,
    up_to: date | None = None,
    since: Place | None = None,
) -> Stored:
    """What a portfolio's transactions say, without void ones, in replay order.

    The columns are those of the ledger's entries, as the database stores them. With `symbol`
    those of it alone; with `up_to` those until the end of that day; with `since` those from that
    place on, it included. They are read when they are asked for, in this transaction.
    """
    wanted = select(*_AS_STORED).where(
        Transaction.user_id == owner_id,
        Transaction.portfolio_id == portfolio_id,
        Transaction.voided_at.is_(None),
    )
    if symbol is not None:
        wanted = wanted.where(Transaction.symbol == symbol)
    if up_to is not None:
        wanted = wanted.where(Transaction.trade_date <= up_to)
    if since is not None:
        wanted = wanted.where(tuple_(*_REPLAY_ORDER) >= tuple_(*since))
    connection = db.connection()
    found = connection.execute(wanted.order_by(*_REPLAY_ORDER))
    # Some at once: a hundred thousand rows take longer to hold than to read.
    pieces = iter(partial(found.cursor.fetchmany, _AT_ONCE), [])
    return Stored(connection.dialect.name, chain.from_iterable(pieces))


def place_of(db: Session, owner_id: UUID, transaction_id: UUID) -> Place | None:
    """Where a transaction stands in the replay order of its portfolio; it is there for ever."""
    found = db.execute(
        select(*_REPLAY_ORDER).where(
            Transaction.user_id == owner_id, Transaction.id == transaction_id
        )
    ).one_or_none()
    return None if found is None else Place(*found)


def last_place(db: Session, owner_id: UUID, portfolio_id: UUID) -> Place | None:
    """Where the last transaction that is not void stands, if there is one."""
    found = db.execute(
        select(*_REPLAY_ORDER)
        .where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.voided_at.is_(None),
        )
        .order_by(*(column.desc() for column in _REPLAY_ORDER))
        .limit(1)
    ).one_or_none()
    return None if found is None else Place(*found)


def rows_by_symbol(db: Session, owner_id: UUID, portfolio_id: UUID) -> dict[str | None, int]:
    """How many transactions that are not void each symbol has, and how many have none."""
    found = db.execute(
        select(Transaction.symbol, func.count())
        .where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.voided_at.is_(None),
        )
        .group_by(Transaction.symbol)
    )
    return dict(found.all())


def removed_rows(
    db: Session, owner_id: UUID, portfolio_id: UUID
) -> Iterable[Row[str, str | None, str | None]]:
    """What identifies the rows that their owner has removed: source, its id, hash."""
    return db.execute(
        select(Transaction.source, Transaction.external_id, Transaction.row_hash).where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.void_reason == "removed",
        )
    )


def equal_rows(
    db: Session, owner_id: UUID, portfolio_id: UUID, *, hashes: Collection[str]
) -> Iterable[Row[str, str | None, str, int | None]]:
    """Rows that are not void and have one of these hashes: source, its id, hash, occurrence."""
    return db.execute(
        select(
            Transaction.source,
            Transaction.external_id,
            # Not null: it is one of the hashes.
            type_coerce(Transaction.row_hash, String()),
            Transaction.row_occurrence,
        ).where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.row_hash.in_(hashes),
            Transaction.voided_at.is_(None),
        )
    )


def rows_with_ids(
    db: Session, owner_id: UUID, portfolio_id: UUID, *, external_ids: Collection[str]
) -> Iterable[Row[str, str, str]]:
    """Rows that are not void and have one of these ids of any source: source, id, hash."""
    return db.execute(
        select(
            Transaction.source,
            type_coerce(Transaction.external_id, String()),
            func.coalesce(Transaction.row_hash, ""),
        ).where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.external_id.in_(external_ids),
            Transaction.voided_at.is_(None),
        )
    )


def identities(
    db: Session, owner_id: UUID, portfolio_id: UUID, *, most: int
) -> Sequence[Row[str, str | None, str | None, int | None]]:
    """What identifies rows that are not void, at most so many: source, id, hash, occurrence."""
    return db.execute(
        select(
            Transaction.source,
            Transaction.external_id,
            Transaction.row_hash,
            Transaction.row_occurrence,
        )
        .where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.voided_at.is_(None),
        )
        .limit(most)
    ).all()


def rows_of_import(
    db: Session, owner_id: UUID, portfolio_id: UUID, import_id: UUID
) -> Iterable[Row[TransactionType, str | None]]:
    """Type and symbol of the rows of an import that are not void, each pair once."""
    return db.execute(
        select(Transaction.type, Transaction.symbol)
        .where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.import_id == import_id,
            Transaction.voided_at.is_(None),
        )
        .distinct()
    )


def undo_import(
    db: Session, owner_id: UUID, portfolio_id: UUID, import_id: UUID, at: datetime
) -> None:
    """Void the rows of an import that are not void."""
    db.execute(
        update(Transaction)
        .where(
            Transaction.user_id == owner_id,
            Transaction.portfolio_id == portfolio_id,
            Transaction.import_id == import_id,
            Transaction.voided_at.is_(None),
        )
        .values(
            voided_at=at,
            void_reason="undone",
            updated_at=at,
            version=Transaction.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def add_all(db: Session, owner_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new transactions of an owner now; each has every column that may not be null."""
    now = utc_now()
    table = Transaction.metadata.tables[Transaction.__tablename__]
    common = {"user_id": owner_id, "created_at": now, "updated_at": now, "version": 1}
    bulk.insert_rows(db.connection(), table, rows, common)


def exported(db: Session, owner_id: UUID, portfolio_id: UUID) -> Iterable[Row[Any]]:
    """What a portfolio's transactions say, source, its id and note, in replay order."""
    wanted = select(*_SAID, Transaction.source, Transaction.external_id, Transaction.note).where(
        Transaction.user_id == owner_id,
        Transaction.portfolio_id == portfolio_id,
        Transaction.voided_at.is_(None),
    )
    return db.execute(wanted.order_by(*_REPLAY_ORDER).execution_options(yield_per=1000))


def save(db: Session, row: Transaction) -> Transaction:
    """Write a new or changed transaction now."""
    db.add(row)
    db.flush()
    return row
