"""Settings: what is refused, and how the key of a checkout is kept."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from backend.core import settings as settings_module
from backend.core.engine import make_engine
from backend.core.rate_limits import AttemptLimits
from backend.core.settings import Settings, SettingsError, load_settings
from backend.main import create_app


def test_production_does_not_start_without_a_key() -> None:
    with pytest.raises(SettingsError, match="JEDGEBOT_SECRET_KEY is not set") as refused:
        create_app(Settings(environment="production"))
    assert "token_urlsafe" in refused.value.hint


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_short_key_is_refused(environment: str) -> None:
    settings = Settings(environment=environment, secret_key=SecretStr("x" * 31))  # type: ignore[arg-type]  # one of the two
    with pytest.raises(SettingsError, match="31 bytes"):
        create_app(settings)


def test_production_hides_the_documentation(tmp_path: Path) -> None:
    app = create_app(
        Settings(
            environment="production",
            secret_key=SecretStr("x" * 32),
            database_url=f"sqlite:///{tmp_path / 'p.db'}",
        )
    )
    with TestClient(app) as client:
        for path in ("/docs", "/openapi.json", "/docs-assets/swagger-ui.css"):
            assert client.get(path).status_code == 404


def test_the_key_of_a_checkout_is_made_once_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_module, "LOCAL_DIRECTORY", tmp_path / "var")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings().signing_key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    files = list((tmp_path / "var").iterdir())
    assert [file.name for file in files] == ["secret_key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_short_key_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "LOCAL_DIRECTORY", tmp_path)
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(SettingsError, match="1 bytes"):
        _ = Settings().signing_key


def test_a_bad_value_names_its_variable_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JEDGEBOT_DATABASE_POOL_SIZE", "secret-looking")
    with pytest.raises(SettingsError, match="JEDGEBOT_DATABASE_POOL_SIZE") as refused:
        load_settings()
    assert "secret-looking" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "mysql://localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///x.db",
        "postgresql://user:secret@localhost/x",
    ],
)
def test_other_databases_are_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        make_engine(url)
    assert "postgresql+psycopg://" in refused.value.hint
    assert "secret" not in str(refused.value)


def test_a_new_sqlite_file_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "n.db"
    with make_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_a_sqlite_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch(0o640)
    make_engine(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("below", ["file/n.db", "file/sub/n.db", "x" * 300 + "/n.db"])
def test_a_sqlite_file_that_cannot_be_made_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be made") as refused:
        make_engine(f"sqlite:///{tmp_path / below}")
    assert "directory" in refused.value.hint


@pytest.mark.parametrize("limit", ["often", "", "-1 per minute"])
@pytest.mark.parametrize(
    "name",
    ["login_limit_per_account", "login_limit_per_address", "registration_limit_per_address"],
)
def test_a_limit_that_is_none_is_refused(name: str, limit: str) -> None:
    settings = Settings().model_copy(update={name: limit})
    with pytest.raises(SettingsError, match=f"JEDGEBOT_{name.upper()}"):
        AttemptLimits(settings)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "memory://", "async+redis://user:secret@host:port", "async+no-such://host"],
)
def test_a_storage_that_cannot_be_used_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="JEDGEBOT_RATE_LIMIT_STORAGE_URL") as refused:
        AttemptLimits(Settings(rate_limit_storage_url=url))
    assert "async+memory://" in refused.value.hint
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "share"),
    [("true", 1), ("FALSE", 0), ("0", 0), ("1", 1), ("0.01", 0.01), (" true ", 1)],
)
def test_the_share_of_logged_requests(
    monkeypatch: pytest.MonkeyPatch, written: str, share: float
) -> None:
    monkeypatch.setenv("JEDGEBOT_LOG_REQUESTS", written)
    assert load_settings().log_requests == share


@pytest.mark.parametrize("written", ["-0.1", "1.1", "nan", "inf", "some", ""])
def test_other_shares_are_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("JEDGEBOT_LOG_REQUESTS", written)
    with pytest.raises(SettingsError, match="JEDGEBOT_LOG_REQUESTS"):
        load_settings()
