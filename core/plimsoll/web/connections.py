"""Connections of the web server with limits: how many, how long without a request, what size; and no version told.

aiohttp bounds none of these before the first request is complete, so a client that sends a byte a minute would hold its
connection for ever. Where all are taken, whoever has asked for nothing for a while gives way to whoever comes: hundreds
of silent clients must not keep out a scrape or an alert.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from plimsoll.web.handshake import Handshake, Security

SECURITY_HEADERS = {
    "Server": "plimsoll",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""On every answer, error or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebLimits:
    """What one server bears.

    Attributes:
        connections: At once; further ones are closed as they come, unless a silent one can give way.
        silence_seconds: After which a client that waits for no answer gives way; one that does not read its answer too.
        renders: Pages made at the same time, each in a thread; further ones wait.
        first_request_seconds: Until the first request must be complete; a TLS handshake may take as long before it.
        request_seconds: From one complete request to the next, answering included.
        stop_seconds: That ``stop`` waits for answers under way.
    """

    connections: int = 64
    silence_seconds: float = 1.0
    renders: int = 3
    first_request_seconds: float = 10.0
    request_seconds: float = 75.0
    stop_seconds: float = 1.0
    line_bytes: int = 4096
    header_bytes: int = 4096
    headers: int = 64


class Connection(web.RequestHandler):
    """One client; it is cut when it does not complete a request in time."""

    def __init__(self, manager: web.Server, *, limits: WebLimits, ended: Callable[[Connection], None]) -> None:
        self._timers = asyncio.get_running_loop()
        super().__init__(
            manager,
            loop=self._timers,
            access_log=None,  # type: ignore[arg-type] # None turns it off, says aiohttp's own reference
            keepalive_timeout=limits.request_seconds,
            lingering_time=0,
            max_line_size=limits.line_bytes,
            max_field_size=limits.header_bytes,
            max_headers=limits.headers,
        )
        self._limits = limits
        self._ended = ended
        self._deadline: asyncio.TimerHandle | None = None
        self._silent_since: float | None = self._timers.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the client its time for the first request."""
        super().connection_made(transport)
        self._arm(self._limits.first_request_seconds)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)
        self._ended(self)

    def requested(self) -> None:
        """A request is complete: the client has its time for the answer and the next one."""
        self._silent_since = None
        self._arm(self._limits.request_seconds)

    def answered(self) -> None:
        """The answer is made; from here on it is the client's turn, to take it or to ask again."""
        self._silent_since = self._timers.time()

    def gives_way(self) -> tuple[bool, float] | None:
        """Its turn among those that give way, the least first: idle ones, then slow readers, the longest silent first.

        ``None`` where it waits for an answer, or has only just been silent.
        """
        since = self._silent_since
        if since is None or self._timers.time() - since < self._limits.silence_seconds:
            return None
        transport = self.transport
        reads_slowly = isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > 0
        return reads_slowly, since

    def cut(self) -> None:
        """Close at once, whatever is still to be sent."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no proper request, without telling what runs here; nothing is logged, nothing repeated."""
        del request, exc, message
        answer = web.Response(status=status, text=f"{status}\n", headers=SECURITY_HEADERS)
        answer.force_close()
        return answer

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self._timers.call_later(seconds, self.cut)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Refusal(asyncio.Protocol):
    """A connection beyond the limit: closed as it comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


class Connections:
    """Makes and counts the connections of one server.

    Args:
        security: What the next connection is secured with; ``None`` for plain HTTP.
        refused: Told the reason when a handshake does not lead to a connection.
    """

    def __init__(
        self,
        server: web.Server,
        limits: WebLimits,
        *,
        security: Callable[[], Security | None] = lambda: None,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._server = server
        self._limits = limits
        self._security = security
        self._refused = refused
        self._open: set[Connection] = set()
        self._handshakes: dict[Connection, Handshake] = {}

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        if len(self._open) >= self._limits.connections and not self._made_room():
            return Refusal()
        connection = Connection(self._server, limits=self._limits, ended=self._forget)
        self._open.add(connection)
        security = self._security()
        if security is None:
            return connection
        handshake = Handshake(
            connection,
            security,
            seconds=self._limits.first_request_seconds,
            failed=lambda reason: self._fail(connection, reason),
        )
        self._handshakes[connection] = handshake
        return handshake

    def _made_room(self) -> bool:
        """Close whoever is to give way first; whether there was anybody."""
        waiting = [(turn, connection) for connection in self._open if (turn := connection.gives_way()) is not None]
        if not waiting:
            return False
        _, first = min(waiting, key=lambda one: one[0])
        handshake = self._handshakes.get(first)
        self._forget(first)
        first.cut()
        if handshake is not None:
            handshake.abort_unless_done()
        return True

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._handshakes.pop(connection, None)

    def _fail(self, connection: Connection, reason: str) -> None:
        self._forget(connection)
        self._refused(reason)

    async def close(self) -> None:
        """Let answers under way end for a moment, then cut whatever is left."""
        left = tuple(self._open)
        for handshake in tuple(self._handshakes.values()):
            handshake.abort_unless_done()
        transports = [connection.transport for connection in left]
        self._server.pre_shutdown()
        await self._server.shutdown(self._limits.stop_seconds)
        for transport in transports:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
