"""Every statement that the fills module sends to the database."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.core import paging
from backend.core.listing import ListRequest
from benchmarks.ours.fills.models import Fill


def all_of(owner_id: UUID) -> Select[Fill]:
    """The owner's fills."""
    return select(Fill).where(Fill.user_id == owner_id)


def one_of(db: Session, owner_id: UUID, fill_id: UUID, *, for_update: bool = False) -> Fill | None:
    """One of the owner's fills; with `for_update` no one else can change it meanwhile."""
    wanted = all_of(owner_id).where(Fill.id == fill_id)
    return db.scalar(wanted.with_for_update() if for_update else wanted)


def page_of(db: Session, owner_id: UUID, wanted: ListRequest) -> paging.PagedRows[Fill]:
    """One page of the owner's fills as it is wanted."""
    return paging.page_of(db, all_of(owner_id), Fill, wanted)


def save(db: Session, fill: Fill) -> Fill:
    """Write a new or changed fill now, so that constraints are checked here."""
    db.add(fill)
    db.flush()
    return fill


def remove(db: Session, fill: Fill) -> None:
    """Delete the fill now, so that constraints are checked here."""
    db.delete(fill)
    db.flush()
