"""The documentation page of a table: a generated part, with what a person wrote around it."""

import re
from dataclasses import replace

from jedgebot.errors import Misuse
from jedgebot.rendering.examples import answered_example, sent_example
from jedgebot.rendering.factories import Parents
from jedgebot.rendering.facts import column_rows, constraint_rows, endpoint_rows, parameter_rows
from jedgebot.rendering.templates import render
from jedgebot.spec import words
from jedgebot.spec.listing import filtered_by
from jedgebot.spec.prose import later_of, why_of
from jedgebot.spec.table import TableSpec

BEGIN = "<!-- generated: begin -->"
END = "<!-- generated: end -->"
DECISIONS = "Decisions"
LATER = "Optional future fields"

NO_REASON = "No reason was given when the table was added."
NOTHING_LATER = "None were named when the table was added."


def render_docs(spec: TableSpec, parents: Parents) -> str:
    """The text of a new page."""
    return render(
        "table.md.jinja",
        spec=spec,
        intro=_introduction(spec),
        columns=column_rows(spec),
        constraints=constraint_rows(spec),
        endpoints=endpoint_rows(spec),
        parameters=parameter_rows(spec),
        has_filters=bool(filtered_by(spec)),
        sent=sent_example(spec, parents),
        answered=answered_example(spec, parents),
        why=spec.why or NO_REASON,
        later=spec.later or (NOTHING_LATER,),
    )


def _introduction(spec: TableSpec) -> str:
    rows = words.spaced(spec.name)
    intro = f"{rows.capitalize()} of all users." if spec.is_shared else f"A user's {rows}."
    return f"{intro} They are in the database `{spec.database}`." if spec.database else intro


def render_docs_into(existing: str, spec: TableSpec, parents: Parents) -> str:
    """A page with its generated part as it is now, and the rest as it was.

    A section of a person that is missing or empty gets what a new page has. A page without the
    marks of a generated part was written by hand, and keeps all that it has.

    Args:
        existing: the text of the page.
        spec: the table, as its code is now.
        parents: the tables that it refers to.
    """
    new = render_docs(spec, parents)
    part, present = _generated(new), _generated(existing)
    page = existing
    if part is not None and present is not None:
        page = page.replace(present, part)
    for title in (DECISIONS, LATER):
        page = _with_section(page, title, _section(new, title) or "")
    return page


def with_prose(spec: TableSpec, page: str) -> tuple[TableSpec, tuple[str, ...]]:
    """The table with what its page says of why it is there and of what may come.

    Returns:
        The table, and remarks on what the options of a new table cannot say.
    """
    remarks = []
    why = _section(page, DECISIONS) or ""
    try:
        spec = replace(spec, why="" if why == NO_REASON else why_of(why))
    except Misuse:
        remarks.append(f'"{DECISIONS}" in its docs page says more than one line')
    later = re.split(r"^- ", _section(page, LATER) or "", flags=re.MULTILINE)[1:]
    lines = [re.sub(r"\n\s*", " ", one).strip() for one in later]
    try:
        spec = replace(spec, later=() if lines == [NOTHING_LATER] else later_of(lines))
    except Misuse:
        remarks.append(f'"{LATER}" in its docs page says more than fields and reasons')
    return spec, tuple(remarks)


def is_stale(existing: str, spec: TableSpec, parents: Parents) -> bool:
    """Whether the generated part of a page is not what the table is now; false without one."""
    present = _generated(existing)
    return present is not None and present != _generated(render_docs(spec, parents))


def _generated(page: str) -> str | None:
    """The part between the marks, and the marks; None if they are not there."""
    start, end = page.find(BEGIN), page.find(END)
    return page[start : end + len(END)] if 0 <= start < end else None


def _section(page: str, title: str) -> str | None:
    """What stands below a heading; None if there is no such heading."""
    found = _heading(title).search(page)
    return found["text"].strip() if found else None


def _with_section(page: str, title: str, text: str) -> str:
    present = _section(page, title)
    if present is None:
        return f"{page.rstrip()}\n\n## {title}\n\n{text}\n"
    if present:
        return page
    return (
        _heading(title).sub(lambda found: f"{found['heading']}\n\n{text}\n\n", page).rstrip() + "\n"
    )


def _heading(title: str) -> re.Pattern[str]:
    return re.compile(
        rf"^(?P<heading>## {re.escape(title)})[ \t]*\n(?P<text>.*?)(?=^## |\Z)",
        re.MULTILINE | re.DOTALL,
    )
