"""The words behind `jedgebot table add`: what they become, and that nonsense is a misuse."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from typer.exceptions import TyperException

from jedgebot import console
from jedgebot.cli import make_app
from jedgebot.commands import table_add
from jedgebot.errors import Misuse
from jedgebot.spec.building import TableOptions
from jedgebot.spec.constraints import check_constraint_names
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.names import check_singular
from jedgebot.spec.project import Project
from jedgebot.spec.table import TableSpec
from jedgebot.spec.writing import arguments
from tests.cli.misspecs import misuses
from tests.cli.project_copy import ROOT
from tests.cli.specs import families, unresolved

Parse = Callable[[Sequence[str]], list[TableSpec]]
GENERATED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch) -> Parse:
    """Reads command lines as the command does, which then goes no further."""
    found: list[TableSpec] = []
    monkeypatch.setattr(table_add, "run", lambda specs, _wish: found.extend(specs))
    app = make_app(("table", "add"))

    def parsed(words: Sequence[str]) -> list[TableSpec]:
        found.clear()
        app(["table", "add", *words], standalone_mode=False)
        return list(found)

    return parsed


@given(families(longest=1))
@GENERATED
def test_a_command_line_is_read_as_the_table_that_it_was_written_from(
    parse: Parse, specs: list[TableSpec]
) -> None:
    [spec] = specs
    words = [word for together in arguments(spec) for word in together]
    assert parse(words) == [unresolved(spec)]


def require_possible(parse: Parse, words: Sequence[str]) -> None:
    """What is looked at before anything is planned."""
    for spec in Project(ROOT).resolved_all(parse(words)):
        check_singular(spec.name, spec.singular)
        check_constraint_names(spec)


@given(misuses())
@example(["xs", "extra:ref:users.email"])
@example(["xs", "extra:ref:user_sessions"])
@example(["xs", "a:int", "-f", "x.toml"])
@GENERATED
def test_nonsense_is_a_misuse(parse: Parse, words: list[str]) -> None:
    with pytest.raises((Misuse, TyperException)):
        require_possible(parse, words)


def test_every_option_is_heard(parse: Parse) -> None:
    fields = ["folder:ref:folders", "symbol:str:32", "side:enum:buy,sell"]
    options = TableOptions(
        owner="folder.user",
        unique=[["symbol", "side"], ["folder", "symbol"]],
        indexes=[["side", "symbol"]],
        versioned=False,
        database="archive",
        singular="deal",
        why="A trade that was made.",
        later=["fee: when it is known", "venue: perhaps"],
    )
    words = ["trades", *fields, "--owner", "folder.user", "--unique", "symbol,side"]
    words += ["--unique", "folder,symbol", "--index", "side,symbol", "--no-versioned"]
    words += ["--database", "archive", "--singular", "deal", "--why", "A trade that was made."]
    words += ["--later", "fee: when it is known", "--later", "venue: perhaps"]
    [spec] = parse(words)
    expected = parse_table("trades", fields, options)
    assert (spec, spec.why, spec.later) == (expected, expected.why, expected.later)
    [shared] = parse(["markets", "code:str:9", "--shared"])
    assert shared.is_shared


def test_a_file_says_all_of_its_tables(parse: Parse, tmp_path: Path) -> None:
    file = tmp_path / "tables.toml"
    file.write_text('[tables.bs.fields]\na = "ref:xs"\n[tables.xs.fields]\nx = "int"\n')
    assert [spec.name for spec in parse(["-f", str(file)])] == ["xs", "bs"]
    for more in (["alerts"], ["--shared"], ["--unique", "a,b"], ["--why", "x"]):
        with pytest.raises(Misuse, match="a file says all of its tables"):
            parse(["-f", str(file), *more])


def test_a_list_without_an_index_is_warned_of(
    parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr(console, "note", notes.append)
    parse(["alerts", "a:int:filter", "b:int:sort", "c:int:index:filter", "d:str:search"])
    assert [note.partition(" by ")[2].partition(";")[0] for note in notes] == ["a", "b"]


def test_an_unknown_option_suggests_the_nearest(parse: Parse) -> None:
    with pytest.raises(TyperException) as refusal:
        parse(["alerts", "a:int", "--uniqe", "a,b"])
    assert "--unique" in refusal.value.format_message()
