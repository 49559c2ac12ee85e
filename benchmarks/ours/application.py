"""The application that `./run bench` serves."""

from fastapi import FastAPI

from backend import models
from backend.core.application import completed, new_application
from backend.core.settings import load_settings
from backend.user_profiles import routes as user_profiles
from backend.user_sessions import routes as user_sessions
from backend.users import routes as users
from benchmarks.ours.fills import routes as fills


def create_app() -> FastAPI:
    """Make the application as `backend.main` does, with the fills.

    Raises:
        SettingsError: a setting cannot be used.
    """
    app = new_application(load_settings())
    app.include_router(user_profiles.router, prefix="/users")
    app.include_router(user_sessions.router, prefix="/users")
    app.include_router(users.router, prefix="/users")
    app.include_router(fills.router, prefix="/fills")
    return completed(app, models.metadata)
