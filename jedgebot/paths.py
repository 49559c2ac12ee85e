"""Where the project is: the one that this package lies in."""

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
