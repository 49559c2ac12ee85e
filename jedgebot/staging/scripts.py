"""The revisions of the staged copy, which all of Alembic's commands in one process share.

Each command reads all files of revisions, which takes a second for a thousand of them.
"""

from alembic.config import Config
from alembic.script import ScriptDirectory

_read = ScriptDirectory.from_config
_shared: dict[str, ScriptDirectory] = {}


def share() -> None:
    """Let every command in this process use the revisions that the first one has read.

    A revision that a command makes joins them; one that comes otherwise is not seen.
    """
    ScriptDirectory.from_config = _remembered  # type: ignore[method-assign]  # it remembers nothing itself


def read_anew() -> None:
    """Read the revisions again, for a database in which those that have run already run again.

    A file may hold what can be used only once, such as a column that is given to a table.
    """
    _shared.clear()


def _remembered(config: Config) -> ScriptDirectory:
    name = str(config.config_file_name)
    if name not in _shared:
        _shared[name] = _read(config)
    return _shared[name]
