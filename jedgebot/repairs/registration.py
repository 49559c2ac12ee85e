"""The two lines by which a project knows a module."""

from collections.abc import Callable, Iterator

from jedgebot.checks import Module
from jedgebot.editing.mounting import mount
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.editing.scope import add_to_scope
from jedgebot.repairs.repair import Draft, Outcome, Repair, Unrepaired, named
from jedgebot.spec.table import TableSpec

_EDITS: tuple[tuple[str, str, Callable[[str, TableSpec], Result], str], ...] = (
    ("metadata", "backend/models/__init__.py", add_to_scope, "imports the model of {}"),
    ("mounted", "backend/main.py", mount, "mounts {}"),
)


def register(draft: Draft, module: Module) -> Iterator[Outcome]:
    """Import the model into the metadata scope, and mount the routes under the table's name."""
    spec = named(module)
    if spec is None:
        return
    for box, path, edit, what in _EDITS:
        source = draft.read(path)
        if not draft.is_open(module, box) or source is None:
            continue
        match edit(source, spec):
            case Changed(source=changed):
                draft.write(path, changed)
                yield Repair(f"{path} {what.format(module.package)}", path)
            case CannotEdit(reason=reason, hint=hint):
                yield Unrepaired(f"{path} {reason}", hint)
            case AlreadyThere():
                pass  # the box is open for another reason, which its hint says
