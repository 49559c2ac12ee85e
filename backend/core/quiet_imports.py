"""Imports of packages that take more with them than is used of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(package: str) -> Iterator[None]:
    """Let imports meanwhile find that an optional package is not installed.

    One that is imported already stays as it is.
    """
    hidden = package not in sys.modules
    if hidden:
        sys.modules[package] = None  # type: ignore[assignment]  # what Python takes for "absent"
    try:
        yield
    finally:
        if hidden:
            del sys.modules[package]


def hide(package: str) -> None:
    """Let every import from now on find that an optional package is not installed.

    One that is imported already stays as it is.
    """
    sys.modules.setdefault(package, None)  # type: ignore[arg-type]  # what Python takes for "absent"
