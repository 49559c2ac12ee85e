"""Prints random specifications, valid ones as TOML and invalid ones as words: JSON lines.

In a process of its own: whoever runs the command line must not have imported the project.
"""

import json
import sys
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from jedgebot.spec.table import TableSpec
from jedgebot.spec.writing import toml
from tests.cli.misspecs import misuses
from tests.cli.specs import families

Drawn = TypeVar("Drawn")


def drawn(strategy: st.SearchStrategy[Drawn], number: int, start: int) -> list[Drawn]:
    """So many values of a strategy, the same ones for the same start."""
    found: list[Drawn] = []

    @seed(start)
    @settings(
        max_examples=max(number, 1),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def note(value: Drawn) -> None:
        found.append(value)

    if number:
        note()
    return found[:number]


def main(words: Sequence[str]) -> None:
    """Print as many valid and invalid ones as the first two words say, from the third on."""
    valid, invalid, start = map(int, words)
    family: list[TableSpec]
    for family in drawn(families(), valid, start):
        sys.stdout.write(json.dumps({"toml": "\n".join(map(toml, family))}) + "\n")
    for arguments in drawn(misuses(), invalid, start):
        sys.stdout.write(json.dumps({"words": arguments}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
