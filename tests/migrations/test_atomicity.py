"""A revision that fails at any statement leaves the database as it was, and can run again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Connection, Engine, event

from tests.migrations.catalogue import catalogue, rows
from tests.migrations.project import Project

FIRST = """
op.create_table("p", sa.Column("id", sa.Integer(), nullable=False), sa.Column("x", sa.Integer()),
    sa.PrimaryKeyConstraint("id", name="pk_p"))
op.create_table("c", sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("p", sa.Integer()), sa.Column("n", sa.String(9)),
    sa.PrimaryKeyConstraint("id", name="pk_c"),
    sa.ForeignKeyConstraint(["p"], ["p.id"], name="fk_c_p", ondelete="CASCADE"))
op.create_index("ix_c_n", "c", ["n"])
op.execute("INSERT INTO p (id, x) VALUES (1, 10), (2, 20)")
op.execute("INSERT INTO c (id, p, n) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, NULL)")
"""

CHANGES = """
op.create_table("new", sa.Column("id", sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_new"))
op.execute("UPDATE c SET n = 'none' WHERE n IS NULL")
with op.batch_alter_table("p") as batch:
    batch.add_column(sa.Column("y", sa.Integer(), server_default="1", nullable=False))
    batch.alter_column("x", existing_type=sa.Integer(), nullable=False)
    batch.create_check_constraint(op.f("ck_p_x"), "x > 0")
with op.batch_alter_table("c") as batch:
    batch.drop_index("ix_c_n")
    batch.alter_column("n", existing_type=sa.String(9), type_=sa.Text(), nullable=False)
    batch.alter_column("p", new_column_name="parent", existing_type=sa.Integer())
op.create_index("ux_c_n", "c", [sa.literal_column("lower(n)"), "parent"], unique=True)
op.rename_table("new", "newer")
op.execute("INSERT INTO c (id, parent, n) VALUES (4, 2, 'd')")
"""


class Fault(Exception):
    """What a test throws into the middle of a revision."""


@contextmanager
def fault_at(number: int) -> Iterator[list[str]]:
    """Count the statements, and fail at one of them; the commit after them counts as one."""
    sent: list[str] = []

    def send(statement: str) -> None:
        sent.append(statement)
        if len(sent) == number:
            raise Fault(statement)

    def execute(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        send(statement)

    def commit(_connection: Connection) -> None:
        send("COMMIT")

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", execute)
        event.remove(Engine, "commit", commit)


def test_a_fault_at_any_statement_leaves_no_trace(project: Project, empty_url: str) -> None:
    project.revision("first", FIRST)
    project.upgrade(empty_url)
    project.revision("changes", CHANGES)
    before, data = catalogue(empty_url), rows(empty_url, "SELECT * FROM c ORDER BY id")
    faults = 0
    while True:
        with fault_at(faults + 1) as sent, suppress(Fault):
            project.upgrade(empty_url)
        if ("version", "changes", "", "") in catalogue(empty_url):
            break
        assert catalogue(empty_url) == before, sent[-1]
        assert rows(empty_url, "SELECT * FROM c ORDER BY id") == data, sent[-1]
        faults += 1
    assert faults > 20
    project.upgrade(empty_url)
    assert rows(empty_url, "SELECT id, parent, n FROM c ORDER BY id") == [
        (1, 1, "a"),
        (2, 1, "b"),
        (3, 2, "none"),
        (4, 2, "d"),
    ]


def test_a_first_revision_that_fails_leaves_an_empty_database(
    project: Project, empty_url: str
) -> None:
    project.revision("first", f"{FIRST}\nop.execute('SELECT * FROM missing')")
    with pytest.raises(Exception, match="missing"):
        project.upgrade(empty_url)
    assert catalogue(empty_url) == []


def test_revisions_before_the_one_that_fails_stay(project: Project, empty_url: str) -> None:
    project.revision("first", FIRST)
    project.revision("fails", "op.drop_table('c')\nraise RuntimeError('half-way')")
    with pytest.raises(RuntimeError, match="half-way"):
        project.upgrade(empty_url)
    assert ("version", "first", "", "") in catalogue(empty_url)
    assert len(rows(empty_url, "SELECT * FROM c")) == 3


def test_a_process_that_dies_in_a_revision_leaves_no_trace_and_no_lock(
    project: Project, empty_url: str
) -> None:
    project.revision("first", FIRST)
    project.upgrade(empty_url)
    before = catalogue(empty_url)
    project.revision("dies", f"{CHANGES}\nimport os\nos.kill(os.getpid(), 9)")
    process = project.start(empty_url, "upgrade", "head")
    process.communicate()
    assert process.returncode == -9
    assert catalogue(empty_url) == before
    (project.versions / "dies.py").write_text(
        (project.versions / "dies.py").read_text().replace("os.kill(os.getpid(), 9)", "")
    )
    project.upgrade(empty_url)
    assert ("version", "dies", "", "") in catalogue(empty_url)


def test_a_downgrade_that_fails_leaves_no_trace(project: Project, empty_url: str) -> None:
    project.revision("first", FIRST, "op.drop_table('c')\nop.drop_table('ghost')")
    project.upgrade(empty_url)
    before = catalogue(empty_url)
    with pytest.raises(Exception, match="ghost"):
        project.downgrade(empty_url, "base")
    assert catalogue(empty_url) == before


def test_an_autocommit_block_commits_what_is_before_it(project: Project, empty_url: str) -> None:
    project.revision("first", FIRST)
    index = "CREATE INDEX {} ix ON c (p)".format(
        "CONCURRENTLY" if empty_url.startswith("postgresql") else ""
    )
    project.revision(
        "index", f"with op.get_context().autocommit_block():\n    op.execute({index!r})"
    )
    project.revision("fails", "op.drop_table('c')\nraise RuntimeError('half-way')")
    with pytest.raises(RuntimeError, match="half-way"):
        project.upgrade(empty_url)
    assert ("version", "index", "", "") in catalogue(empty_url)
    assert any(item[0] == "index" and "ix" in item for item in catalogue(empty_url))
    assert len(rows(empty_url, "SELECT * FROM c")) == 3
