"""Numbers are exact: no column and no body has a binary float."""

from collections.abc import Iterator

from sqlalchemy import Float, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

from jedgebot.checks.annotations import has_kind
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.places import place_of_column
from jedgebot.checks.project import Module, Project
from jedgebot.checks.schemas import place_of_schema, schemas_of

_OF_CORE = "backend.core."


def look(project: Project) -> Seen:
    """No column is a `Float` or a plain `Numeric`, and no field of a schema is a `float`."""
    columns = fields = 0
    for module in project.modules:
        for column in module.table.columns if module.table is not None else ():
            columns += 1
            if _is_inexact(column.type):
                yield Problem(
                    f"{place_of_column(module, column.key)} {column.key} is {column.type!r}, "
                    "which is a binary float, on SQLite at least",
                    "use ExactDecimal(precision, scale) of backend.core.types",
                )
        for where, annotation in _fields(module):
            fields += 1
            if _takes_float(annotation):
                yield Problem(
                    f"{where} is a float, which cannot say what 0.1 is",
                    "use Annotated[Decimal, Exact(precision, scale)] of backend.core.schemas",
                )
    yield Proof(f"{columns} columns and {fields} fields read")


def _is_inexact(kind: TypeEngine[object]) -> bool:
    if type(kind).__module__.startswith(_OF_CORE):
        return False
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return isinstance(inner, (Float, Numeric))


def _fields(module: Module) -> Iterator[tuple[str, object]]:
    source, loaded = module.source("schemas.py"), module.load("schemas")
    if source is None or isinstance(loaded, Unusable):
        return
    for schema in schemas_of(loaded):
        for name, field in schema.model_fields.items():
            yield f"{place_of_schema(source, schema)}.{name}", field.annotation


def _takes_float(annotation: object) -> bool:
    # A JSON value may be a number among other things; it is stored as it was written.
    return has_kind(annotation, float) and not has_kind(annotation, dict)


CHECK = Rule("exact_numbers", "No number is a binary float", look)
