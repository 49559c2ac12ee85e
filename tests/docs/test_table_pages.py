"""The page of each table names all that the table has."""

from pathlib import Path

import pytest
from sqlalchemy import Table

from backend.models import metadata

PAGES = Path(__file__).resolve().parents[2] / "docs" / "tables"
TABLES = [table for table in metadata.sorted_tables if (PAGES / f"{table}.md").exists()]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_page_names_columns_constraints_and_indexes(table: Table) -> None:
    text = (PAGES / f"{table}.md").read_text()
    parts = [*table.columns, *table.constraints, *table.indexes]
    assert [part.name for part in parts if f"`{part.name}`" not in text] == []
