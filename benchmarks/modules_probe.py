"""Starts the application of the directory it is run in, and times requests in this process.

Run by `benchmarks/modules.py`. Prints one JSON object; times are of the CPU, of all threads.
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

# The project itself may be installed too; the directory's own modules are to be measured.
sys.path.insert(0, str(Path.cwd()))

BATCHES = 7
OK, NOT_FOUND, UNAVAILABLE = 200, 404, 503
REQUESTS = 100

Header = tuple[bytes, bytes]


async def ask(app: Any, path: str, headers: list[Header]) -> tuple[int, int]:
    """Send a GET; return the status and the size of the body."""
    status = size = 0
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, size
        status = message.get("status", status)
        size += len(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return status, size


async def timed(app: Any, path: str, headers: list[Header], expected: int) -> float:
    """CPU seconds of one request.

    Raises:
        RuntimeError: it is answered with another status.
    """
    started = time.process_time()
    status, _ = await ask(app, path, headers)
    seconds = time.process_time() - started
    if status != expected:
        raise RuntimeError(f"GET {path} was answered with {status} instead of {expected}.")
    return seconds


def resident_mib() -> float:
    """Resident set size of this process in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("The system does not tell the resident set size.")


async def probe(
    app: Any, first: str, middle: str, last: str, headers: list[Header]
) -> dict[str, float]:
    """Ask for what a user would, the costliest first."""
    found = {"first_request": await timed(app, last, headers, OK)}
    found["second_request"] = await timed(app, last, headers, OK)
    found["next_module"] = await timed(app, middle, headers, OK)
    await timed(app, first, headers, OK)
    found["served_mib"] = resident_mib()
    batches: dict[str, list[float]] = {"first_module": [], "last_module": [], "not_found": []}
    wanted = {
        "first_module": (first, OK),
        "last_module": (last, OK),
        "not_found": ("/none", NOT_FOUND),
    }
    for _ in range(BATCHES):
        for name, (path, expected) in wanted.items():
            seconds = [await timed(app, path, headers, expected) for _ in range(REQUESTS)]
            batches[name].append(sum(seconds) / REQUESTS)
    found |= {name: statistics.median(seconds) for name, seconds in batches.items()}
    started = time.process_time()
    status, found["openapi_bytes"] = await ask(app, "/openapi.json", [])
    while status == UNAVAILABLE:  # it is being made, for longer than a request may take
        await asyncio.sleep(1)
        status, found["openapi_bytes"] = await ask(app, "/openapi.json", [])
    found["openapi"] = time.process_time() - started
    found["openapi_again"] = await timed(app, "/openapi.json", [], OK)
    return found


def main() -> None:
    """Start and probe."""
    first, middle, last, url, key, token = sys.argv[1:]

    from pydantic import SecretStr  # noqa: PLC0415 - the start is what is measured

    from backend.core.settings import Settings  # noqa: PLC0415 - as above
    from backend.main import create_app  # noqa: PLC0415 - as above

    settings = Settings(database_url=url, secret_key=SecretStr(key))
    app = create_app(settings)
    start = {"start": time.process_time(), "start_mib": resident_mib()}

    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())]
    found = asyncio.run(probe(app, first, middle, last, headers))
    sys.stdout.write(json.dumps({**start, **found, "end_mib": resident_mib()}))


if __name__ == "__main__":
    main()
