"""When a column's type changes on SQLite, no value changes in silence."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from backend.core.migrations import MigrationError
from backend.core.types import ExactDecimal
from tests.migrations.catalogue import rows, run
from tests.migrations.project import Project

EXACT = "sa.Numeric(precision={}, scale={}).with_variant(sa.Text(), 'sqlite')"

# (values before, type before, type after, values after)
KEPT = [
    (["1", "22"], "sa.String(5)", "sa.Integer()", [1, 22]),
    ([1, 22, None], "sa.Integer()", "sa.String(5)", ["1", "22", None]),
    (["1.5", "2"], "sa.String(5)", "sa.Numeric(5, 2)", [1.5, 2]),
    (["2026-11-22"], "sa.String(10)", "sa.Date()", ["2026-11-22"]),
    (["2026-11-22 10:00:00.000000"], "sa.Text()", "sa.DateTime()", ["2026-11-22 10:00:00.000000"]),
    (["10:00:00.000000"], "sa.Text()", "sa.Time()", ["10:00:00.000000"]),
    ([0, 1], "sa.Integer()", "sa.Boolean()", [0, 1]),
    (['{"a": 1}'], "sa.Text()", "sa.JSON()", ['{"a": 1}']),
    (["ab" * 16], "sa.Text()", "sa.Uuid()", ["ab" * 16]),
    (["'"], "sa.Text()", "sa.String(5)", ["'"]),
]

REFUSED = [
    (["twelve"], "sa.Text()", "sa.Integer()"),
    (["1.5"], "sa.Text()", "sa.Integer()"),
    (["2026-11-22 10:00:00"], "sa.DateTime()", "sa.Date()"),
    (["2026-11-22"], "sa.Date()", "sa.DateTime()"),
    (["noon"], "sa.Text()", "sa.Time()"),
    ([2], "sa.Integer()", "sa.Boolean()"),
    (["{"], "sa.Text()", "sa.JSON()"),
    (["A-B"], "sa.Text()", "sa.Uuid()"),
    (["x"], "sa.Text()", "sa.LargeBinary()"),
    (["x"], "sa.Text()", "sa.Float()"),
]


def change(project: Project, url: str, values: list[object], old: str, new: str) -> None:
    project.revision("r1", f"op.create_table('t', sa.Column('a', {old}))")
    project.upgrade(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    project.revision(
        "r2",
        "with op.batch_alter_table('t') as batch:\n"
        f"    batch.alter_column('a', existing_type={old}, type_={new})",
    )
    project.upgrade(url)


@pytest.mark.parametrize("case", KEPT, ids=str)
def test_values_that_the_new_type_reads_are_kept(
    project: Project, sqlite_url: str, case: tuple[list[object], str, str, list[object]]
) -> None:
    values, old, new, expected = case
    change(project, sqlite_url, values, old, new)
    assert rows(sqlite_url, "SELECT a FROM t") == [(value,) for value in expected]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_values_that_the_new_type_does_not_read_stop_the_change(
    project: Project, sqlite_url: str, case: tuple[list[object], str, str]
) -> None:
    values, old, new = case
    with pytest.raises(MigrationError, match=r"1 values of t\.a cannot be read as"):
        change(project, sqlite_url, values, old, new)
    assert rows(sqlite_url, "SELECT a FROM t") == [(value,) for value in values]


@pytest.mark.parametrize("numbers", [["-12.5", "0", "3.25", "99.99"]])
@pytest.mark.parametrize("new", [(4, 2), (9, 4), (6, 2), (30, 10)])
def test_exact_decimals_are_written_anew(
    project: Project, sqlite_url: str, numbers: list[str], new: tuple[int, int]
) -> None:
    values: list[object] = [stored(number, (4, 2)) for number in numbers]
    change(project, sqlite_url, values, EXACT.format(4, 2), EXACT.format(*new))
    found = rows(sqlite_url, "SELECT a FROM t ORDER BY a")
    assert found == [(stored(number, new),) for number in numbers]


@pytest.mark.parametrize(("old", "value"), [(EXACT.format(4, 2), "99.99"), ("sa.Text()", "ten")])
def test_what_is_no_such_decimal_stops_the_change(
    project: Project, sqlite_url: str, old: str, value: str
) -> None:
    values: list[object] = [stored(value, (4, 2)) if value == "99.99" else value]
    with pytest.raises(MigrationError, match=r"1 values of t\.a cannot be read as"):
        change(project, sqlite_url, values, old, EXACT.format(4, 1))
    assert rows(sqlite_url, "SELECT a FROM t") == [(values[0],)]


@pytest.mark.parametrize(("old", "value"), [("sa.Integer()", 7), ("sa.Text()", "7")])
def test_other_numbers_become_exact_decimals_and_back(
    project: Project, sqlite_url: str, old: str, value: object
) -> None:
    change(project, sqlite_url, [value, None], old, EXACT.format(8, 2))
    assert rows(sqlite_url, "SELECT a FROM t") == [(stored("7", (8, 2)),), (None,)]
    project.revision(
        "r3",
        "with op.batch_alter_table('t') as batch:\n"
        f"    batch.alter_column('a', existing_type={EXACT.format(8, 2)}, type_=sa.Integer())",
    )
    project.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT a FROM t") == [(7,), (None,)]


def test_an_exact_decimal_needs_to_know_what_it_was(project: Project, sqlite_url: str) -> None:
    run(sqlite_url, "CREATE TABLE t (a TEXT)")
    project.revision("r1", f"op.alter_column('t', 'a', type_={EXACT.format(8, 2)})")
    with pytest.raises(MigrationError, match="Say existing_type"):
        project.upgrade(sqlite_url)


def stored(number: str, form: tuple[int, int]) -> str:
    return str(ExactDecimal(*form).process_bind_param(Decimal(number), SQLiteDialect()))
