"""The page `docs/example-table.md`: run this file to write it again."""

import difflib
import subprocess
import sys
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from backend.core.migrations import upgrade
from jedgebot.plan import CreateFile, EditFile
from jedgebot.planning import plan_for
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.project import Project
from tests.cli.project_copy import ProjectCopy

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "example-table.md"
REVISION = "## The revision in `alembic/versions/`\n"

_FIELDS = (
    "name:str:80:unique:search",
    "kind:enum:manual,screen:default=manual:filter",
    "alert_below:money:null",
    "note:text:null",
)
_WHY = "What a user watches without owning it."
_LATER = "position: when the order of the lists can be changed"
_LANGUAGES = {".py": "python", ".md": "markdown"}
_INTRODUCTION = f"""# What `jedgebot table add` writes

```sh
jedgebot table add watchlists \\
  {" ".join(_FIELDS[:2])} \\
  {" ".join(_FIELDS[2:])} \\
  --why "{_WHY}" \\
  --later "{_LATER}"
```

These are all files that this command writes, and its two edits. A test compares them with what it
writes now. Nothing else has to be done: the table is migrated, served at `/watchlists`, tested and
documented. From here on the module is yours to change; `jedgebot table check` holds it to the
rules.
"""


def example_page(functions: str) -> str:
    """The text of the page.

    Args:
        functions: of the revision, which only a project with the table can make.
    """
    parts = [_INTRODUCTION]
    for write in example_writes():
        match write:
            case CreateFile(path=path, text=text):
                parts.append(_block(path, text, _LANGUAGES[path.suffix]))
            case EditFile(path=path, before=before, text=text):
                lines = difflib.unified_diff(
                    before.splitlines(), text.splitlines(), lineterm="", n=2
                )
                parts.append(_block(path, "\n".join([*lines][2:]) + "\n", "diff"))
    parts.append(f"{REVISION}\n```python\n{functions}```\n")
    return "\n".join(parts)


def example_writes() -> list[CreateFile | EditFile]:
    """What is written, but for the revision."""
    options = TableOptions(why=_WHY, later=[_LATER])
    plan = plan_for([parse_table("watchlists", _FIELDS, options)], Project(ROOT))
    assert plan is not None
    [table] = plan.tables
    return list(table.writes)


def present_functions() -> str:
    """The functions of the revision as the page has them."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(REVISION)
    return rest.strip().removeprefix("```python\n").removesuffix("```")


def made_functions(scratch: Path) -> str:
    """The functions of the revision as Alembic makes it in a copy of the project."""
    project = ProjectCopy(scratch)
    url = f"sqlite:///{scratch}/example.db"
    upgrade(url)
    for write in example_writes():
        target = project.root / write.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(write.text, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "alembic", "revision", "--autogenerate", "-m", "Add", "--rev-id=a1"],
        cwd=project.root,
        env={"PATH": "/nowhere", "JEDGEBOT_DATABASE_URL": url},
        capture_output=True,
        check=True,
    )
    _, found, functions = project.file("alembic/versions/*_a1.py").read_text().partition("def ")
    return found + functions


def _block(path: PurePosixPath, text: str, language: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"## `{path}`\n\n{fence}{language}\n{text}{fence}\n"


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        PAGE.write_text(example_page(made_functions(Path(scratch))), encoding="utf-8")
