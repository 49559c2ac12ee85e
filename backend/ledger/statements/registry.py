"""The profiles by their names."""

from typing import Final

from backend.ledger.statements.outcomes import UnreadableFile
from backend.ledger.statements.profile import Profile
from backend.ledger.statements.profiles import (
    coinbase,
    degiro,
    etoro,
    fidelity,
    generic,
    ghostfolio,
    ibkr_activity,
    ibkr_flex,
    parqet,
    robinhood,
    schwab,
    sure,
    swissquote,
    tastytrade,
    trade_republic,
    trading212,
    wealthfolio,
    xtb,
)

PROFILES: Final[tuple[Profile, ...]] = (
    generic.PROFILE,
    ibkr_flex.PROFILE,
    ibkr_activity.PROFILE,
    schwab.PROFILE,
    fidelity.PROFILE,
    degiro.PROFILE,
    trading212.PROFILE,
    coinbase.PROFILE,
    tastytrade.PROFILE,
    ghostfolio.PROFILE,
    ghostfolio.CSV_PROFILE,
    robinhood.PROFILE,
    trade_republic.PROFILE,
    wealthfolio.PROFILE,
    sure.PROFILE,
    xtb.PROFILE,
    swissquote.PROFILE,
    etoro.PROFILE,
    parqet.PROFILE,
)
"""All layouts that are known, in the order in which errors list them."""


def profile_named(name: str) -> Profile:
    """The profile of a name or title, in any case and with any marks between its words.

    Raises:
        UnreadableFile: there is none; `profiles` has the names.
    """
    wanted = _letters(name)
    for profile in PROFILES:
        if wanted in (_letters(profile.name), _letters(profile.title)):
            return profile
    names = [profile.name for profile in PROFILES]
    raise UnreadableFile(
        f"no profile is called {name!r}; known are: {', '.join(names)}", profiles=names
    )


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
