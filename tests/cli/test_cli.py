"""Words that are no command: one line that says what is wrong, one that says what to do."""

import pytest

from jedgebot.cli import run


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("table",),
        ("portfolio",),
        ("tabel",),
        ("table", "ad"),
        ("serve", "--prot", "1"),
        ("demo", "x"),
    ],
)
def test_misuse_exits_with_2_and_a_hint(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: ")
    assert len(lines[0]) < 100
    assert lines[1].startswith("hint: `jedgebot")
