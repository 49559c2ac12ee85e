"""`<table>_db.py`: the database of its own that a module lives in."""

from jedgebot.rendering.templates import render
from jedgebot.spec import words
from jedgebot.spec.table import TableSpec


def render_database(spec: TableSpec) -> str:
    """The text of `<table>_db.py`."""
    return render(
        "table_db.py.jinja",
        imports=frozenset(
            {
                ("typing", "Annotated"),
                ("fastapi", "Depends"),
                ("backend.core.database", "RequestSession"),
                ("backend.core.models", "Base"),
                ("backend.core.named_databases", "NamedDatabase"),
            }
        ),
        spec=spec,
        rows=words.spaced(spec.name),
        constant=spec.database.upper(),
        base=_class_name(spec, "Base"),
        session=_class_name(spec, "Session"),
    )


def base_import(spec: TableSpec) -> tuple[str, str]:
    """Where a model's base is from, whose metadata says in which database it is."""
    if spec.database:
        return f"backend.{spec.name}.{spec.name}_db", _class_name(spec, "Base")
    return "backend.core.models", "Base"


def _class_name(spec: TableSpec, kind: str) -> str:
    return f"{words.camel_case(spec.database)}{kind}"
