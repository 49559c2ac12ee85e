"""Every dependency has a decision record, and every record has the form of the template."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs/decisions").glob("*.md"))
SECTIONS = ["Question", "Options", "Decision", "Evidence", "Consequences"]


def declared_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    return {re.split(r"[^a-z0-9-]", line, maxsplit=1)[0] for each in lists for line in each}


def test_every_dependency_is_named_in_a_record() -> None:
    texts = " ".join(record.read_text() for record in RECORDS)
    named = set(re.findall(r"`([a-z0-9-]+)(?:\[[a-z0-9,]+\])?`", texts))
    assert sorted(declared_dependencies() - named) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_the_form_of_the_template(record: Path) -> None:
    text = record.read_text()
    assert text.startswith(f"# {record.name[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS


def test_no_two_records_share_a_number() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert sorted(set(numbers)) == numbers
