"""Fills over HTTP."""

from typing import Annotated
from uuid import UUID

from backend.core.conditional import IfMatch
from backend.core.database import DbSession
from backend.core.listing import ListParameters, ListRequest
from backend.core.paging import Page, PagedRows
from backend.core.query_parameters import from_query
from backend.core.routing import Router
from backend.user_sessions.dependencies import CurrentUser
from benchmarks.ours.fills import services
from benchmarks.ours.fills.models import Fill
from benchmarks.ours.fills.schemas import FillChange, FillCreate, FillRead

router = Router(tags=["fills"])

FillQuery = Annotated[
    ListRequest,
    from_query(
        ListParameters(
            FillRead, filter_by=("symbol", "side", "executed_at"), sort_by=("executed_at",)
        )
    ),
]


@router.post("", response_model=FillRead, status_code=201)
def create_fill(data: FillCreate, db: DbSession, user: CurrentUser) -> Fill:
    """Create a fill."""
    return services.create(db, user.id, data)


@router.get("", response_model=Page[FillRead])
def list_fills(wanted: FillQuery, db: DbSession, user: CurrentUser) -> PagedRows[Fill]:
    """List the caller's fills, in the order of their creation or as `sort` says."""
    return services.browse(db, user.id, wanted)


@router.get("/{fill_id:uuid}", response_model=FillRead)
def read_fill(fill_id: UUID, db: DbSession, user: CurrentUser) -> Fill:
    """Read one of the caller's fills."""
    return services.get(db, user.id, fill_id)


@router.patch("/{fill_id:uuid}", response_model=FillRead)
def change_fill(
    fill_id: UUID,
    changes: FillChange,
    db: DbSession,
    user: CurrentUser,
    if_match: IfMatch = None,
) -> Fill:
    """Change the fields that the body names."""
    return services.change(db, user.id, fill_id, changes, if_match)


@router.delete("/{fill_id:uuid}", status_code=204)
def remove_fill(fill_id: UUID, db: DbSession, user: CurrentUser, if_match: IfMatch = None) -> None:
    """Delete one of the caller's fills."""
    services.remove(db, user.id, fill_id, if_match)
