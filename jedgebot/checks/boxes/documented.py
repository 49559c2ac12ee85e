"""Box 9: the table has a page that says what it holds, and why it is so."""

import re

from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.project import Module, Project

SECTIONS = ("Decisions", "Optional future fields")
_PLACEHOLDERS = frozenset({"", "-", "*", "…", "...", "todo", "tbd"})


def look(project: Project, module: Module) -> Seen:
    """The page names every column, and has the two sections that only a person can write."""
    path = f"docs/tables/{module.name}.md"
    try:
        text = (project.root / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        yield Problem(f"{path} does not exist", f"write it, with {' and '.join(SECTIONS)}")
        return
    except ValueError as error:
        yield Problem(f"{path} cannot be read: {error}", "write it in UTF-8")
        return
    text = _blanked(r"<!--.*?-->", text)
    if module.table is None:
        yield Problem("there is no model to compare with", "see the box Model")
        return
    names = [column.name for column in module.table.columns]
    missing = [name for name in names if not _names(text, name)]
    if missing:
        yield Problem(
            f"{path} does not mention {', '.join(missing)}", "name each column as `column`"
        )
    sections = _sections(text)
    for title in SECTIONS:
        if title.lower() not in sections:
            yield Problem(f"{path} has no section {title!r}", f'add "## {title}"')
        elif not _says_something(sections[title.lower()][1]):
            line = sections[title.lower()][0]
            yield Problem(
                f"{path}:{line} the section {title!r} is empty",
                "write what was decided and why, or what may come and why not now",
            )
    yield Proof(f"{path} names {len(names)} columns, decisions and future fields")


def _names(text: str, column: str) -> bool:
    """Whether the column is named as code or as a cell of a table."""
    return re.search(rf"`{re.escape(column)}`|\|\s*{re.escape(column)}\s*\|", text) is not None


def _sections(text: str) -> dict[str, tuple[int, str]]:
    """Line and text of each section, by its title in lower case; a subsection counts with it."""
    lines = text.splitlines()
    prose = _blanked(r"^```.*?^```", text).splitlines()
    headings = [
        (number, len(match[1]), match[2].strip().lower())
        for number, line in enumerate(prose)
        if (match := re.match(r"(#+)\s+(.*)", line))
    ]
    sections = {}
    for number, level, title in headings:
        ends = [other for other, depth, _ in headings if other > number and depth <= level]
        body = lines[number + 1 : min(ends, default=len(lines))]
        sections[title] = (number + 1, "\n".join(body))
    return sections


def _blanked(pattern: str, text: str) -> str:
    """The text with what matches taken out, but for the line ends."""
    return re.sub(
        pattern, lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )


def _says_something(body: str) -> bool:
    lines = [line.strip() for line in body.splitlines() if not line.startswith("#")]
    return any(line.strip("-* .").lower() not in _PLACEHOLDERS for line in lines)


CHECK = Box("documented", "Documented", look)
