"""How the application is made."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.core.application import new_application
from backend.core.modules import Module, ModuleNotLoadable
from backend.core.settings import Settings
from backend.main import MODULES

A_FEW = 20
"""Searches beside the making: while the call begins and ends."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that suffice to make an application."""
    return Settings(
        database_url=f"sqlite:///{tmp_path / 'unused.db'}",
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
    )


@pytest.fixture
def searches() -> Iterator[list[int]]:
    """The searches for garbage until now, of which nearly every new object begins one."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    thresholds = gc.get_threshold()
    gc.callbacks.append(note)
    gc.set_threshold(1, *thresholds[1:])
    yield seen
    gc.set_threshold(*thresholds)
    gc.callbacks.remove(note)


def test_what_is_made_is_not_searched_for_garbage(settings: Settings, searches: list[int]) -> None:
    before = gc.get_freeze_count()
    searches.clear()
    new_application(settings, MODULES)
    assert len(searches) < A_FEW
    assert gc.get_freeze_count() > before
    assert gc.isenabled()


def test_garbage_is_searched_for_where_no_application_could_be_made(settings: Settings) -> None:
    with pytest.raises(ModuleNotLoadable):
        new_application(settings, [Module("backend.nowhere", prefix="/nowhere")])
    assert gc.isenabled()
