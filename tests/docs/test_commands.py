"""`docs/commands.md` describes every command, option, type and flag, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.core
from typer.main import get_command

from jedgebot.cli import COMMANDS, make_app
from jedgebot.spec import types
from jedgebot.spec.flags import FLAGS
from jedgebot.spec.toml_file import KEYS, parse_tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def sections() -> dict[str, str]:
    """The sections of the page, by their titles."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command with its full name."""
    waiting = [("jedgebot", get_command(make_app(())))]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, typer.core.TyperGroup):
            waiting += [(f"{name} {word}", one) for word, one in command.commands.items()]
        else:
            assert isinstance(command, typer.core.TyperCommand)
            yield name, command


ALL = sorted(commands(), key=lambda named: named[0])
NAMES = [name for name, _ in ALL]


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    names = set(NAMES)
    assert names == {f"jedgebot {' '.join(path)}" for path in COMMANDS}
    assert names == sections().keys()


@pytest.mark.parametrize(("name", "command"), ALL, ids=NAMES)
def test_a_section_has_an_example_and_every_option(
    name: str, command: typer.core.TyperCommand
) -> None:
    text = sections()[name]
    assert re.search(rf"^```sh\n{name}\b.*\n```$", text, re.MULTILINE)
    documented = set(re.findall(r"^\| `(--[a-z-]+)`(?:, `-[a-z]`)? \|", text, re.MULTILINE))
    options = {option for parameter in command.params for option in parameter.opts}
    assert documented == {option for option in options if option.startswith("--")} - {"--help"}


@pytest.mark.parametrize(("name", "command"), ALL, ids=NAMES)
def test_a_help_text_has_an_example(name: str, command: typer.core.TyperCommand) -> None:
    assert f"Example: {name}" in (command.help or "")


def test_every_type_and_flag_is_listed() -> None:
    text = sections()["jedgebot table add"]
    rows = re.findall(r"^\| `([a-z]+)[^`]*` \|", text, re.MULTILINE)
    keywords = [kind.keyword for kind in types.TYPES]
    assert rows == [*keywords, *types.WORDS, *(flag.removesuffix("=V") for flag in FLAGS)]


def test_the_file_in_the_page_is_read() -> None:
    [file] = re.findall(r"(?ms)^```toml\n(.+?)^```", PAGE.read_text(encoding="utf-8"))
    assert [spec.name for spec in parse_tables(file, "the page")] == ["alerts", "alert_deliveries"]


def test_every_key_of_a_file_is_an_option_but_the_fields() -> None:
    options = {f"--{key}" for key in KEYS if key != "fields"}
    assert options <= set(re.findall(r"`(--[a-z]+)`", sections()["jedgebot table add"]))
