"""`jedgebot serve` over real sockets: clients that hang, databases that hang, and its end."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from tests.clients import PASSWORD, new_email
from tests.system.serve import Served, locked, problem_in, read_to_the_end, serve

Registration = Future[httpx2.Response]

HALF_A_BODY = (
    b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100\r\n\r\n{"email":'
)


def register(served: Served) -> httpx2.Response:
    body = {"email": new_email(), "password": PASSWORD}
    return httpx2.post(f"{served.url}/users", json=body, timeout=30)


@contextmanager
def waiting_for_a_lock(
    served: Served, database_url: str
) -> Iterator[tuple[Registration, Callable[[], None]]]:
    """A registration that waits until a lock is released, and what releases it."""
    with ThreadPoolExecutor(1) as pool, locked(database_url, "users") as connection:
        registration = pool.submit(register, served)
        time.sleep(0.7)
        assert not registration.done()
        yield registration, connection.rollback


class TestEnd:
    """What happens when the server is stopped."""

    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_requests_in_flight_are_finished(
        self, database_url: str, tmp_path: Path, workers: int, number: signal.Signals
    ) -> None:
        with (
            serve(database_url, tmp_path, workers) as served,
            waiting_for_a_lock(served, database_url) as (registration, unlock),
        ):
            # As a terminal sends Ctrl-C: to the process and to its workers.
            os.killpg(served.process.pid, number)
            time.sleep(1)
            assert not registration.done()
            unlock()
            assert registration.result(10).status_code == 201
            assert served.process.wait(10) == 0
            assert "Traceback" not in served.log

    # A request whose body is not there yet has asked no database.
    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize("workers", [1, 2])
    def test_half_a_body_does_not_hold_it(
        self, database_url: str, tmp_path: Path, workers: int
    ) -> None:
        with serve(database_url, tmp_path, workers) as served, served.connected() as client:
            client.sendall(HALF_A_BODY)
            time.sleep(0.3)
            assert served.stop(12) < 10
            assert "Traceback" not in served.log

    def test_a_request_that_hangs_is_answered_before_the_end(
        self, database_url: str, tmp_path: Path
    ) -> None:
        with (
            serve(database_url, tmp_path, 1, request_timeout_seconds=2) as served,
            waiting_for_a_lock(served, database_url) as (registration, unlock),
        ):
            served.process.terminate()
            assert registration.result(5).status_code == 503
            unlock()
            served.process.wait(15)
            assert "Traceback" not in served.log


@pytest.fixture(scope="module")
def sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of the servers that slow clients connect to."""
    path = tmp_path_factory.mktemp("slow_clients") / "test.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def impatient(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that waits for nobody longer than a second or two."""
    limits = {"client_timeout_seconds": 1, "request_timeout_seconds": 2}
    with serve(sqlite_url, tmp_path_factory.mktemp("impatient"), 1, **limits) as served:
        yield served


@pytest.fixture
def served(impatient: Served) -> Iterator[Served]:
    """The same server for each slow client, whom it has to survive."""
    yield impatient
    assert httpx2.get(f"{impatient.url}/readyz").status_code == 200
    assert "Traceback" not in impatient.log


class TestSlowClients:
    """Clients that hold a connection and do nothing with it."""

    def test_one_that_sends_nothing_is_cut_off(self, served: Served) -> None:
        started = time.monotonic()
        with served.connected() as client:
            assert read_to_the_end(client) == b""
        assert 0.9 < time.monotonic() - started < 6

    def test_one_that_drips_its_headers_is_cut_off(self, served: Served) -> None:
        started = time.monotonic()
        with served.connected() as client, pytest.raises(ConnectionError):  # noqa: PT012 - until it fails
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
            while time.monotonic() < started + 10:
                client.sendall(b"x")
                time.sleep(0.1)
        assert 0.9 < time.monotonic() - started < 6

    def test_one_that_drips_its_second_request_is_cut_off(self, served: Served) -> None:
        with served.connected() as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            while not received.endswith(b'{"status":"ok"}'):
                received += client.recv(65_536)
            started = time.monotonic()
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
            assert read_to_the_end(client) == b""
        assert time.monotonic() - started < 6

    def test_one_that_does_not_finish_its_body_is_answered_and_cut_off(
        self, served: Served
    ) -> None:
        started = time.monotonic()
        with served.connected() as client:
            client.sendall(HALF_A_BODY)
            assert problem_in(read_to_the_end(client))["status"] == 408
        assert 1.9 < time.monotonic() - started < 8

    def test_one_that_never_reads_is_cut_off(self, sqlite_url: str, tmp_path: Path) -> None:
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        # More than the socket buffers of both sides hold.
        count = 400
        limits = {"client_timeout_seconds": 1, "request_timeout_seconds": 60}
        with (
            serve(sqlite_url, tmp_path, 1, **limits) as served,
            served.connected(receive_buffer=4096) as client,
        ):
            client.sendall(request * count)
            time.sleep(6)
            answers = read_to_the_end(client).count(b"HTTP/1.1 200 OK")
        assert answers < count

    def test_one_that_uses_its_connection_keeps_it(self, served: Served) -> None:
        with httpx2.Client(base_url=served.url) as client:
            ports = set()
            for _ in range(8):
                with client.stream("GET", "/healthz") as answer:
                    answer.read()
                    stream = answer.extensions["network_stream"]
                    ports.add(stream.get_extra_info("client_addr"))
                time.sleep(0.5)
        assert len(ports) == 1

    @pytest.mark.parametrize(
        ("start", "status"),
        [(b"GET /", 414), (b"GET / HTTP/1.1\r\nA: ", 431), (b"GET / HTTP/1.1\r\n", 431)],
    )
    def test_a_head_without_end_is_refused(self, served: Served, start: bytes, status: int) -> None:
        line = b"a: " + b"x" * 1000 + b"\r\n" if start.endswith(b"\r\n") else b"x" * 1000
        with served.connected() as client:
            client.sendall(start)
            time.sleep(0.2)
            sent = 0
            try:
                while sent < 3_000_000:
                    client.sendall(line)
                    sent += len(line)
            except OSError:
                pass
            answer = read_to_the_end(client)
        assert sent < 3_000_000
        if answer:  # a reset may overtake it
            assert problem_in(answer)["status"] == status

    def test_trailers_without_end_are_cut_off(self, served: Served) -> None:
        with served.connected() as client:
            client.sendall(
                b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\na: "
            )
            time.sleep(0.2)
            with pytest.raises(ConnectionError):  # noqa: PT012 - until it fails
                for _ in range(3000):
                    client.sendall(b"x" * 1000)

    def test_what_is_not_http_is_400(self, served: Served) -> None:
        with served.connected() as client:
            client.sendall(b"no such thing\r\n\r\n")
            assert problem_in(read_to_the_end(client))["status"] == 400


class TestHangingDatabase:
    """A database that does not answer: the client gets an answer, and later all is well."""

    def test_a_lock_that_is_held_is_503_in_time(self, database_url: str, tmp_path: Path) -> None:
        with serve(database_url, tmp_path, 1, request_timeout_seconds=2) as served:
            started = time.monotonic()
            with waiting_for_a_lock(served, database_url) as (registration, _):
                assert httpx2.get(f"{served.url}/readyz", timeout=5).status_code == 200
                answer = registration.result(10)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
            assert time.monotonic() - started < 6
            assert _soon_registers(served)

    def test_a_full_pool_does_not_silence_readiness(
        self, database_url: str, tmp_path: Path
    ) -> None:
        limits = {"request_timeout_seconds": 6, "database_pool_size": 2}
        with (
            serve(database_url, tmp_path, 1, **limits) as served,
            ThreadPoolExecutor(4) as pool,
            waiting_for_a_lock(served, database_url) as (registration, unlock),
        ):
            others = [pool.submit(register, served) for _ in range(4)]
            time.sleep(0.5)
            started = time.monotonic()
            ready = httpx2.get(f"{served.url}/readyz", timeout=10)
            assert ready.status_code in (200, 503)
            assert time.monotonic() - started < 3.5
            unlock()
            assert {r.result(10).status_code for r in (registration, *others)} == {201}

    def test_a_full_server_refuses_at_once(self, database_url: str, tmp_path: Path) -> None:
        with (
            serve(database_url, tmp_path, 1, max_concurrent_requests=1) as served,
            waiting_for_a_lock(served, database_url) as (registration, unlock),
        ):
            started = time.monotonic()
            refused = register(served)
            assert time.monotonic() - started < 1
            assert refused.status_code == 503
            assert refused.headers["content-type"] == "application/problem+json"
            assert re.fullmatch(r"[\w-]{36}", refused.headers["x-request-id"])
            assert httpx2.get(f"{served.url}/healthz").status_code == 200
            unlock()
            assert registration.result(10).status_code == 201
            assert register(served).status_code == 201

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_a_silent_postgresql_is_503_in_time(self, database_url: str, tmp_path: Path) -> None:
        limits = {"request_timeout_seconds": 2, "database_pool_size": 2}
        with serve(database_url, tmp_path, 1, **limits) as served:
            assert register(served).status_code == 201
            with silent(database_url):
                started = time.monotonic()
                with ThreadPoolExecutor(6) as pool:
                    answers = list(pool.map(lambda _: register(served), range(6)))
                assert {answer.status_code for answer in answers} == {503}
                assert time.monotonic() - started < 8
                assert httpx2.get(f"{served.url}/readyz", timeout=5).status_code == 503
                assert httpx2.get(f"{served.url}/healthz").status_code == 200
            assert _soon_registers(served)
            assert "Traceback" not in served.log


@contextmanager
def silent(database_url: str) -> Iterator[None]:
    """Stop the processes that serve the database's present connections, and let no other in."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        pids = [row.pid for row in found]
    engine.dispose()
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _soon_registers(served: Served) -> bool:
    """Whether the server is well again within some seconds."""
    deadline = time.monotonic() + 15
    while register(served).status_code != 201:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
