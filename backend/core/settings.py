"""Settings of the backend, read from `JEDGEBOT_…` environment variables."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LOCAL_DIRECTORY = PROJECT_ROOT / "var"
MINIMUM_KEY_BYTES = 32
MOST_LANE_CONNECTIONS = 4
"""On more of them less is sent together, and both sides work more for each request."""
MAIN_DATABASE = ""
"""The name of the database that needs none: where users and all that has no other place are."""
_KEY_HINT = "Set it to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


class SettingsError(ValueError):
    """A setting is missing or has a value that cannot be used.

    Attributes:
        hint: one sentence that says what to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _share(value: object) -> object:
    """Take `true` and `false` for all and none."""
    if isinstance(value, str):
        return {"true": 1, "false": 0}.get(value.strip().lower(), value)
    return value


def database_setting(database: str) -> str:
    """The environment variable that says where a database is."""
    return f"JEDGEBOT_{database}_DATABASE_URL".upper() if database else "JEDGEBOT_DATABASE_URL"


def _named_database_urls() -> dict[str, str]:
    return {
        name.upper(): url
        for name, url in os.environ.items()
        if name.upper().startswith("JEDGEBOT_") and name.upper().endswith("_DATABASE_URL")
    }


class Settings(BaseSettings):
    """Every setting with its default; `docs/settings.md` is the reference."""

    model_config = SettingsConfigDict(env_prefix="JEDGEBOT_", hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production` refuses to start without a secret key and hides `/docs`.",
    )
    database_url: str = Field(
        default=f"sqlite:///{LOCAL_DIRECTORY / 'jedgebot.db'}",
        description="SQLAlchemy URL: `sqlite:///…` or `postgresql+psycopg://…`.",
    )
    database_pool_size: int = Field(
        default=8,
        ge=2,
        le=200,
        description=(
            "Connections per worker; as many requests use the database at one time. Half of "
            "them, but at most 4, are the lane's on PostgreSQL; on SQLite it has two of its own, "
            "and at most 4 requests in the plain form read beside one that writes."
        ),
    )
    lane: bool = Field(
        default=True,
        description=(
            "Whether declared operations take the lane; if not, each runs in its plain form, "
            "with the same answers."
        ),
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=(
            "Signs the tokens, at least 32 bytes. In development it is generated once and "
            "kept in `var/secret_key`; in production it must be given."
        ),
    )
    access_token_minutes: int = Field(
        default=15, ge=1, le=1440, description="Life of an access token, in minutes."
    )
    refresh_token_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days without a refresh after which a session has ended.",
    )
    login_limit_per_account: str = Field(
        default="10 per 15 minutes",
        description="Failed logins allowed for one e-mail address, known or not.",
    )
    login_limit_per_address: str = Field(
        default="100 per 15 minutes", description="Logins allowed from one client address."
    )
    registration_limit_per_address: str = Field(
        default="100 per 15 minutes", description="Registrations allowed from one client address."
    )
    rate_limit_storage_url: str = Field(
        default="async+memory://",
        description=(
            "Where logins and registrations are counted (a `limits` storage URL). In memory each "
            "worker counts for itself; `async+redis://…` counts for all."
        ),
    )
    password_hash_threads: int = Field(
        default=2, ge=1, le=64, description="Passwords hashed at one time per worker."
    )
    password_hash_queue: int = Field(
        default=16,
        ge=0,
        le=10_000,
        description="Passwords that may wait to be hashed; one more is answered with 429.",
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1024, description="Largest request body; a larger one is 413."
    )
    max_upload_bytes: int = Field(
        default=67_108_864,
        ge=1024,
        description="Largest file of an import; a larger one is 413.",
    )
    upload_timeout_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="Longest time of an import; it is then answered as any other request is.",
    )
    max_concurrent_requests: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description=(
            "Requests in work at one time per worker; one more is answered with 503: at once, or "
            "a second later when there are more than 100 such in a second."
        ),
    )
    max_write_wait_milliseconds: int = Field(
        default=1000,
        ge=1,
        le=3_600_000,
        description=(
            "Longest time that a request which may change rows is to wait for the database; one "
            "that would wait longer is answered with 503 as above. 64 may always wait, and never "
            "more than half of the requests in work."
        ),
    )
    request_timeout_seconds: int = Field(
        default=20,
        ge=1,
        le=3600,
        description=(
            "Longest time of a request; it is then ended, with 408 if its body did not arrive, "
            "else with 503."
        ),
    )
    client_timeout_seconds: int = Field(
        default=10,
        ge=1,
        le=3600,
        description=(
            "Longest time in which a client sends the headers of its next request, or reads an "
            "answer; it is then cut off."
        ),
    )
    telemetry: bool = Field(
        default=False,
        description=(
            "Whether requests are reported to OpenTelemetry as traces and metrics, where its "
            "SDK is set up."
        ),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )
    log_requests: Annotated[float, BeforeValidator(_share)] = Field(
        default=0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description=(
            "Share of the requests that are logged, from 0 to 1; also `false` or `true`. Each "
            "that is answered with 500 or more is logged."
        ),
    )

    _named_database_urls: dict[str, str] = PrivateAttr(default_factory=_named_database_urls)

    @property
    def lane_connections(self) -> int:
        """How many of the pool's connections the lane has: none on SQLite."""
        if not self.lane or self.database_url.startswith("sqlite"):
            return 0
        return min(MOST_LANE_CONNECTIONS, self.database_pool_size // 2)

    def database_url_of(self, database: str) -> str:
        """The URL of a database by its name: for `archive`, JEDGEBOT_ARCHIVE_DATABASE_URL.

        Without it, a main database that is a SQLite file has the others beside it.

        Raises:
            SettingsError: it is not set where it must be, or is that of another database.
        """
        if database == MAIN_DATABASE:
            return self.database_url
        setting = database_setting(database)
        url = self._named_database_urls.get(setting)
        beside = _file_beside(self.database_url, database)
        if url is None and (beside is None or self.environment == "production"):
            where = "in production" if beside is not None else "beside a PostgreSQL database"
            raise SettingsError(
                f"{setting} is not set, and {where} it has no default.",
                "Use sqlite:///path/to/file.db or "
                "postgresql+psycopg://user:password@host/database.",
            )
        if url is None:
            return f"sqlite:///{beside}"
        others = {**self._named_database_urls, "JEDGEBOT_DATABASE_URL": self.database_url}
        same = next((one for one, its in others.items() if one != setting and its == url), None)
        if same is not None:
            raise SettingsError(
                f"{setting} is the same as {same}.",
                "Give each database a place of its own.",
            )
        return url

    @cached_property
    def signing_key(self) -> bytes:
        """The key that signs tokens.

        Raises:
            SettingsError: it is too short, or missing in production.
        """
        if self.secret_key is not None:
            key = self.secret_key.get_secret_value().encode()
            _require_long_enough("JEDGEBOT_SECRET_KEY", key, _KEY_HINT)
            return key
        if self.environment == "production":
            raise SettingsError(
                "JEDGEBOT_SECRET_KEY is not set, and production does not start without it.",
                _KEY_HINT,
            )
        path = LOCAL_DIRECTORY / "secret_key"
        key = _local_key(path)
        _require_long_enough(
            str(path), key, "Delete the file: a new key is made at the next start."
        )
        return key


def _file_beside(url: str, database: str) -> Path | None:
    """A file for another database beside that of the main one; None if that is no file."""
    kind, _, path = url.partition(":///")
    if not kind.startswith("sqlite") or not path:
        return None
    return Path(path.partition("?")[0]).parent / f"{database}.db"


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a variable has a value of the wrong kind.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "JEDGEBOT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"{name} cannot be used: {first['msg']}.", "docs/settings.md lists every setting."
        ) from None


def _require_long_enough(name: str, key: bytes, hint: str) -> None:
    if len(key) < MINIMUM_KEY_BYTES:
        raise SettingsError(f"{name} has {len(key)} bytes; HS256 needs {MINIMUM_KEY_BYTES}.", hint)


def _local_key(path: Path) -> bytes:
    """Read the key of this checkout; make it first, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            # A link never replaces: of several workers that start at once, one key wins.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
