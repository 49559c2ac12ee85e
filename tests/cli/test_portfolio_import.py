"""`jedgebot portfolio` as a user calls it, on both databases."""

import errno
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, TextIOWrapper

import pytest
from sqlalchemy import text

from tests.cli.portfolio_runs import EMAIL, FILLS, WHOSE, Terminal, add_portfolio

BAD = FILLS + "buy,2024-01-04,MSFT,-1,100,0,USD,d\nbuy,2024-01-04,MSFT,1,100,0,USD,a\n"


def test_a_file_comes_once_and_can_be_undone(terminal: Terminal) -> None:
    first = terminal.put(FILLS)
    assert (first.code, first.err) == (0, "")
    assert "line 3: possible duplicate: " in first.out
    assert "  2  new\n" in first.out
    assert terminal.stored() == 3
    again = terminal.put(FILLS)
    assert (again.code, again.err) == (0, "")
    assert again.out.endswith("  0  new\n          3  there already\nNothing was stored.\n")
    file = terminal.run("export", *WHOSE)
    assert file.out.splitlines()[1].startswith("buy,2024-01-02,,1,AAPL,10,100,1,0,-1001,USD")
    [undo] = [line for line in first.out.splitlines() if "portfolio undo" in line]
    words = undo.split()[2:]
    undone = terminal.run(*words)
    assert (undone.code, undone.err) == (0, "")
    assert terminal.stored() == 0
    assert terminal.run(*words).code == 2
    assert terminal.put(file.out).code == 0
    whose = ("--user", EMAIL.upper(), "--portfolio", "MAIN")
    assert terminal.run("export", *whose).out == file.out


def test_rows_that_cannot_be_taken_keep_all_out_unless_asked(terminal: Terminal) -> None:
    terminal.put(FILLS.partition("sell")[0])
    refused = terminal.put(BAD)
    assert refused.code == 1
    assert refused.out.splitlines()[:2] == [
        "line 5: invalid: quantity must be greater than 0",
        "line 6: conflict: Another row has this id and says something else.",
    ]
    assert refused.out.endswith("Nothing was stored.\n")
    assert refused.err.splitlines() == [
        "error: 2 rows cannot be imported.",
        "hint: Correct the file, or import the other 1 with --partial.",
    ]
    assert terminal.stored() == 2
    taken = terminal.put(BAD, "--partial")
    assert (taken.code, taken.err) == (0, "")
    assert terminal.stored() == 3


def test_what_is_invalid_is_said_before_what_is_missing_for_it(terminal: Terminal) -> None:
    refused = terminal.put(FILLS.replace("2024-01-02", "2024-13-02"))
    assert refused.out.count(": invalid: trade_date ") == 2
    assert "2 rows cannot be imported" in refused.err
    missing = terminal.put(FILLS.replace("2024-01-02", "2024-13-02"), "--partial")
    assert missing.code == 1
    assert missing.err.startswith(
        "error: line 4: on 2024-01-03 5 AAPL in USD would leave, and there are 0.\nhint: Nothing"
    )
    assert terminal.stored() == 0


def test_an_import_whose_units_have_left_is_not_undone(terminal: Terminal) -> None:
    document = json.loads(terminal.put(FILLS, "--json").out)
    terminal.put(FILLS.partition("\n")[0] + "\nsell,2024-02-01,AAPL,15,120,0,USD,z\n")
    refused = terminal.run("undo", document["import_id"], *WHOSE)
    assert refused.code == 1
    assert "on 2024-02-01 15 AAPL in USD would leave, and there are 0" in refused.err
    assert terminal.stored() == 4


def test_splits_that_go_too_far_are_two_lines(terminal: Terminal) -> None:
    head = "type,trade_date,symbol,ratio_numerator,ratio_denominator\n"
    refused = terminal.put(head + "split,2024-02-01,AAPL,2000000000,1\n" * 3)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "error: line 3: on 2024-02-01 the splits of AAPL, one after the other, would make too many "
        "units of one, or one of too many.\n"
        "hint: Nothing was stored. Correct the ratio of that split, or of those before it.\n"
    )
    assert terminal.stored() == 0


def test_an_export_to_a_full_disk_is_two_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BytesIO):
        def write(self, _: object, /) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys, "stdout", TextIOWrapper(Full()))
    answer = terminal.run("export", *WHOSE)
    assert answer.code == 1
    assert answer.err == (
        "error: the output cannot be written: no space left on device.\n"
        "hint: What is there of it is not whole. Make room, or let it go elsewhere.\n"
    )


def test_a_dry_run_says_the_same_and_stores_nothing(terminal: Terminal) -> None:
    tried = terminal.put(FILLS, "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "  2  new\n" in tried.out
    assert tried.out.endswith("Nothing was stored.\n")
    assert terminal.put(BAD, "--dry-run").code == 1
    assert terminal.stored() == 0


def test_with_json_all_is_one_document_also_an_error(terminal: Terminal) -> None:
    done = terminal.put(FILLS, "--json")
    document = json.loads(done.out)
    assert (done.code, document["exit_code"], document["created"]) == (0, 0, 3)
    assert [row["line"] for row in document["items"]] == [2, 3, 4]
    assert document["undo"].startswith(f"jedgebot portfolio undo {document['import_id']} ")
    failed = terminal.put(BAD, "--json")
    document = json.loads(failed.out)
    assert (failed.code, failed.err) == (1, "")
    assert (document["invalid"], document["conflicts"], document["exit_code"]) == (1, 1, 1)
    assert (document["error"], document["hint"]) == (
        "2 rows cannot be imported.",
        "Correct the file.",
    )
    misused = json.loads(terminal.run("import", "nofile", *WHOSE, "--json").out)
    assert misused["exit_code"] == 2
    assert "nofile cannot be read" in misused["error"]


def test_a_file_may_come_through_a_pipe_which_keeps_nobody_out(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(FILLS.encode())))
    assert terminal.run("import", "-", *WHOSE).code == 0
    assert terminal.stored() == 3
    pipe = terminal.directory / "pipe"
    os.mkfifo(pipe)

    def write_slowly() -> None:
        with pipe.open("w") as end:
            end.write(FILLS.partition("sell")[0])
            time.sleep(0.3)
            with terminal.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as others:
                others.execute(text("UPDATE portfolios SET base_currency = 'EUR'"))
            end.write("deposit,2024-01-05,,1,100,,USD,d\n")

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_slowly)
        assert terminal.run("import", str(pipe), *WHOSE).code == 0
        writing.result()
    assert terminal.stored() == 4


def test_times_and_amounts_are_read_as_the_options_say(terminal: Terminal) -> None:
    file = "type,date,symbol,quantity,price\nbuy,2024-07-01 09:30,AAPL,1,100\n"
    options = ("--currency", "EUR", "--timezone", "Europe/Zurich", "--profile", "generic")
    assert terminal.put(file, *options).code == 0
    [_, row] = terminal.run("export", *WHOSE).out.splitlines()
    assert row.startswith("buy,2024-07-01,2024-07-01T07:30:00+00:00,1,AAPL,1,100,0,0,-100,EUR")


def test_names_that_nothing_has_are_misuse(terminal: Terminal) -> None:
    add_portfolio(terminal.engine, "Retirement", owner=terminal.owner)
    file = terminal.file(FILLS)
    whose = ("--user", EMAIL)
    for words, message, hint in (
        ((file, *whose, "--portfolio", "retirment"), "has no portfolio", 'mean "Retirement"?'),
        ((file, *whose, "--portfolio", "x"), "has no portfolio", "There are: Main, Retirement."),
        ((file, "--user", "a@b.ch", "--portfolio", "Main"), 'no user "a@b.ch"', "log in with"),
        ((file, "--user", "nobody", "--portfolio", "Main"), 'no user "nobody"', "log in with"),
        ((file, *WHOSE, "--profile", "schwap"), 'no profile "schwap"', 'mean "schwab"?'),
        ((file, *WHOSE, "--currency", "usd"), '"usd" is not', "USD"),
        ((file, *WHOSE, "--timezone", "Mars/X"), 'no time zone "Mars/X"', "Europe/Zurich"),
        (("nofile", *WHOSE), "nofile cannot be read: no such file", "- for standard input"),
        ((str(terminal.directory), *WHOSE), "cannot be read: is a directory", "CSV or JSON"),
        ((file, *whose), "Missing option '--portfolio'", "--help"),
    ):
        answer = terminal.run("import", *words)
        assert (answer.code, answer.out) == (2, ""), words
        first, second = answer.err.splitlines()
        assert message in first
        assert hint in second
    assert terminal.stored() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x81\x8d\x00", "is not text"),
        (b"PK\x03\x04 a workbook", "a workbook or an archive"),
        (b"a,b\n1,2\n", "known are: generic"),
        (FILLS.encode() + b'buy,"2024', "line 5"),
    ],
)
def test_a_file_that_is_no_statement_is_two_lines(
    terminal: Terminal, content: bytes, message: str
) -> None:
    answer = terminal.put(content)
    assert (answer.code, answer.out) == (1, "")
    first, second = answer.err.splitlines()
    assert message in first
    assert second.startswith("hint: Nothing was stored.")
    assert terminal.stored() == 0
