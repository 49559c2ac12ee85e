"""`jedgebot table spec` and shell completion, as a person at the terminal meets them."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from jedgebot import console
from jedgebot.cli import COMMANDS, make_app
from jedgebot.commands.completion import fields, tables
from jedgebot.commands.table_spec import table_spec
from jedgebot.errors import Misuse
from jedgebot.spec.grammar import parse_field, parse_table
from jedgebot.spec.project import Project
from jedgebot.spec.toml_file import parse_tables
from tests.cli.project_copy import ROOT


def jedgebot(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jedgebot", *words],
        cwd=ROOT,
        env={"PATH": "/nowhere", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command prints, text by text."""
    texts: list[str] = []
    monkeypatch.setattr(console, "out", texts.append)
    return texts


def test_a_module_written_by_hand_is_told_as_far_as_the_grammar_goes() -> None:
    done = jedgebot("table", "spec", "user_profiles")
    assert (done.returncode, done.stderr) == (0, "")
    command, _, remarks = done.stdout.partition("\n#")
    words = shlex.split(command.replace("\\\n", ""))
    assert words == [
        "jedgebot",
        "table",
        "add",
        "user_profiles",
        "username:str:32:null:min=0",
        "display_name:str:80:null",
        "avatar_url:url:null",
        "timezone:timezone:default=UTC",
        *("--later", "`locale`: when something is translated."),
        *("--later", "`bio`: when profiles can be seen by others."),
        *("--later", "`base_currency`: belongs to a portfolio, not here."),
    ]
    assert '"Decisions" in its docs page says more than one line.' in remarks
    assert "username: requests are checked for more than its type and limits." in remarks
    assert "lower(user_profiles.username)" in remarks
    assert all(line.startswith("#") for line in f"#{remarks}".splitlines())


def test_toml_and_json_say_the_same(printed: list[str]) -> None:
    spec = Project(ROOT).spec_of("user_sessions")
    assert spec is not None
    table_spec("user_sessions", as_toml=True)
    (read_back,) = parse_tables("\n".join(printed).partition("\n# ")[0], "printed")
    assert read_back == replace(spec, later=read_back.later)
    assert read_back.later[0].startswith("`user_agent`, `address`: when users can look")
    printed.clear()
    table_spec("user_sessions", as_json=True)
    document = json.loads("\n".join(printed))
    read = [parse_field(f"{one['name']}:{one['definition']}") for one in document["fields"]]
    assert (document["table"], tuple(read)) == (spec.name, spec.fields)
    assert document["remarks"][0].startswith("It has no UserSessionCreate")


def test_what_cannot_be_printed_is_a_misuse() -> None:
    with pytest.raises(Misuse, match='there is no module "user_profile"') as unknown:
        table_spec("user_profile")
    assert unknown.value.hint == 'Did you mean "user_profiles"?'
    with pytest.raises(Misuse, match="two forms"):
        table_spec("users", as_toml=True, as_json=True)


@pytest.mark.parametrize(
    ("typed", "goes_on"),
    [
        ("n:ti", ["n:time", "n:timezone"]),
        ("n:mon", ["n:money"]),
        ("n:str:80:u", ["n:str:80:unique"]),
        ("n:int:min=1:m", ["n:int:min=1:max="]),
        ("n:int:casc", []),
        ("n:ref:users:casc", ["n:ref:users:cascade"]),
        ("n:ref:user_p", ["n:ref:user_profiles"]),
        ("n:decimal:2", []),
        ("n", []),
    ],
)
def test_fields_are_completed(typed: str, goes_on: list[str]) -> None:
    assert fields(typed) == goes_on


def test_tables_are_completed() -> None:
    assert tables("user_") == ["user_profiles", "user_sessions"]


@pytest.mark.parametrize(
    ("before", "incomplete", "says"),
    [
        ("jedgebot table add xs name :", "tim", ["time", "timezone"]),
        (
            "jedgebot table add xs name : ref",
            ":",
            [":portfolios", ":transactions", ":user_profiles", ":user_sessions", ":users"],
        ),
        ("jedgebot table add xs name : int :", "uni", ["unique"]),
        ("jedgebot table add a : int b", "", []),
    ],
)
def test_bash_takes_each_colon_for_a_word(
    monkeypatch: pytest.MonkeyPatch, before: str, incomplete: str, says: list[str]
) -> None:
    monkeypatch.setenv("COMP_WORDS", f"{before} {incomplete}".strip())
    monkeypatch.setenv("COMP_CWORD", str(len(before.split())))
    assert fields(incomplete) == says


def test_the_shell_is_told_how_to_go_on() -> None:
    done = jedgebot(
        COMP_WORDS="jedgebot table spec user_", COMP_CWORD="3", _JEDGEBOT_COMPLETE="complete_bash"
    )
    assert done.stdout.split() == ["user_profiles", "user_sessions"]
    assert done.stderr == ""


@pytest.mark.parametrize("words", [(), ("table",), *COMMANDS], ids=" ".join)
def test_help_fits_into_80_columns(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(make_app(words), [*words, "--help"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_table_written_by_hand_can_be_referred_to() -> None:
    """Of the columns that the grammar has no words for, none is needed to make a row."""
    project = Project(ROOT)
    derived = project.derived("portfolios")
    assert derived is not None
    assert derived.unsaid
    assert derived.needed == ()
    users = project.derived("users")
    assert users is not None
    assert users.needed == ("password",)
    [spec] = project.resolved_all([parse_table("fills", ["portfolio:ref:portfolios"])])
    assert project.parents_of(spec) == {"portfolios": derived.spec}


def test_a_table_whose_rows_nobody_knows_how_to_make_is_not_referred_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = Project(ROOT)
    [spec] = project.resolved_all([parse_table("fills", ["portfolio:ref:portfolios"])])
    known = project.derived("portfolios")
    assert known is not None
    for needed, says in ((("password",), "has no words for password"), (None, "no class for")):
        odd = replace(known, needed=needed)
        monkeypatch.setattr(project, "derived", lambda _table, odd=odd: odd)
        with pytest.raises(Misuse, match=says):
            project.parents_of(spec)
