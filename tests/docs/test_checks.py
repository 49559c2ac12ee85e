"""`docs/checks.md` lists every check, under the title that the command shows."""

import re
from pathlib import Path

from jedgebot.checks import BOXES, RULES

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
ROW = re.compile(r"^\| (?P<title>[^|]+) \| `(?P<id>\w+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def test_every_check_is_listed_in_the_order_of_the_command() -> None:
    rows = [(row["id"], row["title"]) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))]
    boxes = [(box.id, box.title) for box in BOXES]
    rules = [(rule.id, rule.title) for rule in RULES]
    assert rows == boxes + rules
