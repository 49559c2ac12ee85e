"""The libraries that the command and its workers need, imported before it forks them.

They take most of a second; a module that imports nothing of the project can do it once for all.
What only the application and its tests need is imported by their worker, beside the other's work.
"""

import alembic.autogenerate
import alembic.command
import fastapi.routing
import fastapi_offline
import limits.aio
import pwdlib.hashers.argon2
import pydantic_settings
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
import sqlalchemy.orm
import structlog

LIBRARIES = (
    alembic,
    fastapi,
    fastapi_offline,
    limits,
    pwdlib,
    pydantic_settings,
    sqlalchemy,
    structlog,
)
