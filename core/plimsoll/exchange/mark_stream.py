"""Mark prices of every symbol that anybody holds, and the asset rates of multi-assets mode, over one connection.

Last prices travel beside them, for the few symbols whose stops watch them.

One symbol that always speaks is subscribed too: silence of the whole connection therefore means that it is dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NoReturn

import aiohttp

from plimsoll.clock import Clock
from plimsoll.errors import Malformed
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.forms import market_url
from plimsoll.exchange.messages import Message
from plimsoll.exchange.pacing import ConnectPacer, StreamTimings
from plimsoll.exchange.payload.events import market_events
from plimsoll.exchange.port import MarketSink, Observer
from plimsoll.exchange.socket import Remarks, Socket, SocketLost, open_socket
from plimsoll.exchange.subscriptions import Subscriptions
from plimsoll.exchange.supervisor import Line, Supervisor
from plimsoll.model.events import MarketEvent
from plimsoll.model.market import LastPrice, Mark

NAME = "market"


class MarkStream:
    """Keeps the market stream open; a ``MarketStream``.

    Args:
        url: Base URL without the routed path.
        sink: Takes prices, rates and losses.
        session: Makes the connections; not closed here.
        clock: For waits and ages.
        exchange_clock: For the delay of prices.
        observer: Is told of prices, their delay and reconnects, under the name ``market``.
        pacer: Shared by all streams of the process.
        timings: For tests.
    """

    def __init__(
        self,
        *,
        url: str,
        sink: MarketSink,
        session: aiohttp.ClientSession,
        clock: Clock,
        exchange_clock: ExchangeClock,
        observer: Observer,
        pacer: ConnectPacer,
        timings: StreamTimings = StreamTimings(),  # noqa: B008 - frozen, so it may be shared
    ) -> None:
        self._subscriptions = Subscriptions(clock=clock, timings=timings)
        errand = _Errand(
            subscriptions=self._subscriptions,
            prices=_Prices(sink=sink, clock=clock, exchange_clock=exchange_clock, observer=observer),
            url=url,
            session=session,
            clock=clock,
            pacer=pacer,
            timings=timings,
        )
        self._supervisor = Supervisor(errand, name=NAME, clock=clock, timings=timings)

    @property
    def connected(self) -> bool:
        """Whether a connection is open, subscribed and has delivered."""
        return self._supervisor.connected

    async def run(self) -> None:
        """Keep the stream open until cancelled."""
        await self._supervisor.run()

    def want(self, symbols: Iterable[str], *, asset_rates: bool, last_prices: Iterable[str] = ()) -> None:
        """Set which symbols' marks and last prices are needed now; new ones are subscribed at once."""
        self._subscriptions.want(symbols, asset_rates=asset_rates, last_prices=last_prices)


class _Prices:
    """Translates messages and passes them on, with every loss, to sink and observer."""

    def __init__(self, *, sink: MarketSink, clock: Clock, exchange_clock: ExchangeClock, observer: Observer) -> None:
        self.remarks = Remarks(NAME)
        self.last = clock.monotonic()
        self._sink = sink
        self._clock = clock
        self._exchange_clock = exchange_clock
        self._observer = observer
        self._was_lost = False

    def opened(self) -> None:
        """Count an opening after a loss; silence is measured from here."""
        self.last = self._clock.monotonic()
        if self._was_lost:
            self._observer.stream_reconnect(NAME)

    def lost(self, reason: str, *, form_failed: bool) -> None:  # noqa: ARG002 - there is one form only
        """Tell of a loss."""
        self._was_lost = True
        self._sink.market_lost(reason)

    def deliver(self, message: Message) -> None:
        """Translate one message and pass on what it holds; one that cannot be read counts as silence."""
        try:
            events = market_events(message)
        except Malformed as error:
            self.remarks.once("market data that are not as documented", str(error))
            return
        for event in events:
            self.last = self._clock.monotonic()
            delay = max(0.0, self._exchange_clock.now() - event.time_ms / 1000)
            self._observer.stream_event(NAME, _name(event), delay)
            self._sink.market_event(event)


def _name(event: MarketEvent) -> str:
    """What the exchange calls an event of the market stream."""
    if isinstance(event, Mark):
        return "markPriceUpdate"
    return "24hrMiniTicker" if isinstance(event, LastPrice) else "assetIndexUpdate"


class _Errand:
    """What the supervisor of the market stream does."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        prices: _Prices,
        url: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        pacer: ConnectPacer,
        timings: StreamTimings,
    ) -> None:
        self._subscriptions = subscriptions
        self._prices = prices
        self._url = market_url(url)
        self._session = session
        self._clock = clock
        self._pacer = pacer
        self._timings = timings
        self.opened = prices.opened
        self.lost = prices.lost
        self.deliver = prices.deliver

    async def connect(self, *, renewal: bool) -> Socket:  # noqa: ARG002 - a renewal is no different here
        """Connect, at the common pace."""
        await self._pacer.turn()
        return await open_socket(
            self._session, self._url, clock=self._clock, timings=self._timings, remarks=self._prices.remarks
        )

    async def prepare(self, line: Line) -> None:
        """Subscribe all that is wanted and wait for the first price.

        What becomes wanted meanwhile is subscribed here only where this line is to replace another. The first line of
        a life is in service with its first price: what follows is the follower's, and an answer that does not come
        must not keep back the watch for silence.
        """
        await self._subscriptions.begin(line)
        try:
            async with asyncio.timeout(self._timings.market_silence):
                await line.heard.wait()
        except TimeoutError:
            raise SocketLost("subscribed, and silent") from None
        if not line.in_service:
            await self._subscriptions.subscribe(line)

    async def tend(self, supervisor: Supervisor) -> NoReturn:
        """Subscribe what becomes wanted, and watch for silence."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._subscriptions.follow(supervisor))
            group.create_task(self._watch_silence())
        raise AssertionError("both run until they raise")

    async def _watch_silence(self) -> NoReturn:
        while True:
            silence = self._clock.monotonic() - self._prices.last
            if silence >= self._timings.market_silence:
                raise SocketLost(f"no market data for {silence:.1f} s")
            await self._clock.sleep(self._timings.market_silence - silence)
