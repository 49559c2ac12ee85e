"""How the tests call `jedgebot table add`."""

import os
import subprocess
import sys

from tests.cli.project_copy import Answer, CommandLine, ProjectCopy

WATCHLISTS = ("watchlists", "name:str:80:unique", "note:text:null")


def prove_little(project: ProjectCopy, method: str = "boxes") -> None:
    """Leave out all proofs but one; they run in the tests that are about them."""
    project.replace(
        "jedgebot/proving.py",
        "    _run(proofs, workers)\n",
        f'    _run([proof for proof in proofs if proof.method == "{method}"], workers)\n',
    )


def let_models_see_the_boxes(project: ProjectCopy) -> None:
    """Let the application not have all models, as in a project of many modules."""
    project.replace("jedgebot/staging/application.py", "return all(f", "return not all(f")
    project.replace(
        "jedgebot/staging/application.py",
        "    def has_all_models(",
        "    boxes = None  # is not to be asked for them\n\n    def has_all_models(",
    )


def add(project: ProjectCopy, command_line: CommandLine, *arguments: str) -> Answer:
    # The worker is to find the bytecode in its usual place.
    return command_line.run(project.root, "table", "add", *arguments, PYTHONPYCACHEPREFIX="")


def started(project: ProjectCopy, *arguments: str) -> "subprocess.Popen[str]":
    """`python -m jedgebot` in the project, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "jedgebot", *arguments],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
