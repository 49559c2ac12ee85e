"""The proof over a real socket: a server is started, and keeps what each table promises."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import httpx2

from jedgebot.errors import Failure
from jedgebot.spec.table import TableSpec
from jedgebot.staging.live.promises import Promises
from jedgebot.staging.live.rows import PASSWORD, Rows, new_email
from jedgebot.staging.live.server import served
from jedgebot.staging.live.transcript import Caller, Exchange, Transcript

_SECONDS_FOR_AN_ANSWER = 30.0


def prove_live(
    database_url: str, specs: Sequence[TableSpec], parents: Mapping[str, TableSpec]
) -> dict[str, list[Exchange]]:
    """Serve the application and ask for what each table promises.

    Args:
        database_url: of a database at head.
        specs: the tables.
        parents: every table that one of them refers to, directly or through others.

    Returns:
        the exchanges, by table.

    Raises:
        Failure: an answer is not the promised one, or there is none.
    """
    with ExitStack() as stack:
        address = stack.enter_context(served(database_url))
        callers = [
            Caller(
                stack.enter_context(
                    httpx2.Client(base_url=address, timeout=_SECONDS_FOR_AN_ANSWER)
                ),
                who,
            )
            for who in ("Ann", "Ben", "nobody")
        ]
        found = {}
        try:
            for spec in specs:
                transcript = Transcript(spec.name)
                for caller in callers:
                    caller.transcript = transcript
                ann, ben, nobody = callers
                # Of their own for each table, so that no row of another one is theirs.
                ann.log_in(new_email(), PASSWORD)
                ben.log_in(new_email(), PASSWORD)
                Promises(spec, Rows(spec, parents), ann, ben, nobody).ask_all()
                found[spec.name] = transcript.exchanges
        except httpx2.HTTPError as error:
            raise Failure(
                f"the live application gave no answer: {type(error).__name__}: {error}",
                "Look whether `jedgebot serve` works in this checkout.",
            ) from error
    return found
