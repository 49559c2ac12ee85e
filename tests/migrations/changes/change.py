"""What a change of a model is, for the tests of what a comparison of catalogues sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.schema import SchemaItem

Items = Callable[[], Sequence[SchemaItem]]
Build = Callable[[MetaData], object]

BOTH = ("sqlite", "postgresql")
SQLITE = ("sqlite",)
POSTGRESQL = ("postgresql",)


@dataclass(frozen=True)
class Change:
    """One way in which a model may change.

    Attributes:
        before: makes the tables of the old model.
        after: makes those of the new one.
        databases: on which it can be said at all.
        same_on: databases for which both models make the very same tables, and why.
    """

    name: str
    before: Build
    after: Build
    databases: tuple[str, ...] = BOTH
    same_on: tuple[tuple[str, str], ...] = ()

    def is_same_on(self, database: str) -> bool:
        """Whether there is nothing to see on a database."""
        return database in dict(self.same_on)


def change(
    name: str,
    before: Items,
    after: Items,
    databases: tuple[str, ...] = BOTH,
    *,
    same_on: tuple[tuple[str, str], ...] = (),
) -> Change:
    """A change of what the table `t` has beside its id."""
    return Change(name, _with_t(before), _with_t(after), databases, same_on)


def options(
    name: str, before: dict[str, Any], after: dict[str, Any], databases: tuple[str, ...]
) -> Change:
    """A change of the options of the table `t`."""
    return Change(name, _with_options(before), _with_options(after), databases)


def _with_t(items: Items) -> Build:
    def build(metadata: MetaData) -> None:
        Table(
            "p",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("u", Integer, unique=True),
        )
        Table("q", metadata, Column("id", Integer, primary_key=True))
        Table("t", metadata, Column("id", Integer, primary_key=True), *items())

    return build


def _with_options(words: dict[str, Any]) -> Build:
    def build(metadata: MetaData) -> None:
        Table("base", metadata, Column("z", Integer))
        Table("t", metadata, _id(), Column("a", Integer), **words)

    return build


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)
