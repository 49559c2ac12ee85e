"""Short forms of `./run kill-test` and `./run fuzz`, and the back office added in one command."""

import subprocess
import sys

from tests.cli.project_copy import ROOT


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_an_add_that_is_killed_leaves_the_old_state_or_the_new() -> None:
    said = run("tests.cli.kill_test", "4", "--few-proofs", "--jobs", "1")
    assert "4 killed" in said


def test_random_tables_pass_and_random_misuses_leave_no_trace() -> None:
    words = ("2", "--invalid", "50", "--seed", "5")
    fewer = ("--no-back-office", "--no-postgresql", "--jobs", "1")
    assert "all as they should" in run("tests.cli.fuzz", *words, *fewer)


def test_the_eight_tables_of_a_back_office_are_added_in_one_command() -> None:
    words = ("0", "--invalid", "0", "--no-postgresql", "--few-proofs", "--jobs", "1")
    assert "1 of 1" in run("tests.cli.fuzz", *words)
