"""The profiles by their names."""

from typing import Final

from backend.ledger.statements.outcomes import UnreadableFile
from backend.ledger.statements.profile import Profile
from backend.ledger.statements.profiles import generic

PROFILES: Final[tuple[Profile, ...]] = (generic.PROFILE,)
"""All layouts that are known, in the order in which errors list them."""


def profile_named(name: str) -> Profile:
    """The profile of a name.

    Raises:
        UnreadableFile: there is none; `profiles` has the names.
    """
    for profile in PROFILES:
        if profile.name == name:
            return profile
    names = [profile.name for profile in PROFILES]
    raise UnreadableFile(
        f"no profile is called {name!r}; known are: {', '.join(names)}", profiles=names
    )
