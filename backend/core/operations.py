"""What a user may do with the rows of a table, declared instead of coded.

An operation is called as the functions of `services.py` are; that is its plain form, in the
session of its caller. Over HTTP `backend.core.lane` carries it out with one statement.

Where rows are shared, the statements choose without `OWNER`, and the owner that is given is
nobody's: whoever has signed in reads and writes them.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from pydantic import MISSING
from sqlalchemy import Select, null
from sqlalchemy.orm import Session, class_mapper

from backend.core import paging
from backend.core.conditional import require_match
from backend.core.database import RequestSession
from backend.core.errors import MissingReference, NotFound
from backend.core.listing import ListParameters, ListRequest
from backend.core.models import OWNER_COLUMN, AnyRecord, Owned, Shared, database_of
from backend.core.paging import PagedRows
from backend.core.schemas import RequestSchema, ResponseSchema
from backend.core.sparse import FieldParameters
from backend.core.statements import OWNER, ROW

Row = TypeVar("Row", bound=AnyRecord)
ListedRow = TypeVar("ListedRow", bound=Owned | Shared)
_COLUMNS_OF_CORE = frozenset({OWNER_COLUMN, "id", "version", "created_at", "updated_at"})


class Finder(Protocol):
    """Finds a row that another refers to without a foreign key: a `Get`, or a function like it."""

    def __call__(self, db: Session, owner_id: UUID, row_id: UUID, /) -> object:
        """The row.

        Raises:
            NotFound: there is none, or it is not the owner's.
        """


class _OfOneRow(Generic[Row]):
    """An operation on a row that is there already.

    Args:
        one: the statement that chooses the row by `OWNER`, and by `ROW` where an owner may have
            several (`backend.core.statements`).
        missing: the sentence that tells the owner that there is no such row.
    """

    def __init__(self, one: Select[Row], missing: str) -> None:
        self.one = one
        self.missing = missing

    @cached_property
    def model(self) -> type[Row]:
        """What the statement selects."""
        model: type[Row] = self.one.column_descriptions[0]["entity"]
        return model

    def _found(self, db: Session, owner_id: UUID, row_id: UUID | None, *, for_update: bool) -> Row:
        wanted = self._one_for_update if for_update else self.one
        row = db.scalar(wanted, {OWNER.key: owner_id, ROW.key: row_id})
        if row is None:
            raise NotFound(self.missing)
        return row

    @cached_property
    def _one_for_update(self) -> Select[Row]:
        return self.one.with_for_update()


class Get(_OfOneRow[Row]):
    """Read a row.

    Args:
        one, missing: as `Change` takes them.
        read: what is answered.
    """

    def __init__(self, one: Select[Row], read: type[ResponseSchema], missing: str) -> None:
        super().__init__(one, missing)
        self.read = read
        self.parameters = FieldParameters(read)

    def __call__(
        self, db: Session, owner_id: UUID, row_id: UUID | None = None, *, for_update: bool = False
    ) -> Row:
        """The row; with `for_update` no one else can change it meanwhile.

        Raises:
            NotFound: the owner has no such row.
        """
        return self._found(db, owner_id, row_id, for_update=for_update)


class Browse(Generic[ListedRow]):
    """Read a page of the owner's rows, or of shared ones.

    Args:
        rows: the statement that chooses them, by `OWNER` unless they are shared.
        read: what is answered of each.
        filter_by: columns that the list can be filtered by (`backend.core.listing`).
        sort_by: columns that it can be sorted by, beside the time of creation.
        search_by: texts of which one contains what the client searches, in any case.
    """

    def __init__(
        self,
        rows: Select[ListedRow],
        read: type[ResponseSchema],
        *,
        filter_by: Sequence[str] = (),
        sort_by: Sequence[str] = (),
        search_by: Sequence[str] = (),
    ) -> None:
        self.rows = rows
        self.read = read
        self.parameters = ListParameters(
            read, filter_by=filter_by, sort_by=sort_by, search_by=search_by
        )

    def __call__(self, db: Session, owner_id: UUID, wanted: ListRequest) -> PagedRows[ListedRow]:
        """The wanted page; without a sort, in the order of creation."""
        return paging.page_of(db, self.rows, self.model, wanted, owner_id)

    @cached_property
    def model(self) -> type[ListedRow]:
        """What the statement selects."""
        model: type[ListedRow] = self.rows.column_descriptions[0]["entity"]
        return model


class Create(Generic[Row]):
    """Add a row that the owner owns, or a shared one.

    Args:
        model: the table; its column `user_id`, if it has one, becomes the owner.
        data: what is sent; each of its fields is a column.
        read: what is answered.
        only: whether an owner has at most one such row, so that its path has no id.
        refers_to: by columns that name a row without a foreign key, what finds that row.
    """

    def __init__(
        self,
        model: type[Row],
        data: type[RequestSchema],
        read: type[ResponseSchema],
        *,
        only: bool = False,
        refers_to: Mapping[str, Finder] | None = None,
    ) -> None:
        _require_no_column_of_core(data)
        self.model = model
        self.data = data
        self.read = read
        self.only = only
        self.refers_to = refers_to or {}

    def __call__(self, db: Session, owner_id: UUID, data: RequestSchema) -> Row:
        """The new row, written now, so that its constraints are checked here.

        Raises:
            MissingReference: it refers to a row that is not there.
            IntegrityError: it clashes with another row.
        """
        _require_rows(db, owner_id, data, self.refers_to)
        columns = class_mapper(self.model).columns
        values: dict[str, Any] = {OWNER_COLUMN: owner_id} if OWNER_COLUMN in columns else {}
        for name, value in data:
            # The ORM takes None for a value that is absent, and would give the default.
            is_null = value is None and columns[name].default is not None
            values[name] = null() if is_null else value
        row = self.model(**values)
        db.add(row)
        db.flush()
        return row


class Change(_OfOneRow[Row]):
    """Change the fields of a row that the request names.

    Args:
        one: the statement that chooses the row by `OWNER`, and by `ROW` where an owner may have
            several (`backend.core.statements`).
        changes: what is sent; each of its fields is a column, and may be absent.
        read: what is answered.
        missing: the sentence that tells the owner that there is no such row.
        refers_to: as `Create` takes it.
    """

    def __init__(
        self,
        one: Select[Row],
        changes: type[RequestSchema],
        read: type[ResponseSchema],
        missing: str,
        *,
        refers_to: Mapping[str, Finder] | None = None,
    ) -> None:
        super().__init__(one, missing)
        _require_no_column_of_core(changes)
        self.changes = changes
        self.read = read
        self.refers_to = refers_to or {}

    def __call__(
        self,
        db: Session,
        owner_id: UUID,
        changes: RequestSchema,
        row_id: UUID | None = None,
        if_match: str | None = None,
    ) -> Row:
        """The changed row, written now.

        Raises:
            NotFound: the owner has no such row.
            PreconditionFailed: `if_match` names another version.
            MissingReference: it would refer to a row that is not there.
            IntegrityError: it would clash with another row.
        """
        row = self._found(db, owner_id, row_id, for_update=True)
        require_match(if_match, row)
        _require_rows(db, owner_id, changes, self.refers_to)
        changes.apply_to(row)
        db.flush()
        return row


class Remove(_OfOneRow[Row]):
    """Delete a row, and with it what belongs to it.

    Args:
        one, missing: as `Change` takes them.
    """

    def __call__(
        self,
        db: Session,
        owner_id: UUID,
        row_id: UUID | None = None,
        if_match: str | None = None,
    ) -> None:
        """Delete the row now, so that constraints are checked here.

        Raises:
            NotFound: the owner has no such row.
            PreconditionFailed: `if_match` names another version.
            IntegrityError: other rows still refer to it.
        """
        row = self._found(db, owner_id, row_id, for_update=True)
        require_match(if_match, row)
        db.delete(row)
        db.flush()


def _require_rows(
    db: Session, owner_id: UUID, data: RequestSchema, refers_to: Mapping[str, Finder]
) -> None:
    """Refuse what names rows that are not there; what is absent or null names none."""
    lost = []
    for name, find in refers_to.items():
        row_id = getattr(data, name, None)
        if row_id is None or row_id is MISSING:
            continue
        try:
            with _session_for(find, db) as session:
                find(session, owner_id, row_id)
        except NotFound:
            lost.append(name)
    if lost:
        raise MissingReference(lost)


def _session_for(find: Finder, db: Session) -> AbstractContextManager[Session]:
    """A session where a `Get` finds its rows; any other finder knows that itself."""
    if isinstance(db, RequestSession) and isinstance(find, Get):
        return db.looking_into(database_of(find.model))
    return nullcontext(db)


def _require_no_column_of_core(schema: type[RequestSchema]) -> None:
    named = _COLUMNS_OF_CORE.intersection(schema.model_fields)
    if named:
        raise TypeError(f"{schema.__name__}.{min(named)} is not for a client to set.")


Operation: TypeAlias = Get[Any] | Browse[Any] | Create[Any] | Change[Any] | Remove[Any]
