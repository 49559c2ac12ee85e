"""`docs/example-table.md` shows what `jedgebot table add` writes."""

from pathlib import Path

from tests.docs.example_table import PAGE, ROOT, example_page, made_functions, present_functions

AGAIN = "run `.venv/bin/python -m tests.docs.example_table`"


def test_the_page_shows_the_files_and_the_edits() -> None:
    assert PAGE.read_text(encoding="utf-8") == example_page(present_functions()), AGAIN


def test_the_page_shows_the_revision(tmp_path: Path) -> None:
    assert present_functions() == made_functions(tmp_path), AGAIN


def test_the_readme_names_the_page() -> None:
    assert "docs/example-table.md" in (ROOT / "README.md").read_text(encoding="utf-8")
