"""Box 5: the schemas agree with the model. They are asked with values, not read."""

import inspect
from collections.abc import Iterator
from http import HTTPStatus
from types import ModuleType
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel, ValidationError
from sqlalchemy import JSON, Column, String, Table
from sqlalchemy import inspect as mapper_of
from sqlalchemy.orm import DeclarativeBase

from backend.core.operations import Change, Create, Operation, Remove
from backend.core.schemas import RequestSchema, ResponseSchema
from jedgebot.checks.boxes.routes import routes_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.operations import own_operations
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Source

Schema = type[BaseModel]
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
    schemas = _schemas_of(loaded)
    yield from _both_ways(source, schemas)
    if module.model is None:
        yield Problem("there is no model to compare with", "see the box Model")
        return
    columns = _columns_of(module.model)
    created = _bodies_of_creation(module)
    for schema in schemas:
        yield from _same_nulls(source, schema, columns)
        if issubclass(schema, RequestSchema):
            yield from _same_lengths(source, schema, columns)
        if schema in created:
            yield from _required(source, schema, columns)
    for *_, operation in own_operations(module):
        yield from _stored_whole(source, operation)
    names = ", ".join(schema.__name__ for schema in schemas)
    yield Proof(f"{source.path}: {names}")


def _both_ways(source: Source, schemas: list[Schema]) -> Seen:
    for schema in schemas:
        if not issubclass(schema, (RequestSchema, ResponseSchema)):
            yield Problem(
                f"{_at(source, schema)} is neither a RequestSchema nor a ResponseSchema",
                "derive it from one of them: a plain BaseModel lets unknown fields pass",
            )
    for base in (RequestSchema, ResponseSchema):
        if not any(issubclass(schema, base) for schema in schemas):
            yield Problem(
                f"{source.path} has no {base.__name__}", f"derive a schema from {base.__name__}"
            )


def _schemas_of(loaded: ModuleType) -> list[Schema]:
    return [
        value
        for value in vars(loaded).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == loaded.__name__
    ]


def _columns_of(model: type[DeclarativeBase]) -> Columns:
    """The columns, by the names of the model's attributes."""
    attributes = mapper_of(model).column_attrs
    return {
        attribute.key: attribute.columns[0]
        for attribute in attributes
        if isinstance(attribute.columns[0], Column)
        and isinstance(attribute.columns[0].table, Table)
    }


def _bodies_of_creation(module: Module) -> set[object]:
    """The bodies of the module's routes that answer 201."""
    created: set[object] = set()
    for route in routes_of(module):
        if route.status_code == HTTPStatus.CREATED:
            parameters = inspect.signature(route.endpoint, eval_str=True).parameters.values()
            created |= {_plain_type(parameter.annotation) for parameter in parameters}
    return created


def _stored_whole(source: Source, operation: Operation) -> Seen:
    """What an operation takes are columns of its model, and what it answers the model has."""
    model = operation.model
    columns = _columns_of(model)
    for schema in _sent_to(operation):
        for name in schema.model_fields:
            where = f"{_at(source, schema)}.{name}"
            if name not in columns:
                yield Problem(
                    f"{where} is no column of {model.__name__}, and a declared operation stores it",
                    f"take {name} out, or write a function that does what it asks for",
                )
    for schema in _answered_by(operation):
        for name in schema.model_fields:
            if not hasattr(model, name):
                yield Problem(
                    f"{_at(source, schema)}.{name} is nothing that {model.__name__} has",
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


def _plain_type(annotation: object) -> object:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _same_nulls(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        takes_null = _takes(schema, name, None)
        # A JSON column keeps a null of JSON's own, which is not NULL.
        if takes_null and not column.nullable and not isinstance(column.type, JSON):
            yield Problem(
                f"{_at(source, schema)}.{name} takes null, the column is NOT NULL",
                f"take None out of the type of {name}, or make the column Mapped[… | None]",
            )
        elif column.nullable and not takes_null:
            yield Problem(
                f"{_at(source, schema)}.{name} refuses null, the column may be NULL",
                f"add | None to the type of {name}, or make the column NOT NULL",
            )


def _same_lengths(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        length = column.type.length if isinstance(column.type, String) else None
        if length is not None and _takes(schema, name, "a" * (length + 1)):
            yield Problem(
                f"{_at(source, schema)}.{name} takes {length + 1} characters, "
                f"the column holds {length}",
                f"give {name} Field(max_length={length})",
            )


def _required(source: Source, schema: Schema, columns: Columns) -> Seen:
    for name, column in _shared(schema, columns):
        if _needs_value(column) and "missing" not in _errors_at(schema, {}, name):
            yield Problem(
                f"{_at(source, schema)}.{name} may be left out, "
                "the column is NOT NULL and has no default",
                f"take the default of {name} away, or give the column one",
            )


def _needs_value(column: Column[object]) -> bool:
    return not column.nullable and column.default is None and column.server_default is None


def _shared(schema: Schema, columns: Columns) -> Iterator[tuple[str, Column[object]]]:
    for name in schema.model_fields:
        if name in columns:
            yield name, columns[name]


def _takes(schema: Schema, name: str, value: object) -> bool:
    alias = schema.model_fields[name].alias or name
    return not _errors_at(schema, {alias: value}, alias)


def _errors_at(schema: Schema, body: dict[str, object], name: str) -> list[str]:
    """The kinds of errors that the schema finds in one field of a body."""
    try:
        schema.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [one["type"] for one in found if one["loc"][:1] == (name,)]
    return []


def _at(source: Source, schema: Schema) -> str:
    node = source.class_named(schema.__name__)
    return f"{source.at(node) if node is not None else source.path} {schema.__name__}"


CHECK = Box("schemas", "Schemas", look)
