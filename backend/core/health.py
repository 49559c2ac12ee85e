"""Whether the process lives, and whether it can serve."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from backend.core.database import Database
from backend.core.errors import ServiceUnavailable
from backend.core.openapi import OF_THE_SERVER, problems
from backend.core.revisions import database_heads, script_heads

READINESS_SECONDS = 2.0

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service is well."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", responses=problems(*OF_THE_SERVER))
async def healthz() -> Health:
    """Answer as long as the process lives."""
    return Health()


@router.get("/readyz", responses=problems(*OF_THE_SERVER, 503))
async def readyz(request: Request) -> Health:
    """Answer 200 if each database answers within 2 seconds and its schema is at head, else 503."""
    databases: Iterable[Database] = request.app.state.databases.values()
    for unready in await asyncio.gather(*(_unreadiness(database) for database in databases)):
        if unready is not None:
            raise ServiceUnavailable(unready)
    return Health()


async def _unreadiness(database: Database) -> str | None:
    """Why a database cannot serve; None if it can."""
    shown = f"The database {database.name}" if database.name else "The database"

    def heads() -> frozenset[str]:
        with database.engine.connect() as connection:
            return database_heads(connection, database.name)

    try:
        async with asyncio.timeout(READINESS_SECONDS):
            found = await database.run(heads, writing=False)
    except TimeoutError:
        return f"{shown} did not answer in time."
    except SQLAlchemyError:
        return f"{shown} cannot be reached."
    if found != script_heads(database=database.name):
        return f"{shown}'s schema is not at head."
    return None
