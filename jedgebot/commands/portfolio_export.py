"""`jedgebot portfolio export`: a portfolio's transactions as a file."""

from typing import Annotated

import typer

from backend.core.settings import load_settings
from backend.transactions.services import exports
from jedgebot import console
from jedgebot.accounts import portfolio_of
from jedgebot.database import transaction


def portfolio_export(
    *,
    user: Annotated[str, typer.Option(help="E-mail address of the portfolio's owner.")],
    portfolio: Annotated[str, typer.Option(help="Name of the portfolio.")],
    format_: Annotated[exports.Format, typer.Option("--format", help="The kind of file.")] = "csv",
) -> None:
    """Print the transactions of a portfolio as a file that can be imported again.

    Example: jedgebot portfolio export --user demo@example.com --portfolio Demo >demo.csv
    """
    with transaction(load_settings(), writing=False) as db:
        found = portfolio_of(db, user, portfolio)
        file = exports.export(db, found.user_id, found.id, format_)
    console.pieces(file)
