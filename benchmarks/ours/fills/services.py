"""What a user may do with fills."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.conditional import require_match
from backend.core.errors import NotFound
from backend.core.listing import ListRequest
from backend.core.paging import PagedRows
from benchmarks.ours.fills import queries
from benchmarks.ours.fills.models import Fill
from benchmarks.ours.fills.schemas import FillChange, FillCreate


class FillNotFound(NotFound):
    """The user owns no such fill."""

    def __init__(self) -> None:
        super().__init__("You own no fill with this id.")


def create(db: Session, owner_id: UUID, data: FillCreate) -> Fill:
    """Create a fill.

    Raises:
        IntegrityError: it clashes with another row.
    """
    return queries.save(db, Fill(user_id=owner_id, **dict(data)))


def get(db: Session, owner_id: UUID, fill_id: UUID, *, for_update: bool = False) -> Fill:
    """Read one fill.

    Raises:
        FillNotFound: the user owns none with this id.
    """
    fill = queries.one_of(db, owner_id, fill_id, for_update=for_update)
    if fill is None:
        raise FillNotFound
    return fill


def browse(db: Session, owner_id: UUID, wanted: ListRequest) -> PagedRows[Fill]:
    """Read one page of fills as it is wanted."""
    return queries.page_of(db, owner_id, wanted)


def change(
    db: Session,
    owner_id: UUID,
    fill_id: UUID,
    changes: FillChange,
    if_match: str | None = None,
) -> Fill:
    """Change what the request names.

    Raises:
        FillNotFound: the user owns none with this id.
        PreconditionFailed: `if_match` names another version.
        IntegrityError: it would clash with another row.
    """
    fill = get(db, owner_id, fill_id, for_update=True)
    require_match(if_match, fill)
    return queries.save(db, changes.apply_to(fill))


def remove(db: Session, owner_id: UUID, fill_id: UUID, if_match: str | None = None) -> None:
    """Delete a fill.

    Raises:
        FillNotFound: the user owns none with this id.
        PreconditionFailed: `if_match` names another version.
        IntegrityError: other rows still refer to it.
    """
    fill = get(db, owner_id, fill_id, for_update=True)
    require_match(if_match, fill)
    queries.remove(db, fill)
