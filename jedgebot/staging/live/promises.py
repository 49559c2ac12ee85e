"""What the API of every table promises (docs/architecture.md), asked for one after the other."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from jedgebot.spec import types
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.staging.live.rows import Rows
from jedgebot.staging.live.transcript import Caller

_ROWS = 3


class Promises:
    """The questions about one table.

    Args:
        spec: the table.
        rows: makes its bodies.
        ann, ben: two users.
        nobody: a client without a token.
    """

    def __init__(
        self, spec: TableSpec, rows: Rows, ann: Caller, ben: Caller, nobody: Caller
    ) -> None:
        self._spec = spec
        self._rows = rows
        self._ann = ann
        self._ben = ben
        self._nobody = nobody
        self._path = f"/{spec.name}"

    def ask_all(self) -> None:
        """Ask for all of them.

        Raises:
            Failure: an answer is not the promised one.
        """
        made = self._create()
        self._refuse_bodies(made[0])
        self._list(made)
        self._choose(made)
        self._hide(made[0])
        self._conflict(made)
        for field, ref in self._spec.refs:
            if self._spec.is_own(field) and field.access != "readonly":
                self._put_below(field, ref)
        row = self._change(made[0])
        self._match(row)
        for one in made:
            self._remove(one)

    def _require(self, holds: object, promise: str) -> None:
        self._ann.transcript.require(holds, promise)

    def _create(self) -> list[dict[str, Any]]:
        made = []
        for number in range(1, min(_ROWS, self._rows.most) + 1):
            sent = self._rows.body(self._ann, number)
            created = self._ann.ask("POST", self._path, 201, sent)
            row: dict[str, Any] = created.json()
            self._require(self._agrees(row, sent), "does not answer what was sent")
            where = created.headers.get("location")
            self._require(where == f"{self._path}/{row['id']}", "says no Location of the row")
            tagged = "etag" in created.headers
            self._require(tagged == self._spec.versioned, "has an ETag, or none, against its spec")
            read = self._ann.ask("GET", str(where), 200)
            self._require(read.json() == row, "does not answer the row that was made")
            made.append(row)
        return made

    def _agrees(self, row: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
        hidden = {field.column for field in self._spec.fields if field.access == "hidden"}
        return not hidden & row.keys() and all(
            row[name] == value for name, value in sent.items() if name not in hidden
        )

    def _refuse_bodies(self, row: dict[str, Any]) -> None:
        path = f"{self._path}/{row['id']}"
        unknown = {"no_such_field": 1}
        self._ann.ask("POST", self._path, 422, unknown)
        self._ann.ask("PATCH", path, 422, unknown)
        for field in self._spec.fields:
            if field.access in ("readonly", "writeonce"):
                self._ann.ask("PATCH", path, 422, {field.column: row[field.column]})
            elif not field.nullable:
                self._ann.ask("PATCH", path, 422, {field.column: None})
        self._ann.ask("GET", self._path, 422, params=unknown)
        self._ann.ask("GET", self._path, 422, params={"limit": -1})
        self._ann.ask("PUT", path, 405, row)

    def _list(self, made: list[dict[str, Any]]) -> None:
        """Page by page, one row at a time; only these rows are the user's."""
        seen: list[dict[str, Any]] = []
        params: dict[str, Any] = {"limit": 1}
        for _ in range(len(made) + 1):
            page = self._own_page(params, made)
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            self._require(len(page["items"]) == 1, "does not keep to the limit")
            params["cursor"] = page["next_cursor"]
        else:
            self._require(False, "does not come to an end")
        self._require(seen == made, "does not list each row once, in the order of creation")
        newest = self._ann.ask("GET", self._path, 200, params={"sort": "-created_at"}).json()
        own = [row for row in newest["items"] if row in made]
        self._require(own == made[::-1], "does not sort by creation, newest first")

    def _own_page(self, params: dict[str, Any], made: list[dict[str, Any]]) -> dict[str, Any]:
        page: dict[str, Any] = self._ann.ask("GET", self._path, 200, params=params).json()
        if self._spec.is_shared:  # others' rows are listed, too
            page["items"] = [row for row in page["items"] if row in made] or page["items"]
        return page

    def _choose(self, made: list[dict[str, Any]]) -> None:
        """Filter, sort and search."""
        for column in filtered_by(self._spec):
            value = made[0][column]
            question = {f"{column}__isnull": "true"} if value is None else {column: value}
            self._require_rows(question, [row for row in made if row[column] == value], made)
        for column in sorted_by(self._spec):
            values = [row[column] for row in self._listed({"sort": column}, made)]
            reverse = [row[column] for row in self._listed({"sort": f"-{column}"}, made)]
            alike = len(set(map(str, values))) < len(values)
            self._require(alike or values == reverse[::-1], f"does not sort by {column}")
        for column in searched_by(self._spec):
            text = made[0][column]
            if text:
                found = [
                    row
                    for row in made
                    if any(
                        text.lower() in (row[name] or "").lower()
                        for name in searched_by(self._spec)
                    )
                ]
                self._require_rows({"search": text.swapcase()}, found, made)

    def _listed(self, params: dict[str, Any], made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        params = {"limit": 500, **params}
        items = self._ann.ask("GET", self._path, 200, params=params).json()["items"]
        return [row for row in items if row["id"] in {one["id"] for one in made}]

    def _require_rows(
        self, params: dict[str, Any], rows: list[dict[str, Any]], made: list[dict[str, Any]]
    ) -> None:
        found = self._listed(params, made)
        self._require(found == rows, "does not list the rows that were asked for")

    def _hide(self, row: dict[str, Any]) -> None:
        """Another user reaches no row; who is nobody reaches nothing."""
        path = f"{self._path}/{row['id']}"
        for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            self._nobody.ask(method, path, 401, body)
            if not self._spec.is_shared:
                self._ben.ask(method, path, 404, body)
            self._ann.ask(method, f"{self._path}/{uuid4()}", 404, body)
        self._nobody.ask("GET", self._path, 401)
        if not self._spec.is_shared:
            empty = self._ben.ask("GET", self._path, 200).json()["items"] == []
            self._require(empty, "lists rows of somebody else")
        self._require(self._ann.ask("GET", path, 200).json() == row, "is not the row any more")

    def _conflict(self, made: list[dict[str, Any]]) -> None:
        """A unique value a second time, and a reference to nothing or to somebody else's row."""
        for field in self._spec.fields:
            can_be_sent = field in self._rows.factory.sent and field.access != "hidden"
            if field.unique and can_be_sent and made[0][field.column] is not None:
                again = self._rows.body(self._ann, _ROWS + 1)
                again[field.column] = made[0][field.column]
                self._clash(again, field)
            if isinstance(field.type, types.Ref) and can_be_sent:
                self._refer(field, field.type)

    def _refer(self, field: FieldSpec, ref: types.Ref) -> None:
        if isinstance(ref.holds, types.Uuid):
            body = self._rows.body(self._ann, _ROWS + 1)
            self._clash({**body, field.column: str(uuid4())}, field)
        if ref.owned:
            body = self._rows.body(self._ann, _ROWS + 1)
            theirs = self._rows.referred(ref, self._ben)
            if theirs != body[field.column]:
                self._clash({**body, field.column: theirs}, field)

    def _clash(self, body: dict[str, Any], field: FieldSpec) -> None:
        refused = self._ann.ask("POST", self._path, 409, body).json()
        pointers = [error["pointer"] for error in refused["errors"]]
        self._require(f"body/{field.column}" in pointers, f"does not name {field.column}")

    def _change(self, row: dict[str, Any]) -> dict[str, Any]:
        path = f"{self._path}/{row['id']}"
        same = self._ann.ask("PATCH", path, 200, {}).json()
        self._require(same == row, "changes a row that it was not to change")
        for field in self._rows.factory.sent:
            if field.access in ("writeonce", "hidden") or not self._rows.factory.varies(field):
                continue
            value = self._rows.value(field, self._ann, _ROWS + 1)
            if any(field.column in columns for columns in self._spec.unique):
                continue  # alone it may clash with another row
            changed = self._ann.ask("PATCH", path, 200, {field.column: value}).json()
            moved = {name: changed[name] for name in ("updated_at", "version") if name in changed}
            self._require(
                changed == {**row, field.column: value, **moved}, "changes something else, too"
            )
            row = changed
        self._require(self._ann.ask("GET", path, 200).json() == row, "has not kept the change")
        return row

    def _put_below(self, field: FieldSpec, ref: types.Ref) -> None:
        """A row that names another one of its table, and what comes of it without that."""
        parent = self._ann.ask("POST", self._path, 201, self._rows.body(self._ann, _ROWS + 2))
        named = {field.column: parent.json()[ref.column]}
        body = {**self._rows.body(self._ann, _ROWS + 3), **named}
        child = self._ann.ask("POST", self._path, 201, body).json()
        self._require(self._agrees(child, body), "does not answer what was sent")
        if field.column in filtered_by(self._spec):
            self._require_rows(named, [child], [child])
        above, below = (f"{self._path}/{row['id']}" for row in (parent.json(), child))
        outcome = "soft" if ref.soft else ref.on_delete
        self._ann.ask("DELETE", above, 409 if outcome == "restrict" else 204)
        self._ann.ask("GET", below, 404 if outcome == "cascade" else 200)
        if outcome != "cascade":
            self._ann.ask("DELETE", below, 204)
        if outcome == "restrict":
            self._ann.ask("DELETE", above, 204)

    def _match(self, row: dict[str, Any]) -> None:
        """If-Match: none is demanded (428) by any table yet; a stale one is refused."""
        path = f"{self._path}/{row['id']}"
        stale = {"If-Match": '"another version"'}
        self._ann.ask("PATCH", path, 412, {}, headers=stale)
        self._ann.ask("DELETE", path, 412, headers=stale)
        etag = self._ann.ask("GET", path, 200).headers.get("etag") or "*"
        self._ann.ask("PATCH", path, 200, {}, headers={"If-Match": etag})

    def _remove(self, row: dict[str, Any]) -> None:
        path = f"{self._path}/{row['id']}"
        self._ann.ask("DELETE", path, 204)
        for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            self._ann.ask(method, path, 404, body)
