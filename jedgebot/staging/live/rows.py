"""Bodies of requests: valid values for any number of rows, and the rows that they refer to."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from jedgebot.rendering.factories import USERS, Factory
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.staging.live.transcript import Caller

PASSWORD = "a password that is used in proofs only"  # noqa: S105 - so it is
_numbers = count(1)


def new_email() -> str:
    """An address that no user has yet."""
    return f"user{next(_numbers)}@example.com"


class Rows:
    """Makes bodies of one table, and the rows of others that they name.

    Args:
        spec: the table.
        parents: every table that it refers to, directly or through others.
    """

    def __init__(self, spec: TableSpec, parents: Mapping[str, TableSpec]) -> None:
        self.factory = Factory(spec, parents)
        self._parents = parents

    @property
    def most(self) -> int:
        """How many rows of one owner there can be."""
        return self.factory.most

    def body(self, caller: Caller, number: int) -> dict[str, Any]:
        """A valid body of the caller's; each number gives another row."""
        return {field.column: self.value(field, caller, number) for field in self.factory.sent}

    def value(self, field: FieldSpec, caller: Caller, number: int) -> Any:
        """A valid value as it is on the wire; for a reference, that of a new row."""
        if self.factory.spec.is_own(field):
            return None  # one more row would be in the lists
        if isinstance(field.type, types.Ref):
            return self.referred(field.type, caller)
        return self.factory.series(field).wire(self.factory.index(field, number))

    def referred(self, ref: types.Ref, caller: Caller) -> Any:
        """What names a new row of the table that a reference is to."""
        if ref.table == USERS:
            account = {"email": new_email(), "password": PASSWORD}
            return caller.ask("POST", "/users", 201, account).json()[ref.column]
        spec = self.factory.spec
        parent = spec if ref.table == spec.name else self._parents[ref.table]
        together = {ref.column, *(column for columns in parent.unique for column in columns)}
        needed = tuple(
            one
            for one in parent.fields
            if one.required or (one.column in together and not parent.is_own(one))
        )
        rows = Rows(replace(parent, fields=needed), self._parents)
        body = rows.body(caller, next(_numbers))
        return caller.ask("POST", f"/{parent.name}", 201, body).json()[ref.column]
