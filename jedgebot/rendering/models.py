"""`models.py`: columns and constraints."""

from jedgebot.rendering.code import Code, call, code, joined, quoted
from jedgebot.rendering.ladders import default_of
from jedgebot.rendering.naming import Aliases
from jedgebot.rendering.templates import render
from jedgebot.spec import types, words
from jedgebot.spec.constraints import Constraint, constraints_of
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import narrowed

_SQLALCHEMY = "sqlalchemy"
_CHOICE_OPTIONS = f"native_enum=False, create_constraint=True, length={types.CHOICE_LENGTH_MAX}"

_UUID = code("UUID", ("uuid", "UUID"))
_PLAIN: dict[type[types.FieldType], tuple[Code, list[Code]]] = {
    types.LongText: (code("str"), [code("Text", (_SQLALCHEMY, "Text"))]),
    types.Int: (code("int"), []),
    types.BigInt: (code("int"), [code("BigInteger", (_SQLALCHEMY, "BigInteger"))]),
    types.Bool: (code("bool"), []),
    types.Day: (code("date", ("datetime", "date")), []),
    types.Instant: (code("datetime", ("datetime", "datetime")), []),
    types.Uuid: (_UUID, []),
    types.Ref: (_UUID, []),
    types.Json: (
        code("JSONContent", ("backend.core.schemas", "JSONContent")),
        [code("JSONDocument", ("backend.core.types", "JSONDocument"))],
    ),
}
"""Annotation and column type of the types that take no arguments."""


def render_models(spec: TableSpec, aliases: Aliases) -> str:
    """The text of `models.py`."""
    constraints = [_constraint(one) for one in constraints_of(spec) if _is_table_argument(one)]
    columns = [_column(field, aliases) for field in spec.fields]
    choices = [_choice(field, aliases) for field in spec.fields if field.column in aliases.choices]
    used = joined([*constraints, *columns, *choices])
    return render(
        "models.py.jinja",
        imports=used.imports
        | {
            ("sqlalchemy.orm", "Mapped"),
            ("backend.core.models", "Base"),
            ("backend.core.models", "OwnedRecord"),
        },
        spec=spec,
        row=words.with_article(words.spaced(spec.singular)).capitalize(),
        choices=choices,
        constraints=constraints,
        columns=columns,
    )


def _choice(field: FieldSpec, aliases: Aliases) -> Code:
    words_of_type = narrowed(field.type, types.Choice).words
    listed = ", ".join(quoted(word) for word in words_of_type)
    return code(f"{aliases.choices[field.column]} = Literal[{listed}]", ("typing", "Literal"))


def _is_table_argument(constraint: Constraint) -> bool:
    """Whether the constraint stands in `__table_args__`, not at its column."""
    if constraint.field is None or constraint.kind == "ck":
        return False
    return constraint.kind != "fk" or len(constraint.columns) > 1


def _constraint(constraint: Constraint) -> Code:
    columns = [quoted(column) for column in constraint.columns]
    match constraint.kind:
        case "uq":
            return code(
                f"UniqueConstraint({', '.join(columns)})", (_SQLALCHEMY, "UniqueConstraint")
            )
        case "ix":
            return code(f"Index(None, {', '.join(columns)})", (_SQLALCHEMY, "Index"))
        case _:
            table = constraint.refers_to
            return code(
                f"ForeignKeyConstraint([{', '.join(columns)}], "
                f'["{table}.user_id", "{table}.id"], ondelete="RESTRICT")',
                (_SQLALCHEMY, "ForeignKeyConstraint"),
            )


def _column(field: FieldSpec, aliases: Aliases) -> Code:
    annotation, arguments = _typed(field, aliases)
    if field.default is not None:
        default = default_of(field)
        arguments = [*arguments, Code(f"default={default}", default.imports)]
    nullable = " | None" if field.nullable else ""
    column = Code(f"{field.column}: Mapped[{annotation}{nullable}]", annotation.imports)
    if not arguments:
        return column
    value = call(code("mapped_column", ("sqlalchemy.orm", "mapped_column")), *arguments)
    return joined([column, value], " = ")


def _typed(field: FieldSpec, aliases: Aliases) -> tuple[Code, list[Code]]:
    """The annotation of a column, and what `mapped_column` has to be told beside it."""
    match field.type:
        case types.Str(length=length):
            return code("str"), [code(f"String({length})", (_SQLALCHEMY, "String"))]
        case types.ExactDecimal(precision=precision, scale=scale):
            exact = ("backend.core.types", "ExactDecimal")
            annotation = code("Decimal", ("decimal", "Decimal"))
            return annotation, [code(f"ExactDecimal({precision}, {scale})", exact)]
        case types.Choice():
            alias = aliases.choices[field.column]
            kind = code(
                f"Enum(*get_args({alias}), name={quoted(field.column)}, {_CHOICE_OPTIONS})",
                (_SQLALCHEMY, "Enum"),
                ("typing", "get_args"),
            )
            return code(alias), [kind]
        case types.Ref(table=table, owned=False):
            key = f'ForeignKey("{table}.id", ondelete="RESTRICT")'
            return _UUID, [code(key, (_SQLALCHEMY, "ForeignKey"))]
    return _PLAIN[type(field.type)]
