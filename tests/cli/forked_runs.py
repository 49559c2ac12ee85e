"""Runs of the command line as forks of a process that has the libraries imported already."""

import compileall
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.preloaded_runs import Run, perform
from tests.cli.project_copy import ProjectCopy


def new_project(root: Path) -> ProjectCopy:
    """A copy of the project with bytecode, and with a database at head."""
    project = ProjectCopy(root)
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=True,
        capture_output=True,
    )
    compileall.compile_dir(root, quiet=2)
    return project


def begun(root: Path, output: Path, *arguments: str) -> int:
    """Begin a run in a project, and give back its process; nothing of it is imported before."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        os.setpgid(0, 0)
        run = Run(
            directory=str(root),
            arguments=list(arguments),
            environment={"PYTHONPYCACHEPREFIX": ""},
            stdout=f"{output}.out",
            stderr=f"{output}.err",
        )
        code = perform(run)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def ended(process: int) -> int:
    """Wait for a run, and give back its exit code; negative if a signal ended it."""
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)
