"""The application: one import and one `include_router` line per module."""

from fastapi import FastAPI

from backend import models
from backend.core.application import completed, new_application
from backend.core.settings import Settings, load_settings
from backend.user_profiles import routes as user_profiles
from backend.user_sessions import routes as user_sessions
from backend.users import routes as users


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Raises:
        SettingsError: a setting cannot be used.
    """
    app = new_application(settings or load_settings())
    app.include_router(user_profiles.router, prefix="/users")
    app.include_router(user_sessions.router, prefix="/users")
    app.include_router(users.router, prefix="/users")
    return completed(app, models.metadata)
