"""docs/settings.md lists every setting with its default."""

import re
from pathlib import Path

from backend.core.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `JEDGEBOT_(\w+)` \| (.+?) \|", re.MULTILINE)


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {name.lower(): default for name, default in ROW.findall(PAGE.read_text())}
    assert list(listed) == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if name not in ("database_url", "secret_key"):
            default = str(field.default)
            written = default.lower() if isinstance(field.default, bool) else default
            assert listed[name] == f"`{written}`", name
