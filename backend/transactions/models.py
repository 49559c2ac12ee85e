"""The transactions table."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, OwnedRecord
from backend.core.types import ExactDecimal

TransactionType = Literal[
    "buy",
    "sell",
    "dividend",
    "return_of_capital",
    "interest",
    "fee",
    "tax",
    "deposit",
    "withdrawal",
    "split",
    "transfer_in",
    "transfer_out",
]
VoidReason = Literal["edited", "removed", "undone"]

_LIVE = text("voided_at IS NULL")
_LIVE_WITH_EXTERNAL_ID = text("external_id IS NOT NULL AND voided_at IS NULL")
_LIVE_WITH_HASH = text("row_hash IS NOT NULL AND voided_at IS NULL")
_REMOVED = text("void_reason = 'removed'")
_REPLAY_ORDER = ("trade_date", "effective_at", "sequence", "replay_rank", "origin_id")


def _partial(name: str, *columns: str, where: object, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=where)


class Transaction(OwnedRecord, Base):
    """What moved units or cash in a portfolio, as its owner wrote it down.

    A row is written once and never changed: an edit voids it and adds the row that replaces it.

    Attributes:
        trade_date: the broker's date; no instant is ever turned into it.
        executed_at: when the source has a time.
        sequence: the order of rows within one instant.
        net_amount: the signed effect on cash; null where it follows from the rest with more
            places than the column has.
        settle_currency: in which the cash moves, at `fx_rate`, if that is another currency.
        multiplier: units that one contract stands for.
        row_hash: what the row says, as it came from its source (`backend.ledger.statements`).
        row_occurrence: which one of the equal rows of a file it is, where they have no ids.
        import_id: the same for all rows of one import.
        replaces_id: the row that this one is an edit of.
        void_reason: `edited`: another row replaces it; `removed`: by its owner; `undone`: with
            its whole import.
        effective_at: `executed_at`, or else the start of `trade_date` in UTC.
        replay_rank: the place of its type within one instant and sequence.
        origin_id: the first row of those that replace each other: an edit keeps its place.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "portfolio_id"], ["portfolios.user_id", "portfolios.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["user_id", "replaces_id"], ["transactions.user_id", "transactions.id"]
        ),
        UniqueConstraint("user_id", "replaces_id"),
        CheckConstraint(
            "type NOT IN ('buy', 'sell', 'split', 'return_of_capital') OR symbol IS NOT NULL",
            name="symbol",
        ),
        CheckConstraint(
            "(type = 'split') = (ratio_numerator IS NOT NULL AND ratio_denominator IS NOT NULL)",
            name="ratio",
        ),
        CheckConstraint("ratio_numerator > 0 AND ratio_denominator > 0", name="ratio_positive"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
        Index("ix_transactions_import", "user_id", "portfolio_id", "import_id"),
        _partial("ix_transactions_live", "user_id", "portfolio_id", "id", where=_LIVE),
        _partial("ix_transactions_replay", "user_id", "portfolio_id", *_REPLAY_ORDER, where=_LIVE),
        _partial(
            "ix_transactions_symbol_replay",
            *("user_id", "portfolio_id", "symbol", *_REPLAY_ORDER),
            where=_LIVE,
        ),
        _partial(
            "uq_transactions_external_id",
            *("user_id", "portfolio_id", "source", "external_id"),
            where=_LIVE_WITH_EXTERNAL_ID,
            unique=True,
        ),
        _partial(
            "uq_transactions_row_hash",
            *("user_id", "portfolio_id", "row_hash", "source", "row_occurrence"),
            where=_LIVE_WITH_HASH,
            unique=True,
        ),
        _partial("ix_transactions_removed", "user_id", "portfolio_id", where=_REMOVED),
    )

    portfolio_id: Mapped[UUID]
    type: Mapped[TransactionType] = mapped_column(
        Enum(
            *get_args(TransactionType),
            name="type",
            native_enum=False,
            create_constraint=True,
            length=20,
        )
    )
    trade_date: Mapped[date]
    executed_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    symbol: Mapped[str | None] = mapped_column(String(64))
    quantity: Mapped[Decimal | None] = mapped_column(ExactDecimal(38, 18))
    price: Mapped[Decimal | None] = mapped_column(ExactDecimal(38, 18))
    fee: Mapped[Decimal] = mapped_column(ExactDecimal(38, 18), default=Decimal(0))
    tax: Mapped[Decimal] = mapped_column(ExactDecimal(38, 18), default=Decimal(0))
    net_amount: Mapped[Decimal | None] = mapped_column(ExactDecimal(38, 18))
    currency: Mapped[str] = mapped_column(String(10))
    fx_rate: Mapped[Decimal | None] = mapped_column(ExactDecimal(38, 18))
    settle_currency: Mapped[str | None] = mapped_column(String(10))
    multiplier: Mapped[Decimal] = mapped_column(ExactDecimal(38, 18), default=Decimal(1))
    ratio_numerator: Mapped[int | None]
    ratio_denominator: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(40), default="manual")
    external_id: Mapped[str | None] = mapped_column(String(200))
    row_hash: Mapped[str | None] = mapped_column(String(64))
    row_occurrence: Mapped[int | None]
    import_id: Mapped[UUID | None]
    note: Mapped[str | None] = mapped_column(String(1000))
    replaces_id: Mapped[UUID | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[VoidReason | None] = mapped_column(
        Enum(
            *get_args(VoidReason),
            name="void_reason",
            native_enum=False,
            create_constraint=True,
            length=10,
        )
    )
    effective_at: Mapped[datetime]
    replay_rank: Mapped[int]
    origin_id: Mapped[UUID]
