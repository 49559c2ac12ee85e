"""A user's way through every declared operation, with values that hypothesis draws."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import strategies as st
from sqlalchemy import ForeignKeyConstraint, Table

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.forms import Caller, Declared, Forms
from tests.contract.values import bodies
from tests.contract.wire import Answer


class Run:
    """One user's way through all operations, with the values that hypothesis draws."""

    def __init__(self, forms: Forms, data: st.DataObject) -> None:
        forms.forget_users()
        self.forms = forms
        self.declared = forms.declared()
        self.caller: Caller = forms.newcomer("caller")
        self.by_lane: set[tuple[str, str]] = set()
        self._data = data

    def body(self, schema: Any, known: dict[str, Any]) -> bytes:
        """A drawn body."""
        return json.dumps(self._data.draw(bodies(schema, known))).encode()

    def send(self, one: Declared, row_id: str = "", *rest: Any, **more: Any) -> Answer:
        """Send a request; what the lane answers is noted."""
        answer = self.caller.send(one.method, one.path_of(row_id), *rest, **more)
        if answer.by_lane and one.method != "HEAD":
            self.by_lane.add((one.method, one.path))
        return answer

    def create(self, one: Declared) -> dict[str, Any] | None:
        """A new row, and the rows that it refers to; None if it is refused."""
        operation = one.operation
        assert isinstance(operation, Create)
        known = dict(self._references(operation))
        answer = self.send(one, "", self.body(operation.data, known))
        if answer.status != 201:
            return None
        row: dict[str, Any] = json.loads(answer.body)
        return row

    def _references(self, operation: Create[Any]) -> Iterator[tuple[str, str]]:
        table = operation.model.__table__
        creating = {
            one.operation.model.__table__.name: one
            for one in self.declared
            if isinstance(one.operation, Create)
        }
        for name, referred, column in (*_foreign_keys(table), *_soft_references(operation)):
            if name == "user_id" or referred == table.name:
                continue
            if referred == "users":
                yield name, str(self.caller.user_id)
            elif referred in creating and (row := self.create(creating[referred])) is not None:
                yield name, row[column]


def _foreign_keys(table: Table) -> Iterator[tuple[str, str, str]]:
    """The columns that refer to another table, with the table and the column of it."""
    for key in table.constraints:
        if isinstance(key, ForeignKeyConstraint):
            element = min(key.elements, key=lambda one: one.parent.name == "user_id")
            yield element.parent.name, element.column.table.name, element.column.name


def _soft_references(operation: Create[Any]) -> Iterator[tuple[str, str, str]]:
    """The same of those that the services look for."""
    for name, find in operation.refers_to.items():
        assert isinstance(find, Get)
        yield name, find.model.__tablename__, "id"


def _under(declared: list[Declared], path: str) -> list[Declared]:
    """The operations on the rows that are created at a path."""
    return [one for one in declared if one.path == path or one.path.startswith(f"{path}/{{")]


def _read_all(run: Run, one: Declared, row: dict[str, Any]) -> None:
    """Read a list by pages, in every order, through every filter, and some of its fields."""
    for sort in ("", *run_sorts(one)):
        query = f"limit=1&sort={sort}" if sort else "limit=1"
        for _ in range(5):
            page = run.send(one, query=query)
            assert page.status == 200, page
            cursor = json.loads(page.body)["next_cursor"]
            if cursor is None:
                break
            query = f"{query.partition('&cursor')[0]}&cursor={cursor}"
        else:
            pytest.fail("There are more pages than rows.")
    assert isinstance(one.operation, Browse)
    for parameter in one.operation.parameters.openapi_parameters():
        name, column = parameter["name"], parameter["name"].partition("__")[0]
        if name in ("limit", "cursor", "sort", "fields"):
            continue
        if name == "search":
            _search(run, one, row)
            continue
        value = "true" if name.endswith("__isnull") else row[column]
        if value is not None:
            text = json.dumps(value) if isinstance(value, bool) else str(value)
            run.send(one, query=f"{name}={quote(text)}")
    for fields in (["id"], list(row), list(row)[::-2]):
        run.send(one, query=f"fields={','.join(fields)}&limit=1")
    run.send(Declared("HEAD", one.path, one.operation, one.expressible))


def _search(run: Run, one: Declared, row: dict[str, Any]) -> None:
    """Search for parts of the row's texts, in other case, and for what patterns mean."""
    texts = [value for value in row.values() if isinstance(value, str) and value]
    words = [text[len(text) // 2 :].swapcase()[:200] for text in texts]
    for word in (*words, "%", "_", "\\", "\\%", "ÄÉ", "x" * 200):
        found = run.send(one, query=f"search={quote(word)}&limit=2")
        assert found.status == 200, found


def run_sorts(one: Declared) -> list[str]:
    """All orders of a list."""
    assert isinstance(one.operation, Browse)
    parameters = one.operation.parameters.openapi_parameters()
    (sort,) = [
        parameter["schema"]["enum"] for parameter in parameters if parameter["name"] == "sort"
    ]
    return list(sort)


def _read_one(run: Run, one: Declared, row: dict[str, Any]) -> None:
    row_id = row["id"]
    read = run.send(one, row_id)
    assert read.status == 200, read
    tags = [value.decode() for name, value in read.headers if name == b"etag"]
    etag = tags[0] if tags else '"none"'
    run.send(Declared("HEAD", one.path, one.operation, one.expressible), row_id)
    for fields in ("id", ",".join(row), ",".join(list(row)[::-2])):
        run.send(one, row_id, query=f"fields={fields}")
    for condition in (etag, f"W/{etag}", "*", f'"a", {etag}', '"a"', ""):
        run.send(one, row_id, headers=[(b"if-none-match", condition.encode())])


def _change(run: Run, one: Declared, row: dict[str, Any]) -> None:
    operation = one.operation
    assert isinstance(operation, Change)
    for _ in range(2):
        body = run.body(operation.changes, {})
        changed = run.send(one, row["id"], body)
        again = run.send(one, row["id"], body)
        assert (again.status, again.body) == (changed.status, changed.body)
    run.send(one, row["id"], b"{}")
    # What was drawn may all be refused; this is not.
    present = {name: row[name] for name in operation.changes.model_fields if name in row}
    run.send(one, row["id"], json.dumps(present).encode())


def go_through(run: Run) -> None:
    """Use every declared operation."""
    creating = [one for one in run.declared if isinstance(one.operation, Create)]
    done = []
    for create in creating:
        group = _under(run.declared, create.path)
        rows = [row for _ in range(3) if (row := run.create(create)) is not None]
        if rows:
            _use(run, group, rows[0])
        done += group
    (rest,) = [[one for one in run.declared if one not in done]]
    for read in rest:
        if isinstance(read.operation, Get):
            _use(run, _under(rest, read.path), json.loads(run.send(read).body))


def _use(run: Run, group: list[Declared], row: dict[str, Any]) -> None:
    """Read and change a row, and at last delete it."""
    for one in sorted(group, key=lambda one: isinstance(one.operation, Remove)):
        match one.operation:
            case Browse():
                _read_all(run, one, row)
            case Get():
                _read_one(run, one, row)
            case Change():
                _change(run, one, row)
            case Remove():
                assert run.send(one, row["id"]).status == 204
                assert run.send(one, row["id"]).status in (401, 404)
