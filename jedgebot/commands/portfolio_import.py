"""`jedgebot portfolio import`: a file of transactions into a portfolio."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from backend.core.schemas import CurrencyCode, TimezoneName
from backend.core.settings import load_settings
from backend.ledger.statements.outcomes import UnreadableFile
from backend.ledger.statements.registry import profile_named
from backend.transactions.services import imports
from backend.transactions.services.timeline import ImpossibleTimeline, Oversold
from jedgebot import console
from jedgebot.accounts import portfolio_of
from jedgebot.commands import import_report
from jedgebot.database import transaction
from jedgebot.errors import Failure, Misuse
from jedgebot.spec.suggestions import nearest_or_all

STANDARD_INPUT = "-"
_UNITS_MISSING = (
    "Nothing was stored. Add what brought the units in: a purchase, a transfer_in, a split."
)
_SPLIT_TOO_FAR = "Nothing was stored. Correct the ratio of that split, or of those before it."
_CURRENCY: TypeAdapter[str | None] = TypeAdapter(CurrencyCode | None)
_TIMEZONE: TypeAdapter[str] = TypeAdapter(TimezoneName)


def portfolio_import(  # noqa: PLR0913 - each is an option of the command line
    file: Annotated[
        str, typer.Argument(help="The file, CSV or JSON; - for standard input.", metavar="FILE")
    ],
    *,
    user: Annotated[str, typer.Option(help="E-mail address of the portfolio's owner.")],
    portfolio: Annotated[str, typer.Option(help="Name of the portfolio.")],
    profile: Annotated[
        str | None,
        typer.Option(help="The layout; found by the header if it is not named."),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="That of amounts in layouts that do not say it.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="That of times that do not say it.")] = "UTC",
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Keep the rows that can be taken, though others cannot."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON document, also of an error.")
    ] = False,
) -> None:
    """Import a file of transactions into a portfolio: all of it, or nothing.

    Example: jedgebot portfolio import fills.csv --user demo@example.com --portfolio Demo

    Rows that the portfolio has already are passed over, so the same file can come again. If a row
    is invalid or conflicts with one that is there, nothing is stored and the exit code is 1;
    --partial keeps the others. Ctrl-C, or a failure at any moment, leaves nothing.
    """
    layout = _layout(profile, currency, timezone)
    is_kept = True
    try:
        with _opened(file) as (content, size), transaction(load_settings()) as db:
            found = portfolio_of(db, user, portfolio)
            with console.progress("Importing", size) as show:
                source = _Measured(content)
                report = imports.import_file(
                    db,
                    found.user_id,
                    found.id,
                    source,
                    layout,
                    dry_run=dry_run,
                    whole=not partial,
                    progress=lambda rows: show(source.done, f"{rows:,} rows"),
                )
    except imports.NothingKept as nothing:
        report, is_kept = nothing.report, False
    except imports.UnusableFile as error:
        raise import_report.unreadable(error) from None
    except ImpossibleTimeline as error:
        hint = _UNITS_MISSING if isinstance(error, Oversold) else _SPLIT_TOO_FAR
        raise import_report.impossible(error, hint) from None
    import_report.show(report, user, portfolio, is_kept=is_kept)
    if import_report.refused(report) and not partial:
        raise import_report.incomplete(report)


def _layout(profile: str | None, currency: str | None, timezone: str) -> imports.Layout:
    try:
        if profile is not None:
            profile_named(profile)
    except UnreadableFile as error:
        hint = nearest_or_all(profile or "", error.profiles, "The profiles are")
        raise Misuse(f'there is no profile "{profile}".', hint) from None
    try:
        _CURRENCY.validate_python(currency)
    except ValidationError:
        raise Misuse(
            f'"{currency}" is not the code of a currency.', "Write it in capitals, such as USD."
        ) from None
    try:
        timezone = _TIMEZONE.validate_python(timezone)
    except ValidationError:
        raise Misuse(
            f'there is no time zone "{timezone}".', "Name a place, such as Europe/Zurich, or UTC."
        ) from None
    return imports.Layout(profile, currency, timezone)


class _Measured:
    """A file that says how many bytes of it were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.done = 0

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        piece = self._file.read(size)
        self.done += len(piece)
        return piece


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], int]]:
    """The file, and how many bytes it has.

    What comes through a pipe is kept in a temporary file first: nobody should have to wait for a
    database that itself waits for a slow pipe.
    """
    if name == STANDARD_INPUT:
        if sys.stdin is None:
            raise Misuse("standard input is closed.", "Name a file, or let one come in with <.")
        with _kept(sys.stdin.buffer) as kept:
            yield kept
        return
    with _readable(name) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            yield file, status.st_size
            return
        with _kept(file) as kept:
            yield kept


def _readable(name: str) -> IO[bytes]:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise Misuse(
            f"{name} cannot be read: {(error.strerror or 'no reason is given').lower()}.",
            "Name a file of CSV or JSON, or - for standard input.",
        ) from None


@contextmanager
def _kept(pipe: IO[bytes]) -> Iterator[tuple[IO[bytes], int]]:
    with TemporaryFile() as file:
        try:
            shutil.copyfileobj(pipe, file)
            size = file.tell()
        except OSError as error:
            raise Failure(
                f"what comes through the pipe cannot be kept: {error.strerror}.",
                "Nothing was stored. Make room in the directory for temporary files.",
            ) from None
        file.seek(0)
        yield file, size
