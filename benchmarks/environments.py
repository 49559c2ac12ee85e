"""The peers' own environments: made at first use below `benchmarks/peers/`, never shared."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

PEERS = Path(__file__).with_name("peers")


class PeerUnavailable(RuntimeError):
    """A peer cannot be run on this machine; the message says why."""


def python_of(peer: str) -> Path:
    """The interpreter of a Python peer; its packages are those of its `requirements.lock`."""
    home = PEERS / peer
    lock, environment = home / "requirements.lock", home / ".venv"
    installed, python = environment / "requirements.lock", environment / "bin" / "python"
    if installed.is_file() and installed.read_bytes() == lock.read_bytes():
        return python
    shutil.rmtree(environment, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(environment)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)])
    shutil.copyfile(lock, installed)
    return python


def node_of(peer: str) -> Path:
    """Node.js, with the packages of the peer's `package-lock.json` installed.

    Raises:
        PeerUnavailable: there is no Node.js or no npm.
    """
    home = PEERS / peer
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerUnavailable("node and npm are not installed")
    lock, modules = home / "package-lock.json", home / "node_modules"
    installed = modules / "package-lock.json"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        _run([npm, "ci", "--silent"], home)
        shutil.copyfile(lock, installed)
    return Path(node)


@cache
def python_versions(python: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """The versions of packages in an environment, and of its Python."""
    script = (
        "import json, platform, sys; from importlib.metadata import version; "
        "print(json.dumps({'Python': platform.python_version(), "
        "**{name: version(name) for name in sys.argv[1:]}}))"
    )
    done = subprocess.run(
        [str(python), "-c", script, *packages], capture_output=True, text=True, check=True
    )
    versions: dict[str, str] = json.loads(done.stdout)
    return versions


@cache
def node_versions(peer: str, node: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """The versions of a peer's Node.js packages, and of Node.js."""
    done = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=True)
    versions = {"Node.js": done.stdout.strip().removeprefix("v")}
    for name in packages:
        manifest = PEERS / peer / "node_modules" / name / "package.json"
        versions[name] = json.loads(manifest.read_text())["version"]
    return versions


def _run(command: list[str], directory: Path | None = None) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PeerUnavailable(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-500:]}")
