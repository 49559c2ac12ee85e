"""The served OpenAPI document is true: it names every status, and none is a 5xx."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.contract.long_urls import undocumented
from tests.system.server import PROJECT_ROOT, serving

EXAMPLES = os.environ.get("JEDGEBOT_CONTRACT_EXAMPLES", "6")


def test_every_answer_is_documented_and_none_is_5xx(database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with serving(
        database_url,
        log,
        login_limit_per_address="1000000 per minute",
        password_hash_queue="1000",
        log_level="error",
    ) as base_url:
        assert undocumented(base_url) == []
        found = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
                "run",
                f"{base_url}/openapi.json",
                "--phases=fuzzing,stateful",
                f"--max-examples={EXAMPLES}",
                "--workers=2",
                # What a field means (an IANA name, an uncommon password) no schema can say.
                "--exclude-checks=positive_data_acceptance",
                "--continue-on-failure",
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(PROJECT_ROOT),
                "SCHEMATHESIS_HOOKS": "tests.contract.hooks",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stdout[-6000:] + log.read_text()[-2000:]
    cases = re.search(r"(\d+) generated", found.stdout)
    assert cases is not None
    assert int(cases[1]) >= 40, found.stdout[-2000:]
    assert log.read_text() == ""
