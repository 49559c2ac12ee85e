"""`jedgebot table add`: one command, one live table, or several."""

from pathlib import Path
from typing import Annotated

import typer

from jedgebot import console
from jedgebot.commands import completion
from jedgebot.commands.adding_process import Wish, run
from jedgebot.errors import Misuse
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from jedgebot.spec.toml_file import read_tables


def table_add(  # noqa: PLR0913 - each is an option
    name: Annotated[
        str, typer.Argument(help="A plural in snake_case, such as watchlists.", show_default=False)
    ] = "",
    fields: Annotated[
        list[str] | None,
        typer.Argument(
            help="name:type[:argument][:flag]…",
            metavar="FIELD…",
            autocompletion=completion.fields,
        ),
    ] = None,
    *,
    owner: Annotated[
        str, typer.Option(help="Whose its rows are: users, or portfolio.user with a field for it.")
    ] = "",
    shared: Annotated[
        bool, typer.Option("--shared", help="Let every user read and write every row.")
    ] = False,
    unique: Annotated[
        list[str] | None,
        typer.Option(help="Fields that are unique together: a,b. May be repeated."),
    ] = None,
    index: Annotated[
        list[str] | None,
        typer.Option(help="Fields that share an index: a,b. May be repeated."),
    ] = None,
    versioned: Annotated[
        bool, typer.Option(help="Give rows a version, an ETag and If-Match.")
    ] = True,
    database: Annotated[
        str, typer.Option(help="Put it into a database of its own, with this name.")
    ] = "",
    singular: Annotated[
        str, typer.Option(help="What one row is called, if not the obvious word.")
    ] = "",
    why: Annotated[str, typer.Option(help="What the table is for: its docs page says so.")] = "",
    later: Annotated[
        list[str] | None,
        typer.Option(help="A field that may come, and why. May be repeated."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Read the tables from a TOML file instead."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would be written; write nothing. Only the migration is reviewed.",
        ),
    ] = False,
    no_apply: Annotated[
        bool, typer.Option("--no-apply", help="Write the files; leave the database as it is.")
    ] = False,
    no_postgresql: Annotated[
        bool, typer.Option("--no-postgresql", help="Leave out the proofs on PostgreSQL.")
    ] = False,
    _as_json: Annotated[  # read in jedgebot.cli: what is wrong with the rest is said so, too
        bool, typer.Option("--json", help="Print one JSON document, errors included.")
    ] = False,
) -> None:
    """Add a table: model, schemas, routes, migration, tests and docs page, proved and live.

    Example: jedgebot table add watchlists name:str:80:unique note:text:null

    A field is its name, its type and its flags, joined by colons.

    Types: str:N text int bigint bool decimal:P,S money date datetime time uuid json bytes
    enum:a,b email url currency timezone ref:table ref:table.column.

    Flags: null unique index default=V min=V max=V readonly writeonce hidden filter sort search;
    of references: cascade restrict setnull soft.

    Example: jedgebot table add fills order:ref:orders price:money --owner order.user

    Each row belongs to one user, unless the table is shared. Everything is tried and tested in a
    copy of the project first; on any failure, and on Ctrl-C, files and database are as before.
    docs/commands.md explains each type, flag and option, and the form of a TOML file.
    """
    options = TableOptions(
        owner=owner,
        shared=shared,
        unique=[columns.split(",") for columns in unique or []],
        indexes=[columns.split(",") for columns in index or []],
        versioned=versioned,
        database=database,
        singular=singular,
        why=why,
        later=later or [],
    )
    specs = _specs(file, name, fields or [], options)
    for spec in specs:
        _warn(spec)
    run(specs, Wish(dry_run=dry_run, apply=not no_apply, postgresql=not no_postgresql))


def _specs(
    file: Path | None, name: str, fields: list[str], options: TableOptions
) -> list[TableSpec]:
    if file is None:
        if not name:
            raise Misuse(
                "no table was named.",
                "For example: jedgebot table add watchlists name:str:80:unique",
            )
        return [parse_table(name, fields, options)]
    if name or options != TableOptions(unique=[], indexes=[], later=[]):
        raise Misuse(
            "a file says all of its tables.", f"Write it into {file}, or leave -f {file} out."
        )
    return read_tables(file)


def _warn(spec: TableSpec) -> None:
    """Say which lists get slow with the number of rows."""
    for field in spec.fields:
        if field.filter or field.sort:
            by = "filtered" if field.filter else "sorted"
            console.note(
                f"note: no index helps when the list of {spec.name} is {by} by {field.column}; "
                "the flag index makes one."
            )
