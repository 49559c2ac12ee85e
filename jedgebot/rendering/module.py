"""All files of a module, as text that the formatter leaves alone."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from jedgebot.rendering.code import Imports, quoted
from jedgebot.rendering.docs import render_docs
from jedgebot.rendering.formatting import LINE_LENGTH, formatted
from jedgebot.rendering.listing import filtered_by, sorted_by
from jedgebot.rendering.models import render_models
from jedgebot.rendering.naming import aliases_of
from jedgebot.rendering.schemas import render_schemas
from jedgebot.rendering.templates import render
from jedgebot.rendering.tests import render_tests
from jedgebot.spec import words
from jedgebot.spec.table import TableSpec


def render_module(spec: TableSpec, parents: Mapping[str, TableSpec]) -> dict[PurePosixPath, str]:
    """Render every new file of a table, by its path in the project.

    Args:
        spec: the table.
        parents: every table that it refers to, directly or through others, but `users`.

    Raises:
        Failure: a template does not give Python.
    """
    package = PurePosixPath("backend", spec.name)
    aliases = aliases_of(spec)
    return formatted(
        {
            package / "__init__.py": _plain(spec, "__init__.py.jinja", frozenset()),
            package / "models.py": render_models(spec, aliases),
            package / "schemas.py": render_schemas(spec, aliases),
            package / "queries.py": _plain(spec, "queries.py.jinja", _queries(spec)),
            package / "services.py": _plain(spec, "services.py.jinja", _services(spec)),
            package / "routes.py": _plain(spec, "routes.py.jinja", _routes(spec)),
            PurePosixPath("tests/unit", spec.name, "test_routes.py"): render_tests(spec, parents),
            PurePosixPath("docs/tables", f"{spec.name}.md"): render_docs(spec),
        }
    )


def _plain(spec: TableSpec, template: str, imports: Imports) -> str:
    """A file that differs from table to table in names only."""
    row = words.spaced(spec.singular)
    return render(
        template,
        imports=imports,
        spec=spec,
        rows=words.spaced(spec.name),
        row=row,
        say=lambda text: _description(text, words.spaced(spec.name), row),
        listing=_listing(spec),
    )


def _description(text: str, rows: str, row: str) -> str:
    """One line that describes an operation; what is too long for one speaks of rows."""
    named = text.format(rows=rows, a_row=words.with_article(row))
    fits = len(f"    description={quoted(named)},") <= LINE_LENGTH
    return quoted(named if fits else text.format(rows="rows", a_row="a row"))


def _listing(spec: TableSpec) -> str:
    """The arguments that say what the list can be filtered and sorted by."""
    arguments = ""
    for name, columns in (("filter_by", filtered_by(spec)), ("sort_by", sorted_by(spec))):
        if columns:
            listed = "".join(f"{quoted(column)}, " for column in columns)
            arguments += f", {name}=({listed if len(columns) == 1 else listed[:-2]})"
    return arguments


def _queries(spec: TableSpec) -> Imports:
    return frozenset(
        {
            ("sqlalchemy", "select"),
            ("backend.core.statements", "OWNER"),
            ("backend.core.statements", "ROW"),
            (f"backend.{spec.name}.models", spec.class_name),
        }
    )


def _services(spec: TableSpec) -> Imports:
    operations = ("Browse", "Change", "Create", "Get", "Remove")
    schemas = (f"{spec.class_name}{kind}" for kind in ("Change", "Create", "Read"))
    return frozenset(
        {
            *(("backend.core.operations", operation) for operation in operations),
            (f"backend.{spec.name}", "queries"),
            (f"backend.{spec.name}.models", spec.class_name),
            *((f"backend.{spec.name}.schemas", schema) for schema in schemas),
        }
    )


def _routes(spec: TableSpec) -> Imports:
    return frozenset(
        {
            ("backend.core.routing", "Router"),
            ("backend.user_sessions.dependencies", "SESSION_OWNER"),
            (f"backend.{spec.name}", "services"),
        }
    )
