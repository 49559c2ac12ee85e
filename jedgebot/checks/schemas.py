"""The schemas of a module, asked with values."""

from types import ModuleType

from pydantic import BaseModel, ValidationError

from jedgebot.checks.source import Source

Schema = type[BaseModel]


def schemas_of(loaded: ModuleType) -> list[Schema]:
    """The schemas that a `schemas.py` has of its own, in their order."""
    return [
        value
        for value in vars(loaded).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == loaded.__name__
    ]


def place_of_schema(source: Source, schema: Schema) -> str:
    """Where the schema is, and its name."""
    node = source.class_named(schema.__name__)
    return f"{source.at(node) if node is not None else source.path} {schema.__name__}"


def takes(schema: Schema, name: str, value: object) -> bool:
    """Whether a field takes a value."""
    alias = schema.model_fields[name].alias or name
    return not errors_at(schema, {alias: value}, alias)


def errors_at(schema: Schema, body: dict[str, object], name: str) -> list[str]:
    """The kinds of errors that the schema finds in one field of a body."""
    try:
        schema.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [one["type"] for one in found if one["loc"][:1] == (name,)]
    return []
