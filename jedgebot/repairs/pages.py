"""The page of a table: written where it is missing, for a person to say why it is so."""

import re
from collections.abc import Iterator, Mapping

from fastapi.routing import APIRoute
from sqlalchemy.dialects import postgresql

from jedgebot.checks import Module
from jedgebot.checks.boxes.routes import routes_of
from jedgebot.checks.described import described
from jedgebot.checks.loading import Unusable
from jedgebot.checks.serving import serving
from jedgebot.rendering.docs import is_stale, render_docs_into
from jedgebot.repairs.rendered import rendered
from jedgebot.repairs.repair import Draft, Outcome, Repair

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
_ENDPOINT = re.compile(r"^\| `([A-Z]+ /[^`?]*)", re.MULTILINE)


def write_page(draft: Draft, module: Module) -> Iterator[Outcome]:
    """Write a page of what the module has, with empty sections for what only a person knows."""
    path = f"docs/tables/{module.name}.md"
    existing = draft.read(path)
    if not draft.is_open(module, "documented") or module.table is None:
        return
    if existing is not None:
        yield from _renewed(draft, module, path, existing)
        return
    endpoints = {
        one: route for route in routes_of(module) for one in _served_at(draft, module, route)
    }
    page = rendered(draft, module).get(path, "")
    if set(_ENDPOINT.findall(page)) != endpoints.keys():
        page = _skeleton(module, endpoints)
    draft.write(path, page)
    yield Repair(f"{path} names columns and endpoints", path)


def _renewed(draft: Draft, module: Module, path: str, existing: str) -> Iterator[Outcome]:
    """Bring the generated part of a page up to date; what a person wrote stays."""
    found = described(draft.project, module)
    if found is not None and is_stale(existing, *found):
        draft.write(path, render_docs_into(existing, *found))
        yield Repair(f"{path} has its generated part as the table is now", path)


def _served_at(draft: Draft, module: Module, route: APIRoute) -> list[str]:
    """The endpoints of a route, or those that it will have when the module is mounted."""
    served = serving(draft.project, module)
    present = [] if isinstance(served, Unusable) else served.endpoints_of([route])
    methods = sorted(route.methods or ())
    return present or [f"{method} /{module.name}{route.path_format}" for method in methods]


def _skeleton(module: Module, endpoints: Mapping[str, APIRoute]) -> str:
    """A page of a module that the field grammar did not make."""
    lines = [f"# {module.name}", "", *_columns(module), "", *_endpoints(endpoints)]
    lines += ["", "## Decisions", "", "## Optional future fields", ""]
    return "\n".join(lines)


def _columns(module: Module) -> Iterator[str]:
    yield from ("## Columns", "", "| column | type | null |", "|---|---|---|")
    for column in module.table.columns if module.table is not None else ():
        null = "yes" if column.nullable else "no"
        kind = column.type.compile(_POSTGRESQL).lower()
        yield f"| `{column.name}` | {kind} | {null} |"


def _endpoints(endpoints: Mapping[str, APIRoute]) -> Iterator[str]:
    yield from ("## Endpoints", "", "| method and path | does | answers |", "|---|---|---|")
    for endpoint, route in endpoints.items():
        yield f"| `{endpoint}` | {_does(route)} | {_answers(route)} |"


def _does(route: APIRoute) -> str:
    return route.description.partition("\n")[0].strip()


def _answers(route: APIRoute) -> str:
    statuses = {str(route.status_code or 200), *map(str, route.responses)}
    return ", ".join(sorted(statuses))
