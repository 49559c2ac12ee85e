"""`jedgebot table spec`: the specification of a table, derived from its module's code."""

import json
from typing import Annotated

import typer

from jedgebot import console
from jedgebot.commands.completion import tables
from jedgebot.errors import Misuse
from jedgebot.paths import PROJECT_ROOT
from jedgebot.spec import writing
from jedgebot.spec.suggestions import nearest_or_all


def table_spec(
    name: Annotated[str, typer.Argument(help="The table.", autocompletion=tables)],
    *,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print it as a file for `table add -f`.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
) -> None:
    """Print the command that adds a table as its code describes it.

    Example: jedgebot table spec user_profiles --toml

    Columns, keys, indexes and defaults are read from the model, limits and access from the
    schemas, filters, sorts and searches from the services: what is printed cannot drift from
    them. What the field grammar has no words for is told in lines that begin with #.
    """
    if as_toml and as_json:
        raise Misuse("--toml and --json are two forms of one text.", "Drop one.")
    # The project's code takes a second to import.
    from jedgebot.rendering.docs import with_prose  # noqa: PLC0415 - see above
    from jedgebot.spec.project import Project  # noqa: PLC0415 - see above

    project = Project(PROJECT_ROOT)
    derived = project.derived(name)
    if derived is None:
        hint = nearest_or_all(name, project.modules, "There are")
        raise Misuse(f'there is no module "{name}".', hint)
    page = PROJECT_ROOT / "docs" / "tables" / f"{name}.md"
    text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    spec, of_page = with_prose(derived.spec, text)
    remarks = (*derived.remarks, *of_page)
    if as_json:
        document = {
            **writing.document(spec),
            "unsaid": list(derived.unsaid),
            "remarks": list(remarks),
        }
        console.out(json.dumps(document, indent=2, ensure_ascii=False))
        return
    console.out(writing.toml(spec) if as_toml else writing.command_line(spec))
    for remark in (*derived.unsaid, *remarks):
        console.out(f"# {remark}.")
