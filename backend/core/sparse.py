"""Sparse answers: `?fields=id,symbol` names the fields of a row that the client wants."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from backend.core.query_strings import Faults, Included, parameters_of
from backend.core.schemas import ResponseSchema

FIELDS = "fields"


class FieldNames:
    """The fields of a response schema, of which a client may want some."""

    def __init__(self, schema: type[ResponseSchema]) -> None:
        self._schema = schema

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self._schema.model_fields)

    def read(self, text: str, faults: Faults) -> tuple[str, ...] | None:
        """The named fields, in the schema's order; None where a name is wrong or there twice."""
        named = text.split(",")
        wanted = frozenset(named)
        if len(wanted) != len(named) or not wanted.issubset(self._names):
            faults.add(FIELDS, "not names of fields, each once, with commas between them")
            return None
        return tuple(name for name in self._names if name in wanted)

    def openapi_parameter(self) -> dict[str, Any]:
        """The parameter as the OpenAPI 3.1 document describes it."""
        return {
            "name": FIELDS,
            "in": "query",
            "required": False,
            "description": "The fields that are answered, with commas between; all by default.",
            "style": "form",
            "explode": False,
            "schema": {
                "type": "array",
                "items": {"type": "string", "enum": list(self._names)},
                "minItems": 1,
                "uniqueItems": True,
            },
        }


@dataclass(frozen=True)
class SomeFields:
    """Marks a response model of which the document says that `fields` may leave fields out.

    Attributes:
        of_items: the model is a page, and it is the fields of its items.
    """

    of_items: bool

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler(schema)
        found = handler.resolve_ref_schema(whole)
        if not self.of_items:
            return {"anyOf": [whole, _of_some_fields(found)]}
        items = found["properties"]["items"]
        item = handler.resolve_ref_schema(items["items"])
        some = {**items, "items": _of_some_fields(item)}
        properties = {**found["properties"], "items": some}
        return {"anyOf": [whole, {**found, "properties": properties}]}


def _of_some_fields(schema: JsonSchemaValue) -> JsonSchemaValue:
    optional = {name: value for name, value in schema.items() if name != "required"}
    return {
        **optional,
        "title": f"Fields of {schema['title']}",
        "description": "The fields that `fields` names.",
        "additionalProperties": False,
        "minProperties": 1,
    }


class FieldParameters:
    """The query of an operation that answers one row: `fields` and nothing else."""

    def __init__(self, schema: type[ResponseSchema]) -> None:
        self._fields = FieldNames(schema)

    def parse(self, query_string: bytes) -> tuple[str, ...] | None:
        """The wanted fields in the schema's order; None for all of them.

        Raises:
            Unprocessable: a name is unknown or there twice, or so is a parameter.
        """
        if not query_string:
            return None
        sent = parameters_of(query_string)
        faults = Faults()
        text = sent.pop(FIELDS, None)
        fields = None if text is None else self._fields.read(text, faults)
        if sent:
            faults.add_unknown()
        faults.raise_if_any()
        return fields

    def included(self, parsed: tuple[str, ...] | None) -> Included | None:
        """Which fields the response has; None for all of them."""
        return None if parsed is None else set(parsed)

    def documented(self, model: Any) -> Any:
        """The response model as the document describes it: with some of its fields."""
        return Annotated[model, SomeFields(of_items=False)]

    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The parameter as the OpenAPI 3.1 document describes it."""
        return [self._fields.openapi_parameter()]
