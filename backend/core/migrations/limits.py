"""How long a migration may wait, and how long it may make others wait."""

from dataclasses import dataclass

from alembic.config import Config

from backend.core.migrations.errors import MigrationError


@dataclass(frozen=True)
class Limits:
    """The limits, with their names in alembic.ini.

    Attributes:
        migration_lock_seconds: how long to wait for another migration of the same database.
        lock_timeout_milliseconds: how long one statement waits for a lock. Everyone who comes
            after it waits as long, so this is the longest stall that a migration causes.
        lock_retry_seconds: how long one revision is tried again before it fails.
    """

    migration_lock_seconds: float = 300
    lock_timeout_milliseconds: int = 100
    lock_retry_seconds: float = 60

    @classmethod
    def of(cls, config: Config) -> "Limits":
        """Read the limits.

        Raises:
            MigrationError: one of them is not a number.
        """
        try:
            return cls(
                float(_option(config, "migration_lock_seconds", cls.migration_lock_seconds)),
                int(_option(config, "lock_timeout_milliseconds", cls.lock_timeout_milliseconds)),
                float(_option(config, "lock_retry_seconds", cls.lock_retry_seconds)),
            )
        except ValueError as error:
            raise MigrationError(f"A limit in {config.config_file_name}: {error}") from None


def _option(config: Config, name: str, default: float) -> str:
    return config.get_main_option(name, str(default))
