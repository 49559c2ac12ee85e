"""Box 5: the schemas agree with the model. They are asked with values, not read."""

import inspect
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, get_args, get_origin

from pydantic import SecretStr
from sqlalchemy import JSON, Column, Enum, Table
from sqlalchemy import inspect as mapper_of
from sqlalchemy.orm import DeclarativeBase

from backend.core.operations import Change, Create, Get, Operation, Remove
from backend.core.schemas import TEXT_MAX, RequestSchema, ResponseSchema
from jedgebot.checks.annotations import has_kind, literals
from jedgebot.checks.boxes.routes import routes_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.operations import own_operations
from jedgebot.checks.project import Module, Project
from jedgebot.checks.schemas import Schema, errors_at, place_of_schema, schemas_of, takes
from jedgebot.checks.source import Source
from jedgebot.checks.unfit import unfit_for

Columns = dict[str, Column[object]]


def look(_project: Project, module: Module) -> Seen:
    """There are schemas both ways; where one has a column, it takes what the column takes."""
    source = module.source("schemas.py")
    if source is None:
        yield Problem(
            f"{module.folder}/schemas.py does not exist",
            "write the bodies of requests and responses there",
        )
        return
    loaded = module.load("schemas")
    if isinstance(loaded, Unusable):
        yield Problem(f"{module.package}.schemas cannot be imported: {loaded}", "mend that line")
        return
    schemas = schemas_of(loaded)
    yield from _both_ways(source, schemas)
    if module.model is None:
        yield Problem("there is no model to compare with", "see the box Model")
        return
    columns = _columns_of(module.model)
    created, changed = _bodies_of(module, "POST"), _bodies_of(module, "PATCH")
    for schema in schemas:
        yield from _same_nulls(source, schema, columns)
        yield from _same_words(source, schema, columns)
        if issubclass(schema, RequestSchema):
            yield from _fitting(source, schema, columns)
            yield from _limited(source, schema, columns)
        if schema in created:
            yield from _required(source, schema, columns)
        if schema in changed:
            yield from _optional(source, schema)
    for *_, operation in own_operations(module):
        yield from _stored_whole(source, operation)
    yield from _nothing_revealed(source, module)
    names = ", ".join(f"{schema.__name__} at {_line_of(source, schema)}" for schema in schemas)
    yield Proof(f"{source.path}: {names}")


def _line_of(source: Source, schema: Schema) -> str:
    return place_of_schema(source, schema).rpartition(":")[2].split()[0]


def _both_ways(source: Source, schemas: list[Schema]) -> Seen:
    for schema in schemas:
        if not issubclass(schema, (RequestSchema, ResponseSchema)):
            yield Problem(
                f"{place_of_schema(source, schema)} is neither a RequestSchema nor a "
                "ResponseSchema",
                "derive it from one of them: a plain BaseModel lets unknown fields pass",
            )
    for base in (RequestSchema, ResponseSchema):
        if not any(issubclass(schema, base) for schema in schemas):
            yield Problem(
                f"{source.path} has no {base.__name__}", f"derive a schema from {base.__name__}"
            )


def _columns_of(model: type[DeclarativeBase]) -> Columns:
    """The columns, by the names of the model's attributes."""
    attributes = mapper_of(model).column_attrs
    return {
        attribute.key: attribute.columns[0]
        for attribute in attributes
        if isinstance(attribute.columns[0], Column)
        and isinstance(attribute.columns[0].table, Table)
    }


def _bodies_of(module: Module, method: str) -> set[object]:
    """The bodies of the module's routes of a method: of POST, those that answer 201."""
    bodies: set[object] = set()
    for route in routes_of(module):
        creates = route.status_code == HTTPStatus.CREATED
        if method in (route.methods or ()) and (creates or method != "POST"):
            parameters = inspect.signature(route.endpoint, eval_str=True).parameters.values()
            bodies |= {_plain_type(parameter.annotation) for parameter in parameters}
    return bodies


def _plain_type(annotation: object) -> object:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _stored_whole(source: Source, operation: Operation) -> Seen:
    """What an operation takes are columns of its model, and what it answers the model has."""
    model = operation.model
    columns = _columns_of(model)
    for schema in _sent_to(operation):
        for name in schema.model_fields:
            where = f"{place_of_schema(source, schema)}.{name}"
            if name not in columns:
                yield Problem(
                    f"{where} is no column of {model.__name__}, and a declared operation stores it",
                    f"take {name} out, or write a function that does what it asks for",
                )
    for schema in _answered_by(operation):
        for name in schema.model_fields:
            if not hasattr(model, name):
                yield Problem(
                    f"{place_of_schema(source, schema)}.{name} is nothing that "
                    f"{model.__name__} has",
                    f"take {name} out, or give {model.__name__} the column",
                )


def _sent_to(operation: Operation) -> list[Schema]:
    match operation:
        case Create():
            return [operation.data]
        case Change():
            return [operation.changes]
    return []


def _answered_by(operation: Operation) -> list[Schema]:
    return [] if isinstance(operation, Remove) else [operation.read]


def _nothing_revealed(source: Source, module: Module) -> Seen:
    """What reading a row hides, no other operation of the module answers."""
    operations = [operation for *_, operation in own_operations(module)]
    read = {id(one.model): one.read for one in operations if isinstance(one, Get)}
    for operation in operations:
        whole = read.get(id(operation.model))
        for schema in _answered_by(operation):
            for name in schema.model_fields:
                if whole is not None and name not in whole.model_fields:
                    yield Problem(
                        f"{place_of_schema(source, schema)}.{name} is answered, and "
                        f"{whole.__name__}, which reads the row, hides it",
                        f"take {name} out of {schema.__name__}, or add it to {whole.__name__}",
                    )


def _same_nulls(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        takes_null = takes(schema, name, None)
        # A JSON column keeps a null of JSON's own, which is not NULL.
        if takes_null and not column.nullable and not isinstance(column.type, JSON):
            yield Problem(
                f"{place_of_schema(source, schema)}.{name} takes null, the column is NOT NULL",
                f"take None out of the type of {name}, or make the column Mapped[… | None]",
            )
        elif column.nullable and not takes_null:
            yield Problem(
                f"{place_of_schema(source, schema)}.{name} refuses null, the column may be NULL",
                f"add | None to the type of {name}, or make the column NOT NULL",
            )


def _same_words(source: Source, schema: Schema, columns: Columns) -> Seen:
    """A field of an enum knows no other words, and an answer knows all of them."""
    for name, column in _shared(schema, columns):
        words = column.type.enums if isinstance(column.type, Enum) else []
        for word in literals(schema.model_fields[name].annotation):
            if words and isinstance(word, str) and word not in words:
                yield Problem(
                    f"{place_of_schema(source, schema)}.{name} knows the word {word}, the column "
                    f"only {', '.join(words)}",
                    f"take {word} out, or add it to the column, with a revision",
                )
        for word in words:
            if issubclass(schema, ResponseSchema) and not takes(schema, name, word):
                yield Problem(
                    f"{place_of_schema(source, schema)}.{name} refuses the word {word}, which the "
                    "column may have",
                    f"add {word} to the type of {name}",
                )


def _fitting(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        for one in unfit_for(column):
            if takes(schema, name, one.value):
                yield Problem(
                    f"{place_of_schema(source, schema)}.{name} takes {one.shown}, {one.holds}",
                    f"give {name} {one.remedy}",
                )
                break


def _limited(source: Source, schema: Schema, columns: Columns) -> Seen:
    """A text has a limit also where no column keeps it."""
    for name, field in schema.model_fields.items():
        is_text = has_kind(field.annotation, str) or has_kind(field.annotation, SecretStr)
        if name in columns or not is_text or has_kind(field.annotation, dict):
            continue
        if takes(schema, name, "a" * (TEXT_MAX + 1)):
            yield Problem(
                f"{place_of_schema(source, schema)}.{name} takes a text of any length",
                f"give {name} Field(max_length=…)",
            )


def _required(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        if _needs_value(column) and "missing" not in errors_at(schema, {}, name):
            yield Problem(
                f"{place_of_schema(source, schema)}.{name} may be left out, "
                "the column is NOT NULL and has no default",
                f"take the default of {name} away, or give the column one",
            )


def _optional(source: Source, schema: Schema) -> Seen:
    for name in schema.model_fields:
        if "missing" in errors_at(schema, {}, name):
            yield Problem(
                f"{place_of_schema(source, schema)}.{name} has to be there, and PATCH changes "
                "what the body names and nothing else",
                f"let {name} be absent: … | MISSING = MISSING",
            )


def _needs_value(column: Column[object]) -> bool:
    return not column.nullable and column.default is None and column.server_default is None


def _shared(schema: Schema, columns: Columns) -> Iterator[tuple[str, Column[object]]]:
    for name in schema.model_fields:
        if name in columns:
            yield name, columns[name]


CHECK = Box("schemas", "Schemas", look)
