"""The application that `./run bench` serves."""

from fastapi import FastAPI

from backend.core.application import new_application
from backend.core.modules import Module
from backend.core.settings import load_settings
from backend.main import MODULES


def create_app() -> FastAPI:
    """Make the application as `backend.main` does, with the fills.

    Raises:
        SettingsError: a setting cannot be used.
        ModuleNotLoadable: a module cannot be imported.
    """
    fills = Module("benchmarks.ours.fills", prefix="/fills")
    return new_application(load_settings(), (*MODULES, fills))
