"""Runs one PostgreSQL server for exactly as long as the process that asked for it lives.

The owner holds the other end of this process's standard input. However the owner ends, by
`stop`, an exit, an exception or SIGKILL, the system closes that end, and the server is stopped.
Only the standard library is imported: this is started once for every server.
"""

import argparse
import ctypes
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

SECONDS_TO_SHUT_DOWN = 10.0
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to stop this process when the supervisor itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server: cleanly if it answers (SIGINT), at once if it does not (SIGQUIT)."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            server.wait(SECONDS_TO_SHUT_DOWN)
            return


def stop_without_owner(server: subprocess.Popen[bytes]) -> None:
    """Wait until the owner closes its end of standard input, then stop the server."""
    sys.stdin.buffer.read()
    stop(server)


def leave(signum: int, frame: object) -> None:
    """Turn a signal into an exit, so that the server is stopped on the way out."""
    sys.exit(128 + signum)


def main() -> int:
    """Run the command until it ends or the owner does; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--account", help="the account that runs the server")
    parser.add_argument("--scratch", type=Path, help="a directory to remove at the end")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    account = {"user": options.account, "extra_groups": []} if options.account else {}
    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, leave)
    server = subprocess.Popen(
        options.command,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread has been started yet
        **account,
    )
    try:
        Thread(target=stop_without_owner, args=[server], daemon=True).start()
        return server.wait()
    finally:
        if server.poll() is None:
            stop(server)
        if options.scratch:
            shutil.rmtree(options.scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
