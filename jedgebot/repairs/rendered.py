"""The files that `jedgebot table add` would write for a module."""

from jedgebot.checks import Module
from jedgebot.checks.described import described
from jedgebot.rendering.module import render_module
from jedgebot.repairs.repair import Draft


def rendered(draft: Draft, module: Module) -> dict[str, str]:
    """The files, by their paths; nothing if the field grammar has no words for the module."""
    found = described(draft.project, module)
    if found is None:
        return {}
    return {path.as_posix(): text for path, text in render_module(*found).items()}
