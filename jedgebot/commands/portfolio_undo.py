"""`jedgebot portfolio undo`: an import as if it had not been."""

from typing import Annotated
from uuid import UUID

import typer

from backend.core.errors import NotFound
from backend.core.settings import load_settings
from backend.transactions.services import imports
from backend.transactions.services.timeline import ImpossibleTimeline
from jedgebot import console
from jedgebot.accounts import portfolio_of
from jedgebot.commands import import_report
from jedgebot.database import transaction
from jedgebot.errors import Misuse


def portfolio_undo(
    import_id: Annotated[
        UUID, typer.Argument(help="What `portfolio import` said.", metavar="IMPORT_ID")
    ],
    *,
    user: Annotated[str, typer.Option(help="E-mail address of the portfolio's owner.")],
    portfolio: Annotated[str, typer.Option(help="Name of the portfolio.")],
) -> None:
    """Take all rows of an import out of a portfolio; the file may then be imported again.

    Example: jedgebot portfolio undo IMPORT_ID --user demo@example.com --portfolio Demo
    """
    try:
        with transaction(load_settings()) as db:
            found = portfolio_of(db, user, portfolio)
            imports.undo(db, found.user_id, found.id, import_id)
    except NotFound as error:
        raise Misuse(
            error.detail, "`jedgebot portfolio import` says it, and each row has its import_id."
        ) from None
    except ImpossibleTimeline as error:
        hint = "Nothing was changed. Take that transaction out first."
        raise import_report.impossible(error, hint) from None
    console.out(f"Import {import_id} is undone.")
