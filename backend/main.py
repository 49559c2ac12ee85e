"""The application: one line per module, sorted by name."""

from fastapi import FastAPI

from backend.core.application import new_application
from backend.core.modules import Module
from backend.core.settings import Settings, load_settings

MODULES = (
    Module("backend.portfolios", prefix="/portfolios"),
    Module(
        "backend.transactions",
        prefix="/portfolios",
        uploads=("/{portfolio_id:uuid}/transactions/import",),
    ),
    Module("backend.user_profiles", prefix="/users"),
    Module("backend.user_sessions", prefix="/users"),
    Module("backend.users", prefix="/users"),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Raises:
        SettingsError: a setting cannot be used.
        ModuleNotLoadable: a module cannot be imported.
    """
    return new_application(settings or load_settings(), MODULES)
