"""What `alembic/env.py` runs: it gives each command a database, and the guarantees of ours.

One process at a time, one transaction for each revision, short waits for locks that are tried
again, and on SQLite no foreign key enforced but all of them checked.
"""

import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from logging.config import fileConfig
from pathlib import Path
from typing import Any

from alembic import context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import OperationalError

from backend.core.engine import make_engine
from backend.core.migrations import foreign_keys, locks, postgresql
from backend.core.migrations.autogenerate import comparison_options
from backend.core.migrations.histories import Histories, JointPlan
from backend.core.migrations.limits import Limits
from backend.core.migrations.postgresql_impl import SafePostgresqlImpl
from backend.core.migrations.sqlite import SafeSQLiteImpl
from backend.core.migrations.steps import PlanSteps, Steps
from backend.core.models import NAMING_CONVENTION
from backend.core.revisions import database_heads, version_table_of
from backend.core.settings import (
    MAIN_DATABASE,
    SettingsError,
    database_setting,
    load_settings,
)

# Alembic finds an implementation by its dialect as soon as it is imported.
__all__ = ["SafePostgresqlImpl", "SafeSQLiteImpl", "run"]


def run(load_models: Callable[[], MetaData]) -> None:
    """Run the present Alembic command, in each database that it concerns.

    `Config.attributes` may hold `connection` or `database_url` in place of the settings', then
    also the name of that `database` if it is not the main one; and `target_metadata` in place of
    the models', which only commands that compare them with a database ask for: at 1,000 tables
    the import takes seconds. `alike` names the tables that need not be compared.

    Args:
        load_models: imports every model, and gives the metadata of the main database.

    Raises:
        MigrationError: the migration cannot go on.
        CommandError: the database is not one that we can use.
    """
    config = context.config
    histories = Histories(context.script)
    # Only a context that is configured, for whatever database, tells which command runs.
    context.configure(dialect_name="sqlite")
    command = dict(context.get_context().opts)
    _configure_logging(config)
    if context.is_offline_mode():
        _run_offline(histories)
        return
    compares = "revision_context" in command
    databases = _given(config) or (
        histories.compared(command["revision_context"].command_args)
        if compares
        else histories.databases
    )
    main_metadata: MetaData | None = config.attributes.get("target_metadata")
    if main_metadata is None and compares:
        main_metadata = load_models()
    joint = JointPlan(command["fn"], histories)
    with ExitStack() as stack:
        visits = [_Visit(stack, database, joint, command) for database in databases]
        if len(visits) > 1:
            joint.heads |= {visit.database: visit.heads() for visit in visits}
        for visit in visits:
            metadata = MetaData(naming_convention=NAMING_CONVENTION)
            if main_metadata is not None:
                metadata = _metadata_of(visit.database, main_metadata, config)
            visit.run(metadata)


def _metadata_of(database: str, main: MetaData, config: Config) -> MetaData:
    if database == MAIN_DATABASE or "target_metadata" in config.attributes:
        return main
    # Imported here, since it brings the web framework, which most commands do without.
    from backend.core.named_databases import NamedDatabase  # noqa: PLC0415 - see above

    return NamedDatabase.called(database).metadata


class _Visit:
    """One database during one command, locked and prepared.

    Args:
        stack: ends the visit.
        database: its name.
        joint: what is to be done in all databases.
        command: Alembic's options of the command.
    """

    def __init__(
        self, stack: ExitStack, database: str, joint: JointPlan, command: dict[str, Any]
    ) -> None:
        self.database = database
        config = context.config
        limits = Limits.of(config)
        only_reads = command.get("dont_mutate", False)
        connection: Connection | None = config.attributes.get("connection")
        if connection is None:
            engine = _engine(config, database)
            stack.callback(engine.dispose)
            if engine.dialect.name == "sqlite" and not only_reads:
                # Before the first connection: to turn on WAL fails while another one does.
                file = Path(engine.url.database or "")
                stack.enter_context(locks.sqlite_lock(file, limits.migration_lock_seconds))
            # A transaction that began as a reader cannot write once another has written.
            options = {} if only_reads else {"sqlite_begin": "IMMEDIATE"}
            connection = stack.enter_context(_connected(engine.execution_options(**options)))
        compares = "revision_context" in command
        plan = joint.comparison_of(database) if compares else joint.steps_of(database)
        self._connection = connection
        self._steps = Steps(plan, connection, limits)
        if not only_reads:
            _prepare(stack, connection, limits, self._steps)

    def heads(self) -> tuple[str, ...]:
        """The revisions that the database is at."""
        heads = database_heads(self._connection, self.database)
        self._connection.rollback()
        return tuple(heads)

    def run(self, metadata: MetaData) -> None:
        """Carry out the database's part of the command."""
        connection = self._connection
        with warnings.catch_warnings():
            # They are compared by `sqlite_indexes`.
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
            context.configure(
                connection=connection,
                version_table=version_table_of(self.database),
                transaction_per_migration=True,
                on_version_apply=(
                    foreign_keys.check_foreign_keys if connection.dialect.name == "sqlite" else None
                ),
                fn=self._steps,
                **comparison_options(
                    connection, metadata, context.config.attributes.get("alike", ())
                ),
            )
            if connection.in_transaction():
                context.run_migrations()
            else:
                self._steps.run(context.run_migrations)


def _run_offline(histories: Histories) -> None:
    """Write out the statements, one database after the other."""
    config = context.config
    joint = JointPlan(context.get_context().opts["fn"], histories)
    start = context.get_starting_revision_argument()
    begun = [one.revision for one in context.script.get_revisions(start or ())]
    joint.heads = {name: histories.of(begun, name) for name in histories.databases}
    databases = _given(config) or histories.databases
    for database in databases:
        context.configure(
            url=_engine(config, database).url,
            starting_rev=next(iter(joint.heads.get(database, ())), "base"),
            version_table=version_table_of(database),
            target_metadata=MetaData(naming_convention=NAMING_CONVENTION),
            transaction_per_migration=True,
            literal_binds=True,
            dialect_opts={"paramstyle": "named"},
            fn=_titled(joint.steps_of(database), database if len(databases) > 1 else None),
        )
        context.run_migrations()


def _titled(plan: PlanSteps, database: str | None) -> PlanSteps:
    """The same steps; the statements written out begin with the name of their database."""

    def titled(heads: tuple[str, ...], migration_context: MigrationContext) -> Iterable[Any]:
        steps = list(plan(heads, migration_context))
        if steps and database is not None:
            migration_context.impl.static_output(f"-- Database: {database or 'the main one'}")
        return steps

    return titled


def _given(config: Config) -> tuple[str, ...]:
    """The name of the one database that the command is given; none if it concerns all."""
    if "connection" in config.attributes or config.attributes.get("database_url") is not None:
        return (config.attributes.get("database") or MAIN_DATABASE,)
    return ()


def _engine(config: Config, database: str) -> Engine:
    try:
        url = config.attributes.get("database_url")
        if url is None:
            url = load_settings().database_url_of(database)
        return make_engine(url, pool_size=1, setting=database_setting(database))
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


def _configure_logging(config: Config) -> None:
    if config.config_file_name is not None and config.attributes.get("configure_logging", True):
        fileConfig(config.config_file_name, disable_existing_loggers=False)
