"""The ways in which the handlers of a generated module are broken."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select

from backend.core.listing import LIMIT, MAXIMUM_LIMIT
from backend.core.operations import Browse, Change, Create, Get, Operation, Remove
from backend.core.statements import ROW
from jedgebot.rendering.series import series_of
from jedgebot.spec import types
from jedgebot.spec.listing import filtered_by, searched_by
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.staging.mutation import Mutant

_SECOND_ROW = 2
Handler = Callable[..., Any]  # Any: an operation takes and gives what its kind does


@dataclass(frozen=True)
class Mutants:
    """The mutants of several tables."""

    specs: Sequence[TableSpec]

    def found(self) -> list[Mutant]:
        """All of them; the modules are imported by this."""
        return [mutant for spec in self.specs for mutant in mutants_of(spec)]


def mutants_of(spec: TableSpec) -> Iterator[Mutant]:
    """The ways in which the handlers of one table are broken."""
    services = importlib.import_module(f"backend.{spec.name}.services")
    ways: list[tuple[str, str, tuple[str, ...], Callable[[Any], None]]] = [
        ("create", "stores nothing", ("create",), _calling(_store_nothing)),
        ("browse", "ignores the cursor", ("list",), _listing(_first_page)),
        ("browse", "ignores the limit", ("list",), _listing(_all_rows)),
        ("browse", "ignores the sort", ("list",), _listing(_unsorted)),
        ("remove", "removes nothing", ("deleted", "remove"), _calling(_remove_nothing)),
    ]
    if (wrong := _another_value(spec, services.change)) is not None:
        ways.append(("create", "stores another value", ("create",), _calling(_store(*wrong))))
    if any(_is_seen_to_change(field) for field in spec.fields):
        ways.append(("change", "changes nothing", ("patch", "change"), _calling(_change_nothing)))
    if filtered_by(spec):
        ways.append(("browse", "ignores the filters", ("list",), _listing(_unfiltered)))
    if searched_by(spec):
        ways.append(("browse", "ignores the search", ("search",), _listing(_not_searched)))
    if not spec.is_shared:
        ways += [
            (handler, "ignores the owner", ("nobody",), _ownerless)
            for handler in ("browse", "get", "change", "remove")
        ]
    if spec.versioned:
        ways += [
            (handler, "ignores If-Match", ("412",), _calling(_without_if_match))
            for handler in ("change", "remove")
        ]
    for handler, fault, words, way in ways:
        yield Mutant(spec.name, handler, fault, words, _applied(services, handler, way))


def _applied(services: Any, handler: str, way: Callable[[Any], None]) -> Callable[[], None]:
    return lambda: way(getattr(services, handler))


def _calling(broken: Callable[[Handler], Handler]) -> Callable[[Operation], None]:
    """Let an operation be called otherwise; whoever has it already does so, too."""

    def apply(operation: Operation) -> None:
        kind = type(operation)
        call = broken(kind.__call__)
        operation.__class__ = type(kind.__name__, (kind,), {"__call__": call})

    return apply


def _store_nothing(create: Handler) -> Handler:
    def call(operation: Create[Any], db: Any, *arguments: Any) -> Any:
        row = create(operation, db, *arguments)
        statement = delete(operation.model).where(operation.model.id == row.id)
        db.execute(statement, execution_options={"synchronize_session": False})
        return row

    return call


def _store(column: str, wrong: object) -> Callable[[Handler], Handler]:
    def broken(create: Handler) -> Handler:
        def call(operation: Create[Any], db: Any, *arguments: Any) -> Any:
            row = create(operation, db, *arguments)
            setattr(row, column, wrong)
            db.flush()
            return row

        return call

    return broken


def _another_value(spec: TableSpec, change: Change[Any]) -> tuple[str, object] | None:
    """A column that every client reads and may change, and a value that the first row has not."""
    for field in spec.fields:
        if isinstance(field.type, types.Ref) or field.access or field.unique:
            continue
        series = series_of(field)
        if series.capacity > 1:
            changes = change.changes.model_validate({field.column: series.wire(_SECOND_ROW)})
            return field.column, getattr(changes, field.column)
    return None


def _is_seen_to_change(field: FieldSpec) -> bool:
    if field.access or isinstance(field.type, types.Ref):
        return not field.access
    return field.nullable or series_of(field).capacity > 1


def _change_nothing(change: Handler) -> Handler:
    def call(operation: Any, db: Any, owner: Any, changes: Any, *rest: Any, **named: Any) -> Any:
        return change(operation, db, owner, type(changes)(), *rest, **named)

    return call


def _remove_nothing(_remove: Handler) -> Handler:
    def call(operation: Remove[Any], db: Any, *_rest: Any, **_named: Any) -> None:
        """Leave the row where it is."""

    return call


def _without_if_match(original: Handler) -> Handler:
    def call(operation: Any, *arguments: Any, **named: Any) -> Any:
        return original(operation, *arguments, **{**named, "if_match": None})

    return call


def _listing(asked: Callable[[Any], Any]) -> Callable[[Operation], None]:
    """Let a list be asked for something else than the client has asked for."""

    def broken(browse: Handler) -> Handler:
        def call(operation: Browse[Any], db: Any, owner: Any, wanted: Any) -> Any:
            return browse(operation, db, owner, asked(wanted))

        return call

    return _calling(broken)


def _first_page(wanted: Any) -> Any:
    return replace(wanted, shape=wanted.shape._replace(has_cursor=False))


def _all_rows(wanted: Any) -> Any:
    values = {**wanted.values, LIMIT: MAXIMUM_LIMIT + 1}
    return replace(wanted, limit=MAXIMUM_LIMIT, values=values)


def _unsorted(wanted: Any) -> Any:
    return replace(wanted, shape=wanted.shape._replace(sort=None))


def _unfiltered(wanted: Any) -> Any:
    return replace(wanted, shape=wanted.shape._replace(conditions=()))


def _not_searched(wanted: Any) -> Any:
    return replace(wanted, shape=wanted.shape._replace(search=()))


def _ownerless(operation: Any) -> None:
    """Let a statement choose rows whoever owns them."""
    rows = select(operation.model)
    if isinstance(operation, Browse):
        operation.rows = rows
        return
    if isinstance(operation, Get | Change | Remove):
        operation.one = rows.where(operation.model.id == ROW)
        vars(operation).pop("_one_for_update", None)  # made of the former one
