"""All files of a module, as text that the formatter leaves alone."""

from pathlib import PurePosixPath

from jedgebot.rendering.code import Imports, quoted
from jedgebot.rendering.databases import render_database
from jedgebot.rendering.docs import render_docs
from jedgebot.rendering.factories import Parents
from jedgebot.rendering.formatting import LINE_LENGTH, formatted
from jedgebot.rendering.models import render_models
from jedgebot.rendering.naming import aliases_of
from jedgebot.rendering.schemas import render_schemas
from jedgebot.rendering.templates import render
from jedgebot.rendering.tests import render_tests
from jedgebot.spec import words
from jedgebot.spec.listing import filtered_by, searched_by, sorted_by
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import Ref


def render_module(spec: TableSpec, parents: Parents) -> dict[PurePosixPath, str]:
    """Render every new file of a table, by its path in the project.

    Args:
        spec: the table.
        parents: every table that it refers to, directly or through others, but `users`.

    Raises:
        Failure: a template does not give Python.
    """
    package = PurePosixPath("backend", spec.name)
    aliases = aliases_of(spec)
    own = {package / f"{spec.name}_db.py": render_database(spec)} if spec.database else {}
    return formatted(
        {
            **own,
            package / "__init__.py": _plain(spec, "__init__.py.jinja", frozenset()),
            package / "models.py": render_models(spec, aliases),
            package / "schemas.py": render_schemas(spec, aliases),
            package / "queries.py": _plain(spec, "queries.py.jinja", _queries(spec)),
            package / "services.py": _plain(spec, "services.py.jinja", _services(spec)),
            package / "routes.py": _plain(spec, "routes.py.jinja", _routes(spec)),
            PurePosixPath("tests/unit", spec.name, "test_routes.py"): render_tests(spec, parents),
            PurePosixPath("docs/tables", f"{spec.name}.md"): render_docs(spec, parents),
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
        whose="" if spec.is_shared else "caller's ",
        say=lambda text: _description(text, words.spaced(spec.name), row),
        missing=quoted(
            f"There is no {row} with this id."
            if spec.is_shared
            else f"You own no {row} with this id."
        ),
        listing=_listing(spec),
        refers_to=[
            f"{quoted(field.column)}: "
            f"{'get' if spec.is_own(field) else f'{ref.table}_services.get'}"
            for field, ref in _checked(spec)
        ],
        looks_for_own=any(spec.is_own(field) for field, _ in _checked(spec)),
        refers_when_changed=any(field.access != "writeonce" for field, _ in _checked(spec)),
    )


def _checked(spec: TableSpec) -> list[tuple[FieldSpec, Ref]]:
    """The references for which the operations look, since no foreign key does."""
    return [(field, ref) for field, ref in spec.refs if ref.soft]


def _description(text: str, rows: str, row: str) -> str:
    """One line that describes an operation; what is too long for one speaks of rows."""
    named = text.format(rows=rows, a_row=words.with_article(row))
    fits = len(f"    description={quoted(named)},") <= LINE_LENGTH
    return quoted(named if fits else text.format(rows="rows", a_row="a row"))


def _listing(spec: TableSpec) -> str:
    """The arguments that say what the list can be filtered and sorted by, and searched for."""
    arguments = ""
    for name, columns in (
        ("filter_by", filtered_by(spec)),
        ("sort_by", sorted_by(spec)),
        ("search_by", searched_by(spec)),
    ):
        if columns:
            listed = "".join(f"{quoted(column)}, " for column in columns)
            arguments += f", {name}=({listed if len(columns) == 1 else listed[:-2]})"
    return arguments


def _queries(spec: TableSpec) -> Imports:
    parameters = ("ROW",) if spec.is_shared else ("OWNER", "ROW")
    return frozenset(
        {
            ("sqlalchemy", "select"),
            *(("backend.core.statements", parameter) for parameter in parameters),
            (f"backend.{spec.name}.models", spec.class_name),
        }
    )


def _services(spec: TableSpec) -> Imports:
    operations = ["Browse", "Change", "Create", "Get", "Remove"]
    if _checked(spec):
        operations.append("Finder")
    schemas = (f"{spec.class_name}{kind}" for kind in ("Change", "Create", "Read"))
    return frozenset(
        {
            *(("backend.core.operations", operation) for operation in operations),
            *(
                (f"backend.{ref.table}", f"services as {ref.table}_services")
                for field, ref in _checked(spec)
                if not spec.is_own(field)
            ),
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
