"""The libraries that the command and its worker both need, imported before one forks the other.

They take a second; a module that imports nothing of the project can do it once for both.
"""

import alembic.autogenerate
import alembic.command
import fastapi.routing
import fastapi_offline
import httpx2
import limits.aio
import psycopg
import pwdlib.hashers.argon2
import pydantic_settings
import pytest
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
import sqlalchemy.orm
import starlette.testclient
import structlog
import uvicorn

LIBRARIES = (
    alembic,
    fastapi,
    fastapi_offline,
    httpx2,
    limits,
    psycopg,
    pwdlib,
    pydantic_settings,
    pytest,
    sqlalchemy,
    starlette,
    structlog,
    uvicorn,
)
