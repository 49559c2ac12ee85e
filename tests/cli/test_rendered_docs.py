"""The documentation page of a table: what it says, and what stays when it is written again."""

import re
from dataclasses import replace

import pytest

from jedgebot.rendering.docs import NO_REASON, is_stale, render_docs, render_docs_into, with_prose
from jedgebot.spec.building import TableOptions
from jedgebot.spec.constraints import constraints_of
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from tests.cli.every_type import EVERY_TYPE, ORDERS, QUOTES, RATES, SHARED_RATES
from tests.cli.specs import PARENTS

ALERTS = parse_table(
    "alerts",
    ["symbol:str:32:filter", "note:text:null:search", "pin:str:4:hidden"],
    TableOptions(why="Traders asked.", later=["channel: more than mail"]),
)
PERSONAL = (
    "## Decisions\n\nTraders asked.\n\n## Optional future fields\n\n- channel: more than mail\n"
)


def test_a_page_says_why_and_what_may_come() -> None:
    assert render_docs(ALERTS, {}).endswith(f"<!-- generated: end -->\n\n{PERSONAL}")


def test_a_page_has_every_parameter_and_an_example_with_its_answer() -> None:
    page = render_docs(ALERTS, {})
    for parameter in ("limit", "cursor", "fields", "sort", "search", "symbol", "symbol__in"):
        assert f"`{parameter}`" in page
    sent, answered = re.findall(r"^ *\{\n.*?^\}|'\{\n.*?^\}'", page, re.MULTILINE | re.DOTALL)
    assert '"pin": "0001"' in sent
    assert '"symbol": "symbol 1"' in answered
    assert "pin" not in answered


@pytest.mark.parametrize(
    "spec", [EVERY_TYPE, ORDERS, QUOTES, RATES, SHARED_RATES], ids=lambda spec: spec.name
)
def test_a_page_names_all_that_the_table_has(spec: TableSpec) -> None:
    page = render_docs(spec, PARENTS)
    for constraint in constraints_of(spec):
        assert f"| `{constraint.name}` |" in page
    for field in spec.fields:
        assert f"| `{field.column}` | " in page
    assert ("`user_id`" in page) is not spec.is_shared
    assert ("`version`" in page) is spec.versioned
    assert not is_stale(page, spec, PARENTS)


def test_what_a_person_wrote_stays() -> None:
    written = render_docs(ALERTS, {}).replace("Traders asked.", "Traders asked.\n\n- In May.")
    written = written.replace("# alerts\n", "# alerts\n\nOurs.\n") + "\n## Notes\n\nMore.\n"
    more = replace(ALERTS, fields=(*ALERTS.fields, *parse_table("xs", ["kept:bool"]).fields))
    assert is_stale(written, more, {})
    again = render_docs_into(written, more, {})
    assert not is_stale(again, more, {})
    assert "| `kept` | bool |" in again
    assert again.replace("Ours.\n\n", "") == render_docs(more, {}).replace(
        "Traders asked.", "Traders asked.\n\n- In May."
    ) + ("\n## Notes\n\nMore.\n")
    assert render_docs_into(written, ALERTS, {}) == written


@pytest.mark.parametrize(
    ("why", "later"),
    [
        ("Traders asked.", ("channel: more than mail", "`a`, `b`: when: ever")),
        ("- 100% \\ of `them` | <b>", ("x:  y",)),
        ("", ()),
    ],
)
def test_what_the_page_says_is_read_from_it(why: str, later: tuple[str, ...]) -> None:
    said = replace(ALERTS, why=why, later=later)
    read, remarks = with_prose(replace(ALERTS, why="", later=()), render_docs(said, {}))
    assert (read.why, read.later, remarks) == (why, later, ())


def test_what_options_cannot_say_of_a_page_is_remarked() -> None:
    page = render_docs(ALERTS, {}).replace("asked.", "asked.\n\nTwice.")
    read, remarks = with_prose(ALERTS, page.replace("more than mail", "more\n  than mail"))
    assert (read.why, read.later) == ("Traders asked.", ("channel: more than mail",))
    assert [remark[:11] for remark in remarks] == ['"Decisions"']
    _, remarks = with_prose(ALERTS, page.replace("channel: more", "more"))
    assert len(remarks) == 2


def test_sections_that_are_missing_or_empty_are_filled() -> None:
    page = render_docs(replace(ALERTS, why="", later=()), {})
    empty = page.replace(NO_REASON, "")
    assert render_docs_into(empty, ALERTS, {}) == page.replace(NO_REASON, "Traders asked.")
    start = page.index("## Decisions")
    assert render_docs_into(page[:start], ALERTS, {}).endswith(f"end -->\n\n{PERSONAL}")


def test_a_page_written_by_hand_keeps_its_columns() -> None:
    page = f"# alerts\n\n## Columns\n\n| column |\n|---|\n| `own` |\n\n{PERSONAL}"
    assert render_docs_into(page, ALERTS, {}) == page
    assert not is_stale(page, ALERTS, {})
