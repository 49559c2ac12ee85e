"""The process that works in the staged copy: `python -m jedgebot.staging.worker`.

It imports the libraries at once, while its parent still reads the project; the project's own
code comes from the copy, which the first line of the input names. Each further line asks for
one thing and gets one line as its answer.
"""

import json
import os
import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path

import alembic.autogenerate
import alembic.command
import fastapi
import fastapi_offline
import limits.aio
import psycopg
import pwdlib.hashers.argon2
import pydantic_settings
import pytest
import sqlalchemy.dialects.postgresql
import sqlalchemy.orm
import starlette.testclient
import structlog

from jedgebot.errors import JedgebotError

LIBRARIES = (
    alembic,
    fastapi,
    fastapi_offline,
    limits,
    psycopg,
    pwdlib,
    pydantic_settings,
    pytest,
    sqlalchemy,
    starlette,
    structlog,
)


def main() -> None:
    """Answer each line of the input."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What the project's code and its tools print is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    root = Path(sys.stdin.readline().rstrip("\n"))
    os.chdir(root)
    sys.path.insert(0, str(root))
    from jedgebot.staging.stage import Stage  # noqa: PLC0415 - it imports the copy's code

    stage = Stage(root)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            result = getattr(stage, job["method"])(**job["arguments"])
        except JedgebotError as error:
            answer = {"error": error.message, "hint": error.hint}
        except Exception as error:  # noqa: BLE001 - the project's code may raise anything
            answer = {"error": f"{type(error).__name__}: {error}", "hint": job["hint"]}
        else:
            answer = {"result": result}
        answers.write(json.dumps(answer, default=_plain) + "\n")
        answers.flush()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(value)


if __name__ == "__main__":
    main()
