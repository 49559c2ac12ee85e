"""What `alembic/env.py` runs: it gives each command a database, and the guarantees of ours.

One process at a time, one transaction for each revision, short waits for locks that are tried
again, and on SQLite no foreign key enforced but all of them checked.
"""

import warnings
from collections.abc import Callable
from contextlib import ExitStack
from logging.config import fileConfig
from pathlib import Path
from typing import Any

from alembic import context
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import OperationalError

from backend.core.engine import make_engine
from backend.core.migrations import foreign_keys, locks, postgresql
from backend.core.migrations.autogenerate import comparison_options
from backend.core.migrations.limits import Limits
from backend.core.migrations.postgresql_impl import SafePostgresqlImpl
from backend.core.migrations.sqlite import SafeSQLiteImpl
from backend.core.migrations.steps import Steps
from backend.core.models import NAMING_CONVENTION
from backend.core.settings import SettingsError, load_settings

# Alembic finds an implementation by its dialect as soon as it is imported.
__all__ = ["SafePostgresqlImpl", "SafeSQLiteImpl", "run"]


def run(load_models: Callable[[], MetaData]) -> None:
    """Run the present Alembic command.

    `Config.attributes` may hold `connection` or `database_url` in place of the settings', and
    `target_metadata` in place of what `load_models` gives, which only commands that compare the
    models with the database ask for: at 1,000 tables the import takes seconds.

    Raises:
        MigrationError: the migration cannot go on.
        CommandError: the database is not one that we can use.
    """
    config = context.config
    url = _database_url(config)
    if context.is_offline_mode():
        _configure_logging(config)
        _engine(url).dispose()
        context.configure(
            url=url,
            target_metadata=MetaData(naming_convention=NAMING_CONVENTION),
            transaction_per_migration=True,
            literal_binds=True,
            dialect_opts={"paramstyle": "named"},
        )
        context.run_migrations()
        return
    # Only a context that is configured, for whatever database, tells which command runs.
    context.configure(dialect_name="sqlite")
    command = context.get_context().opts
    _configure_logging(config)
    metadata = config.attributes.get("target_metadata")
    if metadata is None:
        compares = "revision_context" in command
        metadata = load_models() if compares else MetaData(naming_convention=NAMING_CONVENTION)
    _run_online(url, dict(command), metadata)


def _run_online(url: str, command: dict[str, Any], metadata: MetaData) -> None:
    config = context.config
    limits = Limits.of(config)
    only_reads = command.get("dont_mutate", False)
    with ExitStack() as stack:
        connection: Connection | None = config.attributes.get("connection")
        if connection is None:
            engine = _engine(url)
            stack.callback(engine.dispose)
            if engine.dialect.name == "sqlite" and not only_reads:
                # Before the first connection: to turn on WAL fails while another one does.
                database = Path(engine.url.database or "")
                stack.enter_context(locks.sqlite_lock(database, limits.migration_lock_seconds))
            # A transaction that began as a reader cannot write once another has written.
            options = {} if only_reads else {"sqlite_begin": "IMMEDIATE"}
            connection = stack.enter_context(_connected(engine.execution_options(**options)))
        stack.enter_context(warnings.catch_warnings())
        # They are compared by `sqlite_indexes`.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
        steps = Steps(command["fn"], connection, limits)
        if not only_reads:
            _prepare(stack, connection, limits, steps)
        context.configure(
            connection=connection,
            transaction_per_migration=True,
            on_version_apply=(
                foreign_keys.check_foreign_keys if connection.dialect.name == "sqlite" else None
            ),
            fn=steps,
            **comparison_options(connection, metadata),
        )
        if connection.in_transaction():
            context.run_migrations()
        else:
            steps.run(context.run_migrations)


def _engine(url: str) -> Engine:
    try:
        return make_engine(url, pool_size=1)
    except SettingsError as error:
        raise CommandError(f"{error} {error.hint}") from None


def _connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise CommandError(f"The database cannot be reached: {error.orig}") from None


def _prepare(stack: ExitStack, connection: Connection, limits: Limits, steps: Steps) -> None:
    """Give a connection what migrations need.

    A connection that is given in the middle of a transaction keeps its own rules.
    """
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql:
        lock = locks.postgresql_lock(connection, limits.migration_lock_seconds)
        stack.enter_context(lock)
    if connection.in_transaction():
        return
    if on_postgresql:
        stack.enter_context(postgresql.unlimited_session(connection))
        waits = postgresql.short_lock_waits(connection, limits, lambda: steps.attempt)
        stack.enter_context(waits)
    else:
        stack.enter_context(foreign_keys.not_enforced(connection))


def _database_url(config: Config) -> str:
    given: str | None = config.attributes.get("database_url")
    connection: Connection | None = config.attributes.get("connection")
    if connection is not None:
        return connection.engine.url.render_as_string(hide_password=False)
    if given is not None:
        return given
    try:
        return load_settings().database_url
    except SettingsError as error:
        raise CommandError(f"{error} {error.hint}") from None


def _configure_logging(config: Config) -> None:
    if config.config_file_name is not None and config.attributes.get("configure_logging", True):
        fileConfig(config.config_file_name, disable_existing_loggers=False)
