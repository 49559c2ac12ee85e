"""Box 9: the table has a page that says what it holds and answers, and why it is so."""

import re

from jedgebot.checks.boxes.routes import routes_of
from jedgebot.checks.described import described
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.pages import Page
from jedgebot.checks.project import Module, Project
from jedgebot.checks.serving import Serving, serving
from jedgebot.rendering.docs import BEGIN, is_stale

SECTIONS = ("Decisions", "Optional future fields")


def look(project: Project, module: Module) -> Seen:
    """The page names every column and endpoint, no others, and has the sections of a person."""
    path = f"docs/tables/{module.name}.md"
    try:
        page = Page(project.root, path)
    except FileNotFoundError:
        yield Problem(f"{path} does not exist", f"write it, with {' and '.join(SECTIONS)}")
        return
    except ValueError as error:
        yield Problem(f"{path} cannot be read: {error}", "write it in UTF-8")
        return
    if module.table is None:
        yield Problem("there is no model to compare with", "see the box Model")
        return
    columns = [column.name for column in module.table.columns]
    yield from _named_columns(page, columns)
    served = serving(project, module)
    endpoints = [] if isinstance(served, Unusable) else served.endpoints_of(routes_of(module))
    if not isinstance(served, Unusable) and endpoints:
        yield from _named_endpoints(page, endpoints, served)
    yield from _up_to_date(project, module, page)
    for title in SECTIONS:
        section = page.sections.get(title.lower())
        if section is None:
            yield Problem(f"{path} has no section {title!r}", f'add "## {title}"')
        elif not section.says_something:
            yield Problem(
                f"{path}:{section.line} the section {title!r} is empty",
                "write what was decided and why, or what may come and why not now",
            )
    yield Proof(
        f"{path} names {len(columns)} columns, {len(endpoints)} endpoints, decisions and future "
        "fields"
    )


def _named_columns(page: Page, columns: list[str]) -> Seen:
    missing = [name for name in columns if not page.names(name)]
    if missing:
        yield Problem(
            f"{page.path} does not mention {', '.join(missing)}", "name each column as `column`"
        )
    section = page.sections.get("columns")
    for line, name in section.first_cells() if section is not None else ():
        if name not in columns:
            yield Problem(
                f"{page.path}:{line} names the column {name}, which the model does not have",
                f"take {name} out, or put the column's present name there",
            )


def _named_endpoints(page: Page, endpoints: list[str], served: Serving) -> Seen:
    for endpoint in endpoints:
        if not page.names_endpoint(endpoint):
            yield Problem(
                f"{page.path} does not mention {endpoint}", f"name it as code: `{endpoint}`"
            )
    section = page.sections.get("endpoints")
    for line, cell in section.first_cells() if section is not None else ():
        endpoint = cell.partition("?")[0]
        if re.match(r"[A-Z]+ /", endpoint) and not served.serves(endpoint):
            yield Problem(
                f"{page.path}:{line} names {endpoint}, which the application does not serve",
                "take it out, or put the present path there",
            )


def _up_to_date(project: Project, module: Module, page: Page) -> Seen:
    """The generated part is what the table is now; a page without one was written by hand."""
    if BEGIN not in page.whole:
        return
    found = described(project, module)
    if found is not None and is_stale(page.whole, *found):
        line = page.whole[: page.whole.index(BEGIN)].count("\n") + 1
        yield Problem(
            f"{page.path}:{line} the generated part is not what the table is now",
            f"run: jedgebot table check {module.name} --fix",
        )


CHECK = Box("documented", "Documented", look)
