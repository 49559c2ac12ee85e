"""The portfolios table."""

from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, OwnedRecord

CostBasisMethod = Literal["fifo", "lifo", "hifo", "average"]


class Portfolio(OwnedRecord, Base):
    """A portfolio of one user.

    Attributes:
        name: unique in any case; kept as it was written.
        base_currency: what reports are added up in.
        cost_basis_method: which lots a sale takes, unless a report asks for another method.
        allow_short: whether a sale may open a short position.
        history_id: drawn anew by each change of its transactions but those that only add some
            after the last one, so that what was replayed up to a transaction is known to hold.
    """

    __tablename__ = "portfolios"
    __table_args__ = (
        CheckConstraint("base_currency = upper(base_currency)", name="base_currency"),
    )

    name: Mapped[str] = mapped_column(String(100))
    base_currency: Mapped[str] = mapped_column(String(10))
    cost_basis_method: Mapped[CostBasisMethod] = mapped_column(
        Enum(
            *get_args(CostBasisMethod),
            name="cost_basis_method",
            native_enum=False,
            create_constraint=True,
            length=10,
        ),
        default="fifo",
    )
    allow_short: Mapped[bool] = mapped_column(default=False)
    history_id: Mapped[UUID | None]


Index("uq_portfolios_user_id_name", Portfolio.user_id, func.lower(Portfolio.name), unique=True)
