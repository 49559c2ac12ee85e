"""Files over HTTP, in and out; `backend.transactions.routes` has their paths."""

from tempfile import SpooledTemporaryFile
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from backend.core.database import CurrentTransactions, DbSession
from backend.core.errors import UnsupportedMediaType
from backend.core.schemas import CurrencyCode, TimezoneName
from backend.transactions.import_schemas import ImportReport
from backend.transactions.services import exports, imports
from backend.user_sessions.dependencies import CurrentUser

_IN_MEMORY = 1_048_576
ProfileName = Annotated[
    str | None,
    Query(max_length=40, description="The layout; found by the header if it is not named."),
]
Currency = Annotated[
    CurrencyCode | None, Query(description="That of amounts in layouts that do not say it.")
]
Timezone = Annotated[TimezoneName, Query(description="That of times that do not say it.")]


async def import_transactions(
    *,
    portfolio_id: UUID,
    request: Request,
    transactions: CurrentTransactions,
    user: CurrentUser,
    dry_run: bool = False,
    profile: ProfileName = None,
    currency: Currency = None,
    timezone: Timezone = "UTC",
) -> ImportReport:
    """Import a file, which is the body as it is: all that is new in one transaction."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise UnsupportedMediaType("The body must be the file itself, of CSV or JSON.")
    await transactions.read(lambda db: imports.require_portfolio(db, user.id, portfolio_id))
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        async for piece in request.stream():
            file.write(piece)
        file.seek(0)
        try:
            return await transactions.write(
                lambda db: imports.import_file(
                    db,
                    user.id,
                    portfolio_id,
                    file,
                    imports.Layout(profile, currency, timezone),
                    dry_run=dry_run,
                )
            )
        except imports.NothingKept as done:
            return done.report


def undo_import(portfolio_id: UUID, import_id: UUID, db: DbSession, user: CurrentUser) -> None:
    """Void all rows of an import."""
    imports.undo(db, user.id, portfolio_id, import_id)


async def export_transactions(
    portfolio_id: UUID,
    transactions: CurrentTransactions,
    user: CurrentUser,
    format_: Annotated[exports.Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Export all transactions that are not void, in a layout that can be imported again."""
    file = await transactions.read(lambda db: exports.export(db, user.id, portfolio_id, format_))
    return StreamingResponse(
        file,
        media_type=exports.MEDIA_TYPES[format_],
        headers={"Content-Disposition": f'attachment; filename="transactions.{format_}"'},
    )
