"""Every statement that the fills module sends to the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core import paging
from backend.core.listing import ListRequest
from backend.core.statements import OWNER, ROW
from benchmarks.ours.fills.models import Fill

ALL = select(Fill).where(Fill.user_id == OWNER)
ONE = ALL.where(Fill.id == ROW)


def one_of(db: Session, owner_id: UUID, fill_id: UUID, *, for_update: bool = False) -> Fill | None:
    """One of the owner's fills; with `for_update` no one else can change it meanwhile."""
    statement = ONE.with_for_update() if for_update else ONE
    return db.scalar(statement, {"owner_id": owner_id, "row_id": fill_id})


def page_of(db: Session, owner_id: UUID, wanted: ListRequest) -> paging.PagedRows[Fill]:
    """One page of the owner's fills as it is wanted."""
    return paging.page_of(db, ALL, Fill, wanted, owner_id)


def save(db: Session, fill: Fill) -> Fill:
    """Write a new or changed fill now, so that constraints are checked here."""
    db.add(fill)
    db.flush()
    return fill


def remove(db: Session, fill: Fill) -> None:
    """Delete the fill now, so that constraints are checked here."""
    db.delete(fill)
    db.flush()
