"""A load generator: each connection sends its next request when it has its answer.

Plain sockets and epoll instead of an HTTP library, so that a request costs the generator a
small part of what it costs the fastest server: about 12 microseconds of CPU. Reads an order as
JSON from standard input and writes a summary as JSON to standard output.
"""

import json
import random
import select
import socket
import sys
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TypedDict

PLACEHOLDER = "@" * 12
SECONDS_TO_DRAIN = 10.0
_RECEIVED_AT_ONCE = 262_144
_REFUSED = b"503"


class Order(TypedDict):
    """What is to be sent.

    `requests` are whole HTTP/1.1 requests; in each `PLACEHOLDER` becomes another number.
    """

    port: int
    connections: int
    seconds: float
    requests: list[str]


class Latencies(TypedDict):
    """Of the requests that were admitted: answered with anything but 503."""

    admitted: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Summary(Latencies):
    """What came back.

    `by_method` tells the latencies of each method, `cpu_us` the generator's own CPU time per
    answer.
    """

    answers: int
    seconds: float
    statuses: dict[str, int]
    unanswered: int
    closed: int
    bytes_per_answer: float
    by_method: dict[str, Latencies]
    cpu_us: float


@dataclass
class Connection:
    """A connection with one request under way, and what has come of its answer."""

    port: int
    stream: socket.socket = field(init=False)
    method: bytes = b""
    sent_at: float = 0.0
    received: bytes = b""

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        """Open the connection, also in place of one that the server closed."""
        self.stream = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS_TO_DRAIN)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        """Send a request; it fits into the socket's buffer."""
        self.received = b""
        self.method = request[: request.index(b" ")]
        self.sent_at = time.perf_counter()
        self.stream.sendall(request)


class Generator:
    """Runs one order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._requests = [request.encode("latin-1") for request in order["requests"]]
        random.Random(time.time_ns()).shuffle(self._requests)  # noqa: S311 - keeps no secret
        self._numbered = any(PLACEHOLDER.encode() in request for request in self._requests)
        # Microseconds, so that no number comes again in a later run.
        self._sent = time.time_ns() // 1000 % 10**12
        self._latencies: defaultdict[bytes, array[float]] = defaultdict(lambda: array("d"))
        self._statuses: Counter[bytes] = Counter()
        self._closed = 0
        self._bytes = 0
        self._poll = select.epoll()
        self._connections: dict[int, Connection] = {}

    def run(self) -> Summary:
        """Send requests for the ordered time, and wait for the last answers."""
        for _ in range(self._order["connections"]):
            self._register(Connection(self._order["port"]))
        started, started_cpu = time.perf_counter(), time.process_time()
        for connection in self._connections.values():
            connection.send(self._next_request())
        waiting = self._exchange(started + self._order["seconds"])
        seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
        answers = sum(self._statuses.values())
        return Summary(
            answers=answers,
            seconds=seconds,
            statuses={status.decode(): number for status, number in self._statuses.items()},
            unanswered=waiting,
            closed=self._closed,
            bytes_per_answer=self._bytes / max(answers, 1),
            by_method={
                method.decode(): latencies_of(each)
                for method, each in sorted(self._latencies.items())
            },
            **latencies_of(chain.from_iterable(self._latencies.values())),
            cpu_us=cpu / max(answers, 1) * 1e6,
        )

    def _register(self, connection: Connection) -> None:
        number = connection.stream.fileno()
        self._connections[number] = connection
        self._poll.register(number, select.EPOLLIN)

    def _next_request(self) -> bytes:
        self._sent += 1
        request = self._requests[self._sent % len(self._requests)]
        if self._numbered:
            return request.replace(PLACEHOLDER.encode(), b"%012d" % self._sent)
        return request

    def _exchange(self, until: float) -> int:
        """Send and receive; return how many requests have got no answer in the end."""
        waiting = len(self._connections)
        while waiting:
            events = self._poll.poll(0.1)
            now = time.perf_counter()
            if now > until + SECONDS_TO_DRAIN:
                break
            for number, _ in events:
                connection = self._connections[number]
                part = connection.stream.recv(_RECEIVED_AT_ONCE)
                if not part:
                    connection = self._reconnected(connection)
                else:
                    connection.received += part
                    if not is_complete(connection.received):
                        continue
                    now = time.perf_counter()
                    status = connection.received[9:12]
                    if status != _REFUSED:
                        self._latencies[connection.method].append(now - connection.sent_at)
                    self._statuses[status] += 1
                    self._bytes += len(connection.received)
                if now < until:
                    connection.send(self._next_request())
                else:
                    waiting -= 1
                    self._poll.unregister(connection.stream.fileno())
        return waiting

    def _reconnected(self, connection: Connection) -> Connection:
        """The connection made anew; its request has got no answer."""
        self._closed += 1
        number = connection.stream.fileno()
        self._poll.unregister(number)
        del self._connections[number]
        connection.stream.close()
        connection.connect()
        self._register(connection)
        return connection


def latencies_of(seconds: Iterable[float]) -> Latencies:
    """Their distribution; without end if there are none."""
    ordered = sorted(seconds)
    number = len(ordered)
    p50, p99, most = (
        (ordered[number // 2], ordered[number * 99 // 100], ordered[-1])
        if ordered
        else (float("inf"),) * 3
    )
    return Latencies(admitted=number, p50_ms=p50 * 1e3, p99_ms=p99 * 1e3, max_ms=most * 1e3)


def is_complete(received: bytes) -> bool:
    """Whether a whole answer is there, by its Content-Length or its last chunk."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[:end].lower()
    at = head.find(b"content-length:")
    if at >= 0:
        return len(received) >= end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
    if b"transfer-encoding: chunked" in head:
        return received.endswith(b"0\r\n\r\n")
    return head[9:12] in (b"204", b"304")


if __name__ == "__main__":
    json.dump(Generator(json.load(sys.stdin)).run(), sys.stdout)
