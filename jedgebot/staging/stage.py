"""What can be asked of the models and migrations in the staged copy, in a process of its own.

What is here under a name of its own may run as a job, side by side with the others.
"""

import gc
import importlib
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from backend.core.migrations import upgrade
from backend.core.models import Base
from backend.core.named_databases import metadata_of
from backend.core.settings import MAIN_DATABASE
from jedgebot.migrations.catalogue import modelled, modelled_since
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.proof import prove
from jedgebot.migrations.revision import Revision, databases_of, head_of, make_revision
from jedgebot.migrations.script import offline_sql
from jedgebot.plan import Plan
from jedgebot.planning import plan_for
from jedgebot.spec.project import Project as Tables
from jedgebot.spec.table import TableSpec
from jedgebot.staging import drift, postgresql, scripts
from jedgebot.staging.kept import Makers, is_made_by_revisions_alone, keep, makers_of, take
from jedgebot.staging.staged_copy import StagedCopy


class Stage(StagedCopy):
    """The models and migrations of the staged copy."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._tables = Tables(root)
        self._alike: Collection[str] = ()
        scripts.share()

    def resolved(self, specs: Sequence[TableSpec]) -> tuple[list[TableSpec], int]:
        """Import the models, and resolve the references of new tables.

        Returns:
            the tables, each behind those it refers to; and how many tables there are already.

        Raises:
            Misuse: a reference cannot be.
            Failure: the project's code cannot be imported.
        """
        found = self._tables.resolved_all(specs)
        return found, len(self._tables.metadata.tables)

    def plan(self, specs: Sequence[TableSpec]) -> Plan | None:
        """Plan new tables; see `jedgebot.planning`.

        Raises:
            Misuse: a table cannot be so called, or something of its name is there and is not it.
            Failure: a shared file cannot be edited, or a file of a table is missing.
        """
        return plan_for(specs, self._tables)

    def head(self, database: str) -> str:
        """The one head of a database's revisions; "base" if there are none.

        Raises:
            Failure: there are several.
        """
        return head_of(self._root, database)

    def prepare(self, kept: Path) -> Makers | None:
        """Bring scratch databases to head, as a job.

        Args:
            kept: where such files may be kept from the last time; see `staging.kept`.

        Returns:
            what made them, for `keep_migrated`; None if more did than can be told.
        """
        gc.disable()  # a search for garbage among a thousand revisions takes longer than they do
        self._var.mkdir(exist_ok=True)
        makers = makers_of(self._root)
        taken = take(kept, makers, self._var)
        if not taken:
            upgrade(self._url)
            for database in databases_of(self._root)[1:]:
                upgrade(self._url_of(database), database=database)
        for file in taken or self._migrated():
            shutil.copyfile(file, self._before(file))
        return makers if taken or is_made_by_revisions_alone(self._root) else None

    def keep_migrated(self, kept: Path, before: Makers, revisions: Collection[str]) -> None:
        """Keep the scratch databases, which are at the new head, for the next time.

        Args:
            kept: where; see `staging.kept`.
            before: what made them, as `prepare` has found it.
            revisions: the new ones, from the root.
        """
        keep(kept, self._root, self._migrated(), before, revisions)

    def require_no_pending(self, database: str) -> None:
        """Let models pass that have nothing that no migration makes; see `staging.drift`.

        Raises:
            Failure: they have.
        """
        if head_of(self._root, database) != "base":
            metadata = metadata_of(database) or Base.metadata
            before = f"sqlite:///{self._before_of(database)}"
            self._modelled[database] = drift.require_no_pending(metadata, before)
            # Alembic reads all tables if it is to read none.
            self._alike = frozenset(list(metadata.tables)[1:])

    def require_as_migrated(self, url: str, shown: str, database: str) -> str:
        """Let the database in use pass if it is as migrated; see `staging.drift`.

        Raises:
            Failure: it is not.
        """
        if head_of(self._root, database) == "base":
            return ""  # its first revision is yet to be made
        before = f"sqlite:///{self._before_of(database)}"
        return drift.require_as_migrated(url, shown, database, before)

    def begin_database(self, database: str) -> list[Revision]:
        """Make the first revision of a database that has none.

        Raises:
            Failure: it cannot be made.
        """
        if head_of(self._root, database) != "base":
            return []
        expected = Expected.first_of_a_database()
        revision = make_revision(
            self._root, self._url_of(database), expected, f"Begin {database}", database
        )
        upgrade(self._url_of(database), revision.id, database)
        return [revision]

    def make_revision(self, expected: Expected, message: str, database: str) -> Revision:
        """Make and review the revision of the next table; apply it.

        Raises:
            Failure: it is not that of the table, or does something else too.
        """
        importlib.invalidate_caches()
        importlib.import_module(f"backend.{expected.table}.models")
        url = self._url_of(database)
        revision = make_revision(self._root, url, expected, message, database, alike=self._alike)
        upgrade(url, revision.id, database)
        return revision

    def import_all(self, tables: Sequence[str], database: str) -> None:
        """Make what the models make; those of the new tables were imported for their revisions."""
        metadata = metadata_of(database) or Base.metadata
        before = self._modelled.get(database)
        self._modelled[database] = (
            modelled(metadata) if before is None else modelled_since(metadata, before, tables)
        )

    def prove_on_sqlite(
        self, revisions: Sequence[Revision], expected: Sequence[Expected], database: str
    ) -> list[str]:
        """Take the revisions up, down and up, with rows; see `jedgebot.migrations.proof`.

        Raises:
            Failure: they do something else than they should, or touch rows.
        """
        url = f"sqlite:///{self._before_of(database)}"
        wanted = self._modelled[database]
        return prove(self._root, url, revisions, expected, database=database, wanted=wanted)

    def prove_on_postgresql(
        self, revisions: Sequence[Revision], expected: Sequence[Expected], database: str
    ) -> list[str]:
        """Do what `prove_on_sqlite` does, on the server that was begun before.

        Raises:
            Failure: as above, or there is no such server.
        """
        if database == MAIN_DATABASE:
            url = postgresql.address(self._var)
        else:
            url = postgresql.empty_database(self._var, database)
        scripts.read_anew()
        return prove(self._root, url, revisions, expected, database=database)

    def sql(self, down: str, up: str, database: str) -> dict[str, str]:
        """The statements of the new revisions, for each kind of database."""
        return offline_sql(self._root, down, up, database)

    def _file_of(self, database: str) -> Path:
        # Beside the main one, where the settings find it without being told.
        return self._var / f"{database}.db" if database else self._scratch

    def _migrated(self) -> list[Path]:
        return [self._file_of(database) for database in databases_of(self._root)]

    def _before_of(self, database: str) -> Path:
        return self._before(self._file_of(database))

    def _before(self, file: Path) -> Path:
        return file.with_stem(f"{file.stem}-before")

    def _url_of(self, database: str) -> str:
        return f"sqlite:///{self._file_of(database)}"
