"""What a migration can refuse or fail with, beyond the errors of the database."""

from alembic.util import CommandError


class MigrationError(CommandError):
    """A migration cannot go on; `alembic` prints the message without a traceback."""


class AnotherMigrationRuns(MigrationError):
    """Another process kept the migration lock for longer than we wait."""


class TableStayedLocked(MigrationError):
    """Transactions of the application kept a lock that a revision needs."""


class CannotRebuild(MigrationError):
    """A SQLite table cannot be changed without losing something, so it was left as it is."""


class ForeignKeysBroken(MigrationError):
    """A revision leaves rows that refer to rows which do not exist."""
