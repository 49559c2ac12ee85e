"""What Python gives a column of a row that is written, where the client says nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from sqlalchemy import Column
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from backend.core.lane.json_text import NotExpressible
from backend.core.models import moment_of_creation


def default_of(mapper: Mapper[Any], column: Column[Any]) -> Callable[[], Any] | None:
    """What gives a new row the column's value; None if nothing in Python does.

    Raises:
        NotExpressible: the database would have to be asked.
    """
    if column is mapper.version_id_col:
        return lambda: 1
    default = column.default
    if default is None:
        return None
    if isinstance(default, CallableColumnDefault):
        return _called(default)
    if isinstance(default, ScalarElementColumnDefault):
        return lambda: default.arg
    raise NotExpressible(f"{column} has a default that the database computes.")


def is_moment_of_creation(column: Column[Any]) -> bool:
    """Whether a new row has in this column what it has in `created_at`."""
    default = column.default
    return isinstance(default, CallableColumnDefault) and default.compare_argument(
        moment_of_creation
    )


def update_of(column: Column[Any]) -> Callable[[], Any] | None:
    """What gives a changed row the column's value; None if nothing in Python does."""
    update = column.onupdate
    return _called(update) if isinstance(update, CallableColumnDefault) else None


def _called(default: CallableColumnDefault) -> Callable[[], Any]:
    # SQLAlchemy gives such a function its context, by a function around it if it takes none.
    given: Callable[[], Any] | None = getattr(default.arg, "__wrapped__", None)
    if given is not None and default.compare_argument(given):
        return given
    # Those of models do not look at it.
    return partial(cast("Callable[[Any], Any]", default.arg), None)
