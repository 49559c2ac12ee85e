"""Tables from TOML files: what is read, in which order, and what is refused with which words."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jedgebot.errors import Misuse
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from jedgebot.spec.toml_file import parse_tables, read_tables
from jedgebot.spec.writing import toml
from tests.cli.specs import families, unresolved

ALERTS = """
[tables.alerts]
owner = "users"
unique = [["symbol", "direction"]]
index = [["direction", "threshold"]]
versioned = false
database = "market_data"
singular = "alarm"
why = "What a trader wants to be told."
later = ["channel: when there is more than e-mail"]
[tables.alerts.fields]
symbol = "str:32:filter"
direction = "enum:above,below"
threshold = "decimal:20,8:min=0"
"""

REFUSED = {
    "": ("file.toml describes no table.", "[tables.alerts.fields]"),
    "[tables]": ("describes no table", ""),
    "[tables.alerts": ("is no TOML: Expected", "Mend"),
    "x = 1": ('file.toml:1: the file has the unknown key "x"', "The keys are: tables."),
    "[table.alerts]": ('unknown key "table"', 'Did you mean "tables"?'),
    "tables = 3": ('"tables" is not a table', ""),
    "[tables]\nalerts = 3": ('file.toml:2: "tables.alerts" is not a table', ""),
    '[tables.alerts]\nuniqe = [["a", "b"]]': ("file.toml:2: [tables.alerts]", '"unique"'),
    "[tables.alerts]\nowner = 3": ('file.toml:2: "tables.alerts.owner" is not a text', ""),
    '[tables.alerts]\nshared = "yes"': ("is not true or false", "shared = true"),
    '[tables.alerts]\nunique = ["a"]': ("is not a list of lists", '[["symbol"'),
    '[tables.alerts]\nlater = "x"': ("is not a list of texts", ""),
    "[tables.alerts]": ("file.toml:1: [tables.alerts] has no fields.", "symbol ="),
    "[tables.alerts.fields]\nx = 3": ('file.toml:2: "tables.alerts.fields.x" is not', ""),
    '[tables.alerts.fields]\nx = "int"\n\ny = "intt"': (
        'file.toml:4: the field "y" has the unknown type "intt"',
        'Did you mean "int"?',
    ),
    '[tables.alert.fields]\nx = "int"': ('the table name "alert" is not a plural', "alerts"),
    '[tables."bad name".fields]\nx = "int"': ("cannot be used", ""),
    '[tables.alerts]\nunique = [["x", "z"]]\n[tables.alerts.fields]\nx = "int"': (
        'file.toml:1: --unique names the field "z", which does not exist.',
        "The fields are: x.",
    ),
    "[tables.as]\n[tables.as]": ("is no TOML: Cannot declare", "Mend"),
}


def test_a_table_is_read_as_the_command_line_would() -> None:
    fields = [
        "symbol:str:32:filter",
        "direction:enum:above,below",
        "threshold:decimal:20,8:min=0",
    ]
    options = TableOptions(
        owner="users",
        unique=[["symbol", "direction"]],
        indexes=[["direction", "threshold"]],
        versioned=False,
        database="market_data",
        singular="alarm",
        why="What a trader wants to be told.",
        later=["channel: when there is more than e-mail"],
    )
    [read] = parse_tables(ALERTS, "file.toml")
    spec = parse_table("alerts", fields, options)
    assert read == spec
    assert (read.why, read.later) == (spec.why, spec.later)


@pytest.mark.parametrize(("text", "says"), REFUSED.items())
def test_a_file_is_refused_with_its_place_and_a_hint(text: str, says: tuple[str, str]) -> None:
    message, hint = says
    with pytest.raises(Misuse) as refusal:
        parse_tables(text, "file.toml")
    assert message in refusal.value.message
    assert hint in refusal.value.hint
    assert refusal.value.message.startswith("file.toml")


@given(families(), st.randoms())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_several_tables_are_read_in_the_order_of_their_references(
    tmp_path_factory: pytest.TempPathFactory, specs: list[TableSpec], random: Random
) -> None:
    path = tmp_path_factory.mktemp("files") / "tables.toml"
    shuffled = list(specs)
    random.shuffle(shuffled)
    path.write_text("\n\n".join(toml(spec) for spec in shuffled), encoding="utf-8")
    read = read_tables(path)
    assert {spec.name: spec for spec in read} == {spec.name: unresolved(spec) for spec in specs}
    names = [spec.name for spec in read]
    for spec in read:
        before = names[: names.index(spec.name)]
        assert {ref.table for _, ref in spec.refs} <= {*before, spec.name, "users"}


def test_tables_that_refer_to_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tables.toml"
    fields = [("as", "bs"), ("bs", "cs"), ("cs", "as")]
    path.write_text(
        "".join(f'[tables.x{one}.fields]\nlink = "ref:x{other}"\n' for one, other in fields),
        encoding="utf-8",
    )
    with pytest.raises(Misuse, match=r"in a circle: x(as|bs|cs) to x"):
        read_tables(path)


def test_a_table_may_refer_to_itself_beside_others(tmp_path: Path) -> None:
    path = tmp_path / "tables.toml"
    path.write_text(
        '[tables.leaves.fields]\nnode = "ref:nodes"\n'
        '[tables.nodes.fields]\nparent = "ref:nodes:null"\n',
        encoding="utf-8",
    )
    assert [spec.name for spec in read_tables(path)] == ["nodes", "leaves"]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="cannot be read: No such file"):
        read_tables(tmp_path / "none.toml")
    with pytest.raises(Misuse, match="cannot be read: Is a directory"):
        read_tables(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misuse, match="no text in UTF-8"):
        read_tables(tmp_path / "bytes.toml")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "tables.toml"
    path.write_text('[tables.alerts.fields]\nsymbol = "str:8"\n', encoding="utf-8-sig")
    assert [spec.name for spec in read_tables(path)] == ["alerts"]
