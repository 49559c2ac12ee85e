"""The proof of revisions on a scratch database: up, down and up again, with rows in the tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, make_url
from sqlalchemy.exc import DBAPIError

from backend.core.engine import make_engine
from backend.core.migrations import alembic_config
from backend.core.models import Base
from backend.core.named_databases import metadata_of
from backend.core.settings import MAIN_DATABASE
from jedgebot.errors import Failure
from jedgebot.migrations.catalogue import Catalogue, compare, modelled, read
from jedgebot.migrations.edge_rows import EdgeRows, is_known
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.partitions import is_owned, prove_partitioned
from jedgebot.migrations.revision import Revision

NEIGHBOURS = 20
"""How many tables, beside those that the new ones refer to, have rows during the proof."""

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def prove(
    root: Path,
    url: str,
    revisions: Sequence[Revision],
    expected: Sequence[Expected],
    metadata: MetaData | None = None,
    *,
    database: str = MAIN_DATABASE,
    wanted: Catalogue | None = None,
) -> list[str]:
    """Prove revisions that follow each other and create one table each.

    The database ends at the last revision, without rows.

    Args:
        root: of the project, whose migrations are run.
        url: of a database without rows, at the revision before the first one or before that.
        revisions: in their order.
        expected: what each of them creates.
        metadata: of its tables, if not that of the models.
        database: the name of the database that they are for.
        wanted: what the models make of an empty database of this kind, if that is known.

    Returns:
        what was seen, a line each.

    Raises:
        Failure: models and migrations disagree before; a revision creates something else, or
            leaves a trace when it is taken back, or touches rows; or a table takes no rows, or
            cannot be spread by its owner.
    """
    engine = make_engine(url, pool_size=1)
    try:
        config = alembic_config(root, url, database)
        tables = metadata or metadata_of(database) or Base.metadata
        return _Proof(config, engine, revisions, expected, tables).run(wanted)
    finally:
        engine.dispose()


class _Proof:
    def __init__(
        self,
        config: Config,
        engine: Engine,
        revisions: Sequence[Revision],
        expected: Sequence[Expected],
        metadata: MetaData,
    ) -> None:
        self._config = config
        self._engine = engine
        self._revisions = revisions
        self._paths = ", ".join(one.path for one in revisions)
        self._new = [metadata.tables[one.table] for one in expected]
        self._rows = EdgeRows(_with_neighbours(self._new, metadata))
        self._neighbours = [one for one in self._rows.tables if one not in self._new]
        self._metadata = metadata

    def run(self, wanted: Catalogue | None) -> list[str]:
        """Carry the proof out."""
        name = _DATABASES[make_url(self._engine.url).get_backend_name()]
        if self._revisions[0].down != "base":
            self._to(self._revisions[0].down)
        wanted, before = wanted or self._modelled(), self._catalogue()
        self._require_no_drift(wanted, before)
        neighbours = self._fill_neighbours()
        after = self._create_each(before)
        self._require_as_modelled(wanted, after)
        self._fill_new()
        self._back(self._revisions[0].down, before)
        self._require_same_rows(neighbours, "taken back")
        self._to(self._revisions[-1].id)
        if compare(after, self._catalogue(), order=True):
            raise Failure(
                f"{_named(self._new)} is another table the second time.",
                f"Look at upgrade() in {self._paths}.",
            )
        self._require_same_rows(neighbours, "applied")
        self._fill_new()
        self._empty()
        parts = sum(len(after[table.name]) for table in self._new)
        rows = sum(len(self._rows.of(table)) for table in self._new)
        stayed = sum(len(found) for found in neighbours.values())
        same = f"{parts} parts of {_named(self._new)}, those of the model and no others"
        taken = f"{rows} rows of edge cases inserted and read back, twice"
        kept = f"{stayed} rows of {len(self._neighbours)} other tables as they were"
        seen = [f"{name}: {same}, the same after down and up", f"{name}: {taken}; {kept}"]
        return [*seen, *self._spread(name)]

    def _spread(self, name: str) -> Iterator[str]:
        owned = [table.name for table in self._new if is_owned(table)]
        if owned and self._engine.dialect.name == "postgresql":
            with self._engine.connect() as connection:
                yield f"{name}: {prove_partitioned(connection, self._metadata, owned)}"

    def _to(self, revision: str) -> None:
        command.upgrade(self._config, revision)

    def _catalogue(self) -> Catalogue:
        with self._engine.connect() as connection:
            return read(connection)

    def _modelled(self) -> Catalogue:
        if self._engine.dialect.name == "sqlite":
            return modelled(self._metadata)
        with self._engine.connect() as connection:
            return modelled(self._metadata, connection)

    def _require_no_drift(self, wanted: Catalogue, before: Catalogue) -> None:
        new = {table.name for table in self._new}
        lines = [
            f"{one.subject}: {one.line('the models', 'the migrations')}"
            for one in compare(wanted, before)
            # What is no table and only wanted, such as a type, is that of a new table.
            if one.subject not in new and (one.found is not None or one.part != "definition")
        ]
        if lines:
            raise Failure(
                f"the models and the migrations disagree already: {'; '.join(lines)}.",
                "Make and apply a revision for that first, then run the command again.",
            )

    def _create_each(self, before: Catalogue) -> Catalogue:
        for revision, table in zip(self._revisions, self._new, strict=True):
            self._to(revision.id)
            after = self._catalogue()
            changed = {one.subject for one in compare(before, after, order=True)}
            created = {one for one in changed if one not in before}
            strange = changed - {table.name} - {one for one in created if one.startswith("type ")}
            if strange:
                raise Failure(
                    f"the revision of {table.name} also touches {', '.join(sorted(strange))}.",
                    f"Look at {revision.path}.",
                )
            before = after
        return before

    def _require_as_modelled(self, wanted: Catalogue, after: Catalogue) -> None:
        new = {table.name for table in self._new}
        lines = [
            f"{one.subject}: {one.line('the model', 'the migrated database')}"
            for one in compare(wanted, after, order=True)
            # Other tables may have their columns in the order in which they came.
            if one.subject in new or one.part in ("table", "definition")
        ]
        if lines:
            raise Failure(
                f"the revisions do not make what the models say: {'; '.join(lines)}.",
                f"Look at {self._paths}.",
            )

    def _back(self, down: str, before: Catalogue) -> None:
        command.downgrade(self._config, down)
        left = compare(before, self._catalogue(), order=True)
        if left:
            what = "; ".join(f"{one.subject}: {one.line('before', 'after')}" for one in left)
            raise Failure(
                f"the revision of {_named(self._new)} leaves a trace when it is taken back: "
                f"{what}.",
                f"Look at downgrade() in {self._paths}.",
            )

    def _fill_neighbours(self) -> dict[Table, list[str]]:
        with self._engine.begin() as connection:
            for table in self._neighbours:
                self._rows.insert_accepted(connection, table)
        return self._stored()

    def _fill_new(self) -> None:
        for table in self._new:
            try:
                with self._engine.begin() as connection:
                    self._rows.insert(connection, table)
                    wrong = list(self._rows.differences(connection, table))
            except DBAPIError as error:
                wrong = [str(error.orig).strip().splitlines()[0]]
            if wrong:
                raise Failure(
                    f"the table {table.name} does not hold every value of its types: {wrong[0]}.",
                    "Look at the model that was rendered.",
                )

    def _require_same_rows(self, before: dict[Table, list[str]], when: str) -> None:
        after = self._stored()
        touched = [table.name for table in before if before[table] != after[table]]
        if touched:
            raise Failure(
                f"the rows of {', '.join(touched)} are not as they were when the revision of "
                f"{_named(self._new)} is {when}.",
                f"Look at {self._paths}.",
            )

    def _stored(self) -> dict[Table, list[str]]:
        """The rows of the neighbours as the database writes them."""
        with self._engine.connect() as connection:
            return {table: _rows_of(connection, table) for table in self._neighbours}

    def _empty(self) -> None:
        with self._engine.begin() as connection:
            for table in reversed(self._rows.tables):
                connection.execute(table.delete())


def _with_neighbours(new: Sequence[Table], metadata: MetaData) -> list[Table]:
    """The tables that have rows during the proof, each behind those it refers to.

    Raises:
        Failure: a column of one of the new tables is of a type of which nothing is known.
    """
    wanted = set[Table]()
    for table in (*new, *list(metadata.tables.values())[:NEIGHBOURS]):
        closure = set[Table]()
        _close(table, closure)
        if all(is_known(one) for one in closure):
            wanted |= closure
        elif table in new:
            raise Failure(
                f"no rows can be made for {table.name}.",
                "Say in jedgebot/migrations/edge_values.py which values its types have.",
            )
    return [table for table in metadata.sorted_tables if table in wanted]


def _close(table: Table, closure: set[Table]) -> None:
    if table not in closure:
        closure.add(table)
        for key in table.foreign_keys:
            _close(key.column.table, closure)


def _rows_of(connection: Connection, table: Table) -> list[str]:
    name = connection.dialect.identifier_preparer.format_table(table)
    whole = "(t.*)::text" if connection.dialect.name == "postgresql" else "t.*"
    rows = connection.exec_driver_sql(f"SELECT {whole} FROM {name} AS t")  # noqa: S608 - a name
    return sorted(repr(tuple(row)) for row in rows)


def _named(tables: Sequence[Table]) -> str:
    return ", ".join(table.name for table in tables)
