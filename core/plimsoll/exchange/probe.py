"""One short visit to each stream, for ``plimsoll check --live``: can it be reached, and does the market's deliver?

Nothing is kept open and no attempt is repeated; the streams that the exporter lives on are ``user_stream`` and
``mark_stream``.
"""

from __future__ import annotations

import asyncio
from typing import NoReturn

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import ExchangeConfig, StreamForm
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.forms import FormChoice, private_url
from plimsoll.exchange.mark_stream import MarkStream
from plimsoll.exchange.pacing import ConnectPacer, StreamTimings
from plimsoll.exchange.port import SilentObserver
from plimsoll.exchange.socket import Remarks, Socket, SocketLost, open_socket
from plimsoll.model.events import MarketEvent
from plimsoll.model.market import Mark

MOMENT = 0.5
"""Seconds that a private stream is kept open: a server that refuses after the handshake does so at once."""


class StreamProbe:
    """Visits the streams of one exchange.

    Args:
        config: Where the streams are, and in which form the private one is opened.
        session: Makes the connections; not closed here.
        clock: For waits.
        exchange_clock: For the delay of prices.
        timings: For tests.
        moment: For tests.
    """

    def __init__(
        self,
        config: ExchangeConfig,
        *,
        session: aiohttp.ClientSession,
        clock: Clock,
        exchange_clock: ExchangeClock,
        timings: StreamTimings = StreamTimings(),  # noqa: B008 - frozen, so it may be shared
        moment: float = MOMENT,
    ) -> None:
        self._config = config
        self._session = session
        self._clock = clock
        self._exchange_clock = exchange_clock
        self._timings = timings
        self._moment = moment

    async def try_private(self, listen_key: str) -> str:
        """Open the private stream for a moment; the form that was tried, of ``auto`` the first.

        Raises:
            SocketLost: It cannot be opened, or the server ends it at once.
            RequestRefused: The server refuses the subscription.
        """
        form = FormChoice(self._config.private_stream_form).current
        socket = await open_socket(
            self._session,
            private_url(self._config.private_stream_url, form, listen_key),
            clock=self._clock,
            timings=self._timings,
            remarks=Remarks("private, of a check"),
        )
        reading = asyncio.create_task(_read(socket))
        try:
            if form is StreamForm.SUBSCRIBE:
                await _subscribe(socket, listen_key)
            await asyncio.wait({reading}, timeout=self._moment)
            if reading.done():
                await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await socket.close()
        return form.value

    async def try_market(self) -> None:
        """Open the market stream and wait for the first mark price, for as long as the exporter would.

        Raises:
            SocketLost: None came; with the reason.
        """
        first = _FirstPrice()
        stream = MarkStream(
            url=self._config.market_stream_url,
            sink=first,
            session=self._session,
            clock=self._clock,
            exchange_clock=self._exchange_clock,
            observer=SilentObserver(),
            pacer=ConnectPacer(self._clock),
            timings=self._timings,
        )
        running = asyncio.create_task(stream.run())
        try:
            async with asyncio.timeout(self._timings.open_timeout + self._timings.market_silence):
                await first.come
        except TimeoutError:
            raise SocketLost("open, and silent") from None
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class _FirstPrice:
    """A ``MarketSink`` whose ``come`` is done with the first mark price, or fails with the first loss."""

    def __init__(self) -> None:
        self.come: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def market_event(self, event: MarketEvent) -> None:
        """Take a price."""
        if isinstance(event, Mark) and not self.come.done():
            self.come.set_result(None)

    def market_lost(self, reason: str) -> None:
        """Take a loss."""
        if not self.come.done():
            self.come.set_exception(SocketLost(reason))


async def _read(socket: Socket) -> NoReturn:
    """Read until the end; answers to requests come in here.

    Raises:
        SocketLost: The end.
    """
    while True:
        await socket.receive()


async def _subscribe(socket: Socket, listen_key: str) -> None:
    """Subscribe by message.

    Raises:
        RequestRefused: The answer is an error.
        SocketLost: There is none.
    """
    try:
        await socket.request("SUBSCRIBE", [listen_key])
    except TimeoutError:
        raise SocketLost("no answer to SUBSCRIBE") from None
