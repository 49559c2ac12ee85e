"""The tests of a module: written where they are missing, if they pass."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from jedgebot.checks import Module
from jedgebot.repairs.rendered import rendered
from jedgebot.repairs.repair import Draft, Outcome, Repair, Unrepaired

_NO_TEST_RAN = 5
_LONGEST = 300


def write_tests(draft: Draft, module: Module) -> Iterator[Outcome]:
    """Write the tests that `jedgebot table add` would; they are tried before they are kept."""
    path = f"tests/unit/{module.name}/test_routes.py"
    if not draft.is_open(module, "tests") or draft.read(path) is not None:
        return
    text = rendered(draft, module).get(path)
    if text is None:
        yield Unrepaired(
            f"{path} is missing, and the field grammar has no words for {module.name}",
            "write a test of each route: one without assertions would prove nothing",
        )
        return
    draft.write(path, text)
    yield Repair(f"{path} tests each route", path)


def failing_tests(stage: Path, path: str) -> str | None:
    """What goes wrong when the tests are run in a staged copy, on SQLite; None if they pass."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JEDGEBOT_")}
    done = subprocess.run(  # noqa: S603 - pytest of this environment, with a path made here
        [
            sys.executable,
            *("-m", "pytest", path, "-q", "-x", "-k", "sqlite"),
            *("-p", "no:cacheprovider", "--no-header", "--tb=no", "--show-capture=no"),
        ],
        cwd=stage,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    if done.returncode == _NO_TEST_RAN:
        return "no test ran"
    output = (done.stdout + done.stderr).strip().splitlines()
    summary = [line for line in output if line.startswith(("FAILED tests/", "ERROR tests/"))]
    return (summary or output[-1:] or ["it says nothing"])[0][:_LONGEST]
