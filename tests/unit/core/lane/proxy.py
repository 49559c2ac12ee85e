"""A TCP proxy in front of a server, which can fall silent and read slowly."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self


class Proxy:
    """Passes on what both sides send.

    Attributes:
        port: where it listens.
        silent: swallow everything instead.
        seconds_before_reading: how long to leave what clients send in the sockets' buffers.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0
        self.silent = False
        self.seconds_before_reading = 0.0

    @classmethod
    @asynccontextmanager
    async def to(cls, target: int, receive_buffer: int = 65_536) -> AsyncIterator[Self]:
        """Listen on a free port and pass on to the target port."""
        proxy = cls(target)
        listener = socket.socket()
        # Set before listening, it holds for the connections too.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listener.bind(("127.0.0.1", 0))
        proxy.port = listener.getsockname()[1]
        server = await asyncio.start_server(proxy._serve, sock=listener)
        try:
            yield proxy
        finally:
            server.close()
            for writer in proxy._writers:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, target_writer]
        await asyncio.gather(
            self._pass_on(reader, target_writer, is_slow=True),
            self._pass_on(target_reader, writer, is_slow=False),
        )

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_slow: bool
    ) -> None:
        while data := await reader.read(65_536):
            if is_slow:
                await asyncio.sleep(self.seconds_before_reading)
            if not self.silent:
                writer.write(data)
                await writer.drain()
        writer.close()
