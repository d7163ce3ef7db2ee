"""A connection on its way to TLS: it counts from the first byte, and becomes a connection of the web server at the end.

asyncio's own servers hold one TLS context for life and lose count of clients that never finish their handshake. Here
each connection takes the context of its moment, so that a new certificate serves the next client.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plimsoll.web.tls import bears_allowed_name

SHUTDOWN_SECONDS = 1.0
"""That a client has to say goodbye."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Security:
    """What one handshake is made with.

    Attributes:
        client_names: The client's certificate must bear one of these; empty asks for none.
    """

    context: ssl.SSLContext
    client_names: Sequence[str] = ()


class Handshake(asyncio.Protocol):
    """One client before its handshake is done.

    Args:
        connection: Takes over afterwards.
        security: What the handshake is made with.
        seconds: That the client has for it.
        failed: Told the reason, ``handshake`` or ``client_certificate``, when there will be no connection.
    """

    def __init__(
        self, connection: asyncio.Protocol, security: Security, *, seconds: float, failed: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._security = security
        self._seconds = seconds
        self._failed = failed
        self._early: list[bytes] = []
        self._done = False
        self._lost = False
        self._transport: asyncio.WriteTransport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; what the client sends from now on belongs to TLS."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("TLS needs a stream")
        transport.pause_reading()
        self._transport = transport
        self._task = asyncio.get_running_loop().create_task(self._shake(transport))

    def data_received(self, data: bytes) -> None:
        """Keep what came along with the end of the handshake."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember that the client is gone, or tell whoever has taken over."""
        self._lost = True
        if self._done:
            self._connection.connection_lost(exc)

    def abort_unless_done(self) -> None:
        """Close at once, unless the connection has taken over."""
        if self._transport is not None and not self._done:
            self._transport.abort()

    async def _shake(self, transport: asyncio.Transport) -> None:
        """Make the handshake; whatever comes in between, the place of a connection that fails is given back."""
        reason = "handshake"
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                self,
                self._security.context,
                server_side=True,
                ssl_handshake_timeout=self._seconds,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
            if secured is not None and not self._lost:
                reason = "client_certificate"
                self._admit(secured)
        except OSError:  # ssl's errors, and asyncio's own about timeouts and closed connections: the client's affair
            pass
        finally:
            if not self._done:
                transport.abort()
                self._failed(reason)

    def _admit(self, secured: asyncio.Transport) -> None:
        """Let the connection take over if the client's certificate, where one is needed, bears the right name."""
        certificate: Mapping[str, object] | None = secured.get_extra_info("peercert")
        if not bears_allowed_name(certificate, self._security.client_names):
            secured.abort()
            return
        self._hand_over(secured)

    def _hand_over(self, secured: asyncio.Transport) -> None:
        """Let the connection take over, with whatever came early."""
        self._done = True
        secured.set_protocol(self._connection)
        self._connection.connection_made(secured)
        if self._early:
            self._connection.data_received(b"".join(self._early))
