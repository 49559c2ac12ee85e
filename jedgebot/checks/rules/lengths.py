"""Texts have a length, which the database knows too."""

from sqlalchemy import String, Text

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.places import place_of_column
from jedgebot.checks.project import Project


def look(project: Project) -> Seen:
    """A `String` column says how long it is; what has no such length is a `Text`."""
    count = 0
    for module in project.modules:
        for column in module.table.columns if module.table is not None else ():
            kind = column.type
            if not isinstance(kind, String) or isinstance(kind, Text):
                continue
            count += 1
            if kind.length is None:
                yield Problem(
                    f"{place_of_column(module, column.key)} {column.key} is a String of any length",
                    "give it mapped_column(String(80)), or mapped_column(Text) with a limit in "
                    "its schema",
                )
    yield Proof(f"{count} columns read")


CHECK = Rule("lengths", "Every String column says its length", look)
