"""Runs `python -m jedgebot` in the directories that come on standard input, one run per line.

The libraries are imported once and each run is a fork, so that a run costs no more than the
project's own code does. Nothing of the project is imported before the fork, but for modules of
one project that are asked for.
"""

import importlib
import json
import os
import runpy
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

import alembic.autogenerate
import alembic.command
import fastapi
import fastapi_offline
import httpx2
import jinja2
import libcst
import limits.aio
import psycopg
import pwdlib.hashers.argon2
import pydantic_settings
import pytest
import rich.console
import sqlalchemy.dialects.postgresql
import sqlalchemy.orm
import starlette.testclient
import structlog
import typer
import uvicorn

LIBRARIES = (
    alembic,
    fastapi,
    fastapi_offline,
    httpx2,
    jinja2,
    libcst,
    limits,
    psycopg,
    pwdlib,
    pydantic_settings,
    pytest,
    rich,
    sqlalchemy,
    starlette,
    structlog,
    typer,
    uvicorn,
)


class Run(TypedDict):
    """What one line asks for: the output goes to the files `stdout` and `stderr`."""

    directory: str
    arguments: list[str]
    environment: dict[str, str]
    stdout: str
    stderr: str


def perform(run: Run) -> int:
    """Run the command line as a process of its own would; give back its exit code."""
    for descriptor, path in ((1, run["stdout"]), (2, run["stderr"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    os.chdir(run["directory"])
    os.environ.update(run["environment"])
    sys.path[0] = run["directory"]
    prefix = run["environment"].get("PYTHONPYCACHEPREFIX", sys.argv[1])
    sys.pycache_prefix, sys.dont_write_bytecode = prefix or None, False
    sys.argv = ["jedgebot", *run["arguments"]]
    try:
        runpy.run_module("jedgebot", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - what a process of its own would do: print it, and end
        traceback.print_exc()
        return 1
    return 0


def imported(root: str, names: Iterable[str]) -> list[str]:
    """Import modules of a project; give back the files of it that are loaded then."""
    os.chdir(root)
    sys.path[0] = root
    sys.pycache_prefix, sys.dont_write_bytecode = sys.argv[1], False
    for name in names:
        module = importlib.import_module(name)
        # A router makes its routes when they are asked for.
        getattr(getattr(module, "router", None), "routes", None)
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [file for file in files if file and Path(file).is_relative_to(root)]


def main() -> None:
    """Answer each line with the exit code of its run.

    The arguments are a folder for bytecode, and then, if anything is to be imported for all runs,
    a project and modules of it. Their files are the first answer.
    """
    if len(sys.argv) > 2:
        _, _, root, *names = sys.argv
        sys.stdout.write(f"{json.dumps(imported(root, names))}\n")
        sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = perform(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
