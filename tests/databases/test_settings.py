"""Where the settings say that a database beside the main one is."""

import pytest

from backend.core.engine import make_engine
from backend.core.settings import Settings, SettingsError

SETTING = "JEDGEBOT_ARCHIVE_DATABASE_URL"
POSTGRESQL = "postgresql+psycopg://user@host/main"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)


def test_the_main_one_has_no_name() -> None:
    assert Settings(database_url=POSTGRESQL).database_url_of("") == POSTGRESQL


def test_a_file_lies_beside_that_of_the_main_one() -> None:
    settings = Settings(database_url="sqlite:////srv/app/main.db")
    assert settings.database_url_of("archive") == "sqlite:////srv/app/archive.db"


def test_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "sqlite:////elsewhere/a.db")
    settings = Settings(database_url=POSTGRESQL, environment="production")
    assert settings.database_url_of("archive") == "sqlite:////elsewhere/a.db"


@pytest.mark.parametrize(
    ("url", "environment"),
    [(POSTGRESQL, "development"), (POSTGRESQL, "production"), ("sqlite:///m.db", "production")],
)
def test_it_must_be_said_where_nothing_can_be_guessed(url: str, environment: str) -> None:
    settings = Settings.model_validate({"database_url": url, "environment": environment})
    with pytest.raises(SettingsError, match=f"{SETTING} is not set"):
        settings.database_url_of("archive")


@pytest.mark.parametrize("other", ["JEDGEBOT_DATABASE_URL", "JEDGEBOT_JOURNAL_DATABASE_URL"])
def test_two_databases_in_one_place_are_refused(
    other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "sqlite:////srv/one.db")
    monkeypatch.setenv(other, "sqlite:////srv/one.db")
    with pytest.raises(SettingsError, match=f"{SETTING} is the same as {other}"):
        Settings().database_url_of("archive")


def test_a_fault_in_an_address_names_its_setting() -> None:
    with pytest.raises(SettingsError, match=f"{SETTING} names the driver 'mysql"):
        make_engine("mysql://host/x", setting=SETTING)
