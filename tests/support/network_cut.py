"""A network that can be cut: a SOCKS relay between a browser's page and servers of this machine.

A browser's own offline mode refuses new requests but lets running streams go on; here they break, or fall silent.
Addresses stay as they are, so the page's origin and policy do too. No other machine is reached through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_LOCAL = {"127.0.0.1", "localhost"}
_GREETED = b"\x05\x00"
_CONNECTED = b"\x05\x00\x00\x01" + bytes(6)
_REFUSED = b"\x05\x02\x00\x01" + bytes(6)
_NAME, _IPV4 = 3, 1
_CHUNK = 65536


class Network:
    """What the relay does with bytes: pass them, hold them, or break every connection."""

    def __init__(self) -> None:
        self.port = 0
        self._cut = False
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break all connections; new ones break too."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def hush(self) -> None:
        """Nothing arrives any more and nothing breaks, as in a tunnel."""
        self._passing.clear()

    def mend(self) -> None:
        """Pass again, what was held included."""
        self._cut = False
        self._passing.set()

    async def close(self) -> None:
        """End every connection."""
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection of the browser's."""
        task = asyncio.get_running_loop().create_task(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._passing.wait()
                if not self._cut:
                    await self._connect(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = await _asked(reader, writer)
        if host not in _LOCAL:
            writer.write(_REFUSED)
            await writer.drain()
            return
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        self._writers.add(server_writer)
        ways = [
            asyncio.ensure_future(self._pump(reader, server_writer)),
            asyncio.ensure_future(self._pump(server_reader, writer)),
        ]
        try:
            writer.write(_CONNECTED)
            await asyncio.gather(*ways)
        finally:
            # Where one way broke, nothing goes the other way any more.
            for way in ways:
                way.cancel()
            self._writers.discard(server_writer)
            server_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._passing.wait()
            writer.write(data)
            await writer.drain()
        await self._passing.wait()
        writer.write_eof()


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The greeting of RFC 1928, and where the browser wants to go."""
    await reader.readexactly((await reader.readexactly(2))[1])
    writer.write(_GREETED)
    kind = (await reader.readexactly(4))[3]
    host = ""
    if kind == _IPV4:
        host = ".".join(map(str, await reader.readexactly(4)))
    elif kind == _NAME:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii", "replace")
    else:
        await reader.readexactly(16)
    return host, int.from_bytes(await reader.readexactly(2), "big")


@asynccontextmanager
async def open_network() -> AsyncIterator[Network]:
    """A relay on a port of its own until the block ends."""
    network = Network()
    server = await asyncio.start_server(network.serve, "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    try:
        yield network
    finally:
        server.close()
        await network.close()
