"""The newest revisions, read without Alembic, are those that Alembic knows."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from backend.core.migrations import alembic_config
from backend.core.revisions import script_heads
from backend.core.settings import PROJECT_ROOT

HISTORIES = {
    "none": [],
    "one": [("a", None)],
    "a line": [("a", None), ("b", "a"), ("c", "b")],
    "two branches": [("a", None), ("b", "a"), ("c", "a")],
    "merged branches": [("a", None), ("b", "a"), ("c", "a"), ("d", ("b", "c"))],
    "two bases": [("a", None), ("b", None)],
}

_PLAIN = "revision = {0!r}\ndown_revision = {1!r}\n"
FORMS = {
    "plain": f"{_PLAIN}\n\ndef upgrade():\n    pass\n",
    "annotated": "revision: str = {0!r}\ndown_revision: str | None = {1!r}\n",
    "after a text": f'"""A\ndef in a text.\nrevision = 1\n"""\n{_PLAIN}',
    "below": f"def upgrade():\n    revision = 1\n\n\n{_PLAIN}",
}


def test_the_projects_own_heads_are_alembics() -> None:
    scripts = ScriptDirectory.from_config(alembic_config(PROJECT_ROOT))
    assert script_heads() == frozenset(scripts.get_heads())
    assert script_heads()


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_heads_are_alembics(
    history: list[tuple[str, str | tuple[str, ...] | None]], form: str, tmp_path: Path
) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    for revision, parents in history:
        (versions / f"{revision}.py").write_text(form.format(revision, parents))
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    expected = ScriptDirectory.from_config(config).get_heads()
    assert script_heads(versions) == frozenset(expected)


@pytest.mark.parametrize("source", ["x = 1\n", "def (", "revision = 'a'\n"])
def test_a_file_that_is_no_revision_is_named(source: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(source)
    with pytest.raises(ValueError, match=r"wrong\.py"):
        script_heads(tmp_path)
