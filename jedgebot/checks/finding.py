"""What a check says, and what a check is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jedgebot.checks.loading import Unusable, attempted

if TYPE_CHECKING:
    from jedgebot.checks.project import Module, Project


@dataclass(frozen=True)
class Finding:
    """One answer of one check.

    Attributes:
        check: id of the check.
        table: the module it is about; None if it is about the project.
        passed: whether all is as it should be.
        evidence: what proves the answer, one line each.
        hint: what to do about it; empty if it passed.
    """

    check: str
    table: str | None
    passed: bool
    evidence: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True)
class Proof:
    """Something that was seen to be right."""

    evidence: str


@dataclass(frozen=True)
class Problem:
    """Something that is wrong, and what to do about it."""

    evidence: str
    hint: str


Seen = Iterator[Proof | Problem]


@dataclass(frozen=True)
class Box:
    """One of the nine boxes of the guide: looked at for one module, open if a problem is seen."""

    id: str
    title: str
    look: "Callable[[Project, Module], Seen]"

    def finding(self, project: "Project", module: "Module") -> Finding:
        """The box of one module."""
        seen = attempted(project.root, lambda: list(self.look(project, module)))
        return _finding(self.id, module.name, seen)

    def run(self, project: "Project") -> list[Finding]:
        """The box of every module."""
        return [self.finding(project, module) for module in project.modules]


@dataclass(frozen=True)
class Rule:
    """One house rule, which holds for the whole project; its problems name file and line."""

    id: str
    title: str
    look: "Callable[[Project], Seen]"

    def run(self, project: "Project", module: "Module | None" = None) -> list[Finding]:
        """One finding: passed, or with every place where the rule is broken.

        With a module, only places in its folder count.
        """
        looked_at = project if module is None else project.narrowed(module)
        seen = attempted(project.root, lambda: list(self.look(looked_at)))
        if module is not None and not isinstance(seen, Unusable):
            folder = f"{module.folder}/"
            seen = [
                one for one in seen if isinstance(one, Proof) or one.evidence.startswith(folder)
            ]
        return [_finding(self.id, None, seen)]


def _finding(check: str, table: str | None, seen: list[Proof | Problem] | Unusable) -> Finding:
    if isinstance(seen, Unusable):
        # Checks run the project's code: its validators, the making of its application.
        seen = [Problem(f"the check could not be finished: {seen}", "mend that line")]
    problems = [one for one in seen if isinstance(one, Problem)]
    evidence = tuple(one.evidence for one in problems or seen)
    hint = problems[0].hint if problems else ""
    return Finding(check, table, not problems, evidence, hint)
