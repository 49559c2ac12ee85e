"""`jedgebot demo`: the same data however often it runs, and what the examples say of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from backend.core.engine import make_engine
from jedgebot.cli import run
from jedgebot.commands.demo import EMAIL, FILES, PASSWORD, PORTFOLIOS
from tests.clients import Client

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(autouse=True)
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where commands run: on the test's database."""
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", database_url)


def rows_of(database_url: str) -> list[Any]:
    """The names of the portfolios, with the transactions of each."""
    engine = make_engine(database_url)
    statement = text(
        "SELECT name, allow_short, transactions.* FROM portfolios JOIN transactions"
        " ON portfolio_id = portfolios.id ORDER BY transactions.id"
    )
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    engine.dispose()
    return rows


def path_of(client: Client, name: str) -> str:
    """Where a portfolio is."""
    [portfolio] = client.get("/portfolios", params={"name": name}).json()["items"]
    return f"/portfolios/{portfolio['id']}"


def test_a_second_run_changes_nothing_and_the_files_are_known(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(("demo",)) == 0
    assert capsys.readouterr().out.startswith("Demo user added:\n")
    rows = rows_of(database_url)
    assert {row[0] for row in rows} == {"Demo", "Short sales"}
    assert len(rows) == 49
    assert run(("demo",)) == 0
    assert capsys.readouterr().out.startswith("Demo user:\n")
    for file, portfolio in PORTFOLIOS.items():
        words = ("portfolio", "import", str(FILES / file), "--user", EMAIL)
        assert run((*words, "--portfolio", portfolio.name)) == 0
        assert "  0  new\n" in capsys.readouterr().out
    assert rows_of(database_url) == rows


def test_the_examples_value_it(app: FastAPI) -> None:
    assert run(("demo",)) == 0
    client = Client(app)
    client.log_in(EMAIL, PASSWORD)
    path = path_of(client, "Demo")
    held = {
        row["symbol"]: row["quantity"] for row in client.get(f"{path}/holdings").json()["items"]
    }
    assert held == {"AAPL": "100", "GOOG": "40", "IBM": "60"}
    cash = client.get(f"{path}/cash").json()["items"]
    assert [row["currency"] for row in cash] == ["EUR", "USD"]
    reports = {}
    for name in ("valuation", "performance"):
        body = json.loads((EXAMPLES / f"{name}.json").read_text())
        answer = client.post(f"{path}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        reports[name] = answer.json()
        missing = [value for key, value in reports[name].items() if key.startswith("missing_")]
        assert missing == [[] for _ in missing]
    assert reports["valuation"]["total_value"] == "101782.64363728"
    assert reports["performance"]["attribution"]["final_value"] == "101782.64363728"
    assert reports["performance"]["twr"].startswith("0.20621")
    [short] = client.get(f"{path_of(client, 'Short sales')}/holdings").json()["items"]
    assert (short["symbol"], short["quantity"]) == ("AAPL", "-10")


def test_it_stays_out_of_production(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JEDGEBOT_ENVIRONMENT", "production")
    monkeypatch.setenv("JEDGEBOT_SECRET_KEY", "a key of the tests, with more than 32 bytes")
    assert run(("demo",)) == 1
    assert capsys.readouterr().err.startswith("error: demo data has a public password")
    assert rows_of(database_url) == []
