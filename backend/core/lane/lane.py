"""The lane of one application: its plans, and who its requests come from."""

import time
from collections.abc import Mapping
from typing import Any

from backend.core.database import Database
from backend.core.errors import BadCredentials
from backend.core.lane.executor import CountedExecutor, Executor
from backend.core.lane.json_text import NotExpressible
from backend.core.lane.plans import BrowsePlan, GetPlan, Plan
from backend.core.lane.write_plans import ChangePlan, CreatePlan, RemovePlan
from backend.core.models import OWNER_TABLE, database_of
from backend.core.operations import Browse, Change, Create, Get, Operation, Remove
from backend.core.ownership import OwnerRule
from backend.core.settings import MAIN_DATABASE, Settings
from backend.core.statements import OWNER, SESSION
from backend.core.tokens import TokenSigner
from backend.core.writes import Writes

_MOST_CALLERS = 10_000
_BEARER = b"Bearer "
_PLANS: Mapping[type[Any], Any] = {
    Get: GetPlan,
    Browse: BrowsePlan,
    Create: CreatePlan,
    Change: ChangePlan,
    Remove: RemovePlan,
}


class Lane:
    """Carries declared operations out on the main database.

    Args:
        executor: of the database.
        signer: of the tokens.
        has_others: whether there are databases beside it. An owner's rows there go when the
            owner does, which is more than one statement.
    """

    def __init__(self, executor: Executor, signer: TokenSigner, *, has_others: bool) -> None:
        self._executor = executor
        self._signer = signer
        self._has_others = has_others
        self._plans: dict[tuple[Operation, OwnerRule], Plan | None] = {}
        self._callers: dict[bytes, tuple[float, dict[str, Any]]] = {}

    def plan(self, operation: Operation, rule: OwnerRule) -> Plan | None:
        """How the operation is carried out; None if only its plain form can."""
        try:
            return self._plans[operation, rule]
        except KeyError:
            plan = self._plans[operation, rule] = self._new_plan(operation, rule)
            return plan

    def caller(self, authorization: bytes | None) -> dict[str, Any] | None:
        """Whose request it is, as statements bind it; None if the header does not say.

        A token is verified once and then known until it expires; whether its session has ended,
        each statement sees in the database.
        """
        if authorization is None:
            return None
        known = self._callers.get(authorization)
        if known is None:
            known = self._verified(authorization)
            if known is None:
                return None
        expires_at, values = known
        if expires_at <= time.time():
            self._callers.pop(authorization, None)
            return None
        return dict(values)

    def _new_plan(self, operation: Operation, rule: OwnerRule) -> Plan | None:
        make = _PLANS.get(type(operation)) if self._is_of_one_database(operation) else None
        try:
            plan: Plan | None = None if make is None else make(operation, rule, self._executor)
        except NotExpressible:
            return None
        return plan

    def _is_of_one_database(self, operation: Operation) -> bool:
        """Whether the operation is about the main database and no other."""
        model = operation.model
        removes_owner = isinstance(operation, Remove) and model.__tablename__ == OWNER_TABLE
        return database_of(model) == MAIN_DATABASE and not (removes_owner and self._has_others)

    async def close(self) -> None:
        """Close the lane's connections."""
        await self._executor.close()

    def _verified(self, authorization: bytes) -> tuple[float, dict[str, Any]] | None:
        if not authorization.startswith(_BEARER):
            return None
        try:
            claims = self._signer.verify("access", authorization[len(_BEARER) :].decode("latin-1"))
        except BadCredentials:
            return None
        values = {OWNER.key: claims.user_id, SESSION.key: claims.session_id}
        known = claims.expires_at.timestamp(), values
        if len(self._callers) >= _MOST_CALLERS:
            del self._callers[next(iter(self._callers))]
        self._callers[authorization] = known
        return known


def new_lane(
    settings: Settings, database: Database, signer: TokenSigner, writes: Writes
) -> Lane | None:
    """The lane of an application; None if the settings want the plain form."""
    if not settings.lane:
        return None
    executor: Executor
    # Imported here, since the driver of the other database takes 3 to 8 MiB of each worker.
    if database.engine.dialect.name == "sqlite":
        from backend.core.lane.sqlite import SQLiteExecutor  # noqa: PLC0415 - see above

        executor = SQLiteExecutor(database)
    else:
        from backend.core.lane.postgresql import PostgreSQLExecutor  # noqa: PLC0415 - see above

        executor = PostgreSQLExecutor(database.engine.url, settings.lane_connections)
    return Lane(CountedExecutor(executor, writes), signer, has_others=len(database.siblings) > 1)
