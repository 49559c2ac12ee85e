"""Whether the process lives, and whether it can serve."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from backend.core.database import CurrentDatabase
from backend.core.errors import ServiceUnavailable
from backend.core.openapi import problems
from backend.core.revisions import database_heads, script_heads

READINESS_SECONDS = 2.0

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service is well."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def healthz() -> Health:
    """Answer as long as the process lives."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def readyz(database: CurrentDatabase) -> Health:
    """Answer 200 if the database answers within 2 seconds and its schema is at head, else 503."""

    def heads() -> frozenset[str]:
        with database.engine.connect() as connection:
            return database_heads(connection)

    try:
        async with asyncio.timeout(READINESS_SECONDS):
            found = await database.run(heads, writing=False)
    except TimeoutError:
        raise ServiceUnavailable("The database did not answer in time.") from None
    except SQLAlchemyError:
        raise ServiceUnavailable("The database cannot be reached.") from None
    if found != script_heads():
        raise ServiceUnavailable("The database's schema is not at head.")
    return Health()
