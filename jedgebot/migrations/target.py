"""The database that a new table is for: read without a trace, migrated in one step."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from backend.core.engine import make_engine
from backend.core.migrations import alembic_config
from backend.core.migrations.limits import Limits
from backend.core.migrations.locks import sqlite_lock
from backend.core.revisions import database_heads
from backend.core.settings import MAIN_DATABASE, database_setting, load_settings
from jedgebot.errors import Failure
from jedgebot.migrations.read_only import read_only_engine

Mark = Mapping[str, str]


class Target:
    """The database at an address.

    Args:
        root: of the project.
        url: the address.
        database: its name; empty for the main one.

    Attributes:
        shown: the address without its password.

    Raises:
        SettingsError: the address cannot be used.
    """

    def __init__(self, root: Path, url: str, database: str = MAIN_DATABASE) -> None:
        self._root = root
        self._database = database
        self._setting = database_setting(database)
        self.url = url
        parsed = make_url(url)
        is_file = parsed.get_backend_name() == "sqlite" and bool(parsed.database)
        self._file = Path(parsed.database or "").absolute() if is_file else None
        self.shown = parsed.render_as_string(hide_password=True)

    @classmethod
    def named(cls, root: Path, database: str) -> "Target":
        """The database of this name, where the settings say it is.

        Raises:
            SettingsError: they do not, or its address cannot be used.
        """
        return cls(root, load_settings().database_url_of(database), database)

    @property
    def exists(self) -> bool:
        """Whether there is a database; a server's is said to exist."""
        return self._file is None or self._file.exists()

    def require_at(self, head: str) -> None:
        """Let a database pass that is at the head of the revisions, or is yet to be made.

        Args:
            head: a revision; "base" if there is none yet.

        Raises:
            Failure: it is not, or cannot be reached.
        """
        if not self.exists:
            return
        heads = self._heads()
        if heads != ({head} - {"base"}):
            raise Failure(
                f"the database {self.shown} is at {', '.join(sorted(heads)) or 'no revision'}, "
                f"not at {head}.",
                "Run `alembic upgrade heads`, then run the command again.",
            )

    def mark(self, revision: str) -> Mark:
        """What tells another process whether a revision was applied here."""
        return {
            "name": self._database,
            "revision": revision,
            "database": hashlib.sha256(self.url.encode()).hexdigest(),
            "draft": "" if self._file is None else str(self._draft(self._file)),
        }

    @property
    def no_mark(self) -> Mark:
        """The mark of a change that leaves the database alone: it holds once it is written."""
        return {"revision": "", "database": "", "draft": ""}

    def apply(self, revision: str, *, together: bool = False) -> None:
        """Bring the database to a revision; a SQLite file that is not there appears whole.

        Args:
            revision: the last one.
            together: whether all revisions up to it are one transaction; else each is one.

        Raises:
            Failure: it cannot be done; the database is as it was.
        """
        if self._file is None or self._file.exists():
            self._upgrade(self.url, revision, together=together)
            return
        draft = self._draft(self._file)
        _remove_database(draft)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._upgrade(f"sqlite:///{draft}", revision)
            with closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            _appear(draft, self._file)
        finally:
            _remove_database(draft)

    def holds(self, mark: Mark) -> bool:
        """Whether the revision of a mark was applied.

        Raises:
            Failure: the mark is of another database, or this one cannot be reached.
        """
        if mark == self.no_mark:
            return True
        if mark.get("name", MAIN_DATABASE) != self._database:
            return Target.named(self._root, mark["name"]).holds(mark)
        if mark["database"] != self.mark("")["database"]:
            raise Failure(
                "a table was being added to another database when jedgebot was killed.",
                f"Set {self._setting} as it was then, and run any jedgebot command.",
            )
        if mark["draft"]:
            _remove_database(Path(mark["draft"]))
        return self.exists and mark["revision"] in self._heads()

    def _upgrade(self, url: str, revision: str, *, together: bool = False) -> None:
        config = alembic_config(self._root, url, self._database)
        try:
            with ExitStack() as stack:
                if together:
                    config.attributes["connection"] = stack.enter_context(self._begun(config))
                command.upgrade(config, revision)
        except Exception as error:  # a revision is Python, which may raise anything
            raise Failure(
                f"the migration could not be applied to {self.shown}: {_first_line(error)}",
                "Mend that, then run the command again; nothing was changed.",
            ) from error

    @contextmanager
    def _begun(self, config: Config) -> Iterator[Connection]:
        """A connection in a transaction, which is committed in the end."""
        limits = Limits.of(config)
        engine = make_engine(self.url, pool_size=1)
        with ExitStack() as stack:
            stack.callback(engine.dispose)
            if self._file is not None:
                stack.enter_context(sqlite_lock(self._file, limits.migration_lock_seconds))
                engine = engine.execution_options(sqlite_begin="IMMEDIATE")
            connection = stack.enter_context(engine.begin())
            if self._file is None:
                # A table that is referred to is locked for a moment; nobody is to wait for long.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            yield connection

    def _heads(self) -> frozenset[str]:
        """The revisions that the database is at; a SQLite file is only read."""
        engine = read_only_engine(self.url)
        if engine is None:
            return frozenset()
        try:
            with engine.connect() as connection:
                return database_heads(connection, self._database)
        except SQLAlchemyError as error:
            raise Failure(
                f"the database {self.shown} cannot be reached: {_first_line(error)}",
                f"Start it, or set {self._setting}, then run the command again.",
            ) from error
        finally:
            engine.dispose()

    @staticmethod
    def _draft(file: Path) -> Path:
        return file.with_name(f".{file.name}.jedgebot")


def _appear(draft: Path, file: Path) -> None:
    """Give the finished file its name, in one step, unless another process has made it."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise Failure(
            f"another process has made the database {file} meanwhile.",
            "Run the command again.",
        ) from None
    except OSError:
        draft.rename(file)  # a file system without hard links


def _remove_database(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".migration-lock"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().splitlines()[0] if str(original).strip() else type(error).__name__
