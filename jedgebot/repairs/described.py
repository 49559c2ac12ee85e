"""What the field grammar says of a module, where it has words for it."""

from jedgebot.checks import Module
from jedgebot.errors import JedgebotError
from jedgebot.rendering.module import render_module
from jedgebot.repairs.repair import Draft
from jedgebot.spec.project import Project as Tables


def rendered(draft: Draft, module: Module) -> dict[str, str]:
    """The files that `jedgebot table add` would write for the module's table.

    Nothing if the grammar has no words for it, or its code cannot be read.
    """
    tables = Tables(draft.root)
    try:
        spec = tables.spec_of(module.name)
        if spec is None:
            return {}
        files = render_module(spec, tables.parents_of(spec))
    except JedgebotError:
        return {}
    return {path.as_posix(): text for path, text in files.items()}
