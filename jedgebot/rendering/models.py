"""`models.py`: columns and constraints."""

from jedgebot.rendering.code import Code, call, code, joined, quoted
from jedgebot.rendering.databases import base_import
from jedgebot.rendering.kinds import kind_of
from jedgebot.rendering.naming import Aliases
from jedgebot.rendering.templates import render
from jedgebot.rendering.units import default_of
from jedgebot.spec import types, words
from jedgebot.spec.constraints import Constraint, constraints_of
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import narrowed

_SQLALCHEMY = "sqlalchemy"
_CHOICE_OPTIONS = f"native_enum=False, create_constraint=True, length={types.CHOICE_LENGTH_MAX}"

_PLAIN: dict[type[types.FieldType], tuple[Code, list[Code]]] = {
    types.LongText: (code("str"), [code("Text", (_SQLALCHEMY, "Text"))]),
    types.Int: (code("int"), []),
    types.BigInt: (code("int"), [code("BigInteger", (_SQLALCHEMY, "BigInteger"))]),
    types.Bool: (code("bool"), []),
    types.Day: (code("date", ("datetime", "date")), []),
    types.Instant: (code("datetime", ("datetime", "datetime")), []),
    types.Time: (code("time", ("datetime", "time")), []),
    types.Uuid: (code("UUID", ("uuid", "UUID")), []),
    types.Bytes: (code("bytes"), []),
    types.Json: (
        code("JSONContent", ("backend.core.schemas", "JSONContent")),
        [code("JSONDocument", ("backend.core.types", "JSONDocument"))],
    ),
}
"""Annotation and column type of the types that take no arguments."""


def render_models(spec: TableSpec, aliases: Aliases) -> str:
    """The text of `models.py`."""
    asked = constraints_of(spec)
    constraints = [_constraint(one) for one in asked if _is_table_argument(one)]
    columns = [_column(field, aliases, asked) for field in spec.fields]
    base = base_of(spec)
    choices = [_choice(field, aliases) for field in spec.fields if field.column in aliases.choices]
    used = joined([*constraints, *columns, *choices])
    return render(
        "models.py.jinja",
        imports=used.imports
        | {
            ("sqlalchemy.orm", "Mapped"),
            base_import(spec),
            ("backend.core.models", base),
        },
        spec=spec,
        base=base,
        declarative_base=base_import(spec)[1],
        row=words.with_article(words.spaced(spec.singular)).capitalize(),
        choices=choices,
        constraints=constraints,
        columns=columns,
    )


def base_of(spec: TableSpec) -> str:
    """The class of `backend.core.models` that has the columns of every such table."""
    return (
        f"{'' if spec.versioned else 'Unversioned'}{'Shared' if spec.is_shared else 'Owned'}Record"
    )


def _choice(field: FieldSpec, aliases: Aliases) -> Code:
    words_of_type = narrowed(field.type, types.Choice).words
    listed = ", ".join(quoted(word) for word in words_of_type)
    return code(f"{aliases.choices[field.column]} = Literal[{listed}]", ("typing", "Literal"))


def _is_table_argument(constraint: Constraint) -> bool:
    """Whether the constraint stands in `__table_args__`, not at its one column."""
    if constraint.kind in ("pk", "ck"):
        return False
    return len(constraint.columns) > 1


def _constraint(constraint: Constraint) -> Code:
    columns = ", ".join(map(quoted, constraint.columns))
    match constraint.kind:
        case "uq":
            return code(f"UniqueConstraint({columns})", (_SQLALCHEMY, "UniqueConstraint"))
        case "ix":
            return code(f"Index(None, {columns})", (_SQLALCHEMY, "Index"))
        case _:
            referred = ", ".join(
                quoted(f"{constraint.refers_to}.{column}") for column in constraint.referred
            )
            return code(
                f"ForeignKeyConstraint([{columns}], [{referred}], {_on_delete(constraint)})",
                (_SQLALCHEMY, "ForeignKeyConstraint"),
            )


def _on_delete(constraint: Constraint) -> str:
    return f'ondelete="{constraint.action}"'


def _column(field: FieldSpec, aliases: Aliases, asked: list[Constraint]) -> Code:
    annotation, arguments = _typed(field, aliases)
    arguments = [*arguments, *_at_the_column(field, asked)]
    if field.default is not None:
        default = default_of(field)
        arguments.append(Code(f"default={default}", default.imports))
    nullable = " | None" if field.nullable else ""
    column = Code(f"{field.column}: Mapped[{annotation}{nullable}]", annotation.imports)
    if not arguments:
        return column
    value = call(code("mapped_column", ("sqlalchemy.orm", "mapped_column")), *arguments)
    return joined([column, value], " = ")


def _at_the_column(field: FieldSpec, asked: list[Constraint]) -> list[Code]:
    """What `mapped_column` is told of the constraints and indexes of this column alone."""
    own = {one.kind: one for one in asked if one.columns == (field.column,)}
    arguments = []
    if key := own.get("fk"):
        [referred] = key.referred
        arguments.append(
            code(
                f'ForeignKey("{key.refers_to}.{referred}", {_on_delete(key)})',
                (_SQLALCHEMY, "ForeignKey"),
            )
        )
    if "uq" in own:
        arguments.append(code("unique=True"))
    if "ix" in own:
        arguments.append(code("index=True"))
    return arguments


def _typed(field: FieldSpec, aliases: Aliases) -> tuple[Code, list[Code]]:
    """The annotation of a column, and what `mapped_column` has to be told beside it."""
    kind = kind_of(field)
    match kind:
        case types.Str(length=length) | types.TextKind(length=length):
            return code("str"), [code(f"String({length})", (_SQLALCHEMY, "String"))]
        case types.ExactDecimal(precision=precision, scale=scale):
            exact = ("backend.core.types", "ExactDecimal")
            annotation = code("Decimal", ("decimal", "Decimal"))
            return annotation, [code(f"ExactDecimal({precision}, {scale})", exact)]
        case types.Choice():
            alias = aliases.choices[field.column]
            words_of_type = code(
                f"Enum(*get_args({alias}), name={quoted(field.column)}, {_CHOICE_OPTIONS})",
                (_SQLALCHEMY, "Enum"),
                ("typing", "get_args"),
            )
            return code(alias), [words_of_type]
    return _PLAIN[type(kind)]
