"""The worker as its parent sees it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jedgebot.errors import Failure

_SECONDS_TO_END = 5.0


class Worker:
    """A process that is ended with the `with` block, whatever happens in it."""

    def __init__(self, root: Path) -> None:
        # Settings of the database in use are none of its business.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JEDGEBOT_")}
        # Generated tests need none of the plugins, whose import takes longer than the tests.
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jedgebot.staging.worker"],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            # Ctrl-C is for the parent, which then ends this whole session.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):  # what was to be written reaches nobody any more
                    stream.close()

    def enter(self, stage: Path) -> None:
        """Let it work in a staged copy; must come before the first call.

        Raises:
            Failure: it has ended.
        """
        self._send(str(stage))

    def call(self, method: str, hint: str, **arguments: Any) -> Any:  # Any: JSON, both ways
        """Ask for a method of `Stage`, and wait for its result.

        Args:
            method: its name.
            hint: of an error that has none of its own.
            arguments: JSON.

        Raises:
            Failure: it failed.
        """
        self._send(json.dumps({"method": method, "hint": hint, "arguments": arguments}))
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise self._ended()
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"], answer["hint"])
        return answer["result"]

    def _send(self, line: str) -> None:
        if self._process.stdin is None:
            raise self._ended()
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _ended(self) -> Failure:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return Failure(
            f"the staged copy cannot be used: {lines[-1] if lines else 'its process ended'}",
            "Look whether `./run test` works in this checkout.",
        )
