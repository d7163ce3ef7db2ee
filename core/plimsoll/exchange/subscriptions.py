"""Which market streams are wanted, and their subscription by message; every answer is awaited.

Streams that nobody needs any more are not unsubscribed: they go at the next renewal, which opens a fresh connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NoReturn

from plimsoll.clock import Clock
from plimsoll.exchange.pacing import Backoff, StreamTimings
from plimsoll.exchange.socket import RequestRefused, Socket, SocketLost
from plimsoll.exchange.supervisor import Line, Supervisor

CANARY = "btcusdt@markPrice@1s"
"""Always subscribed: it speaks every second, whatever anybody holds."""

ASSET_RATES = "!assetIndex@arr"
MAX_STREAMS = 1000
"""Below the exchange's 1,024 a connection."""

CHUNK = 100
"""Streams in one ``SUBSCRIBE``."""

ATTEMPTS = 3
"""Messages without an answer after which the connection is given up."""

_log = logging.getLogger(__name__)


class Subscriptions:
    """The wanted streams, and the way to have them on a connection."""

    def __init__(self, *, clock: Clock, timings: StreamTimings) -> None:
        self._clock = clock
        self._timings = timings
        self._asked = [CANARY]
        self._wanted = frozenset(self._asked)
        self._changed = asyncio.Event()
        self._refused: set[str] = set()

    def want(self, symbols: Iterable[str], *, asset_rates: bool, last_prices: Iterable[str] = ()) -> None:
        """Set the streams; more than one connection carries are refused loudly, the rest is served, marks first."""
        rates = [ASSET_RATES] if asset_rates else []
        asked = list(dict.fromkeys([CANARY, *rates, *map(_stream, symbols), *map(_last_price_stream, last_prices)]))
        if asked == self._asked:
            return
        if len(asked) > MAX_STREAMS:
            _log.error("%d market streams wanted, %d served: the rest has no live price", len(asked), MAX_STREAMS)
        self._asked = asked
        self._wanted = frozenset(islice(asked, MAX_STREAMS))
        self._changed.set()

    async def begin(self, line: Line) -> None:
        """Subscribe, on a new connection, what is wanted at this moment, and what was refused elsewhere too.

        Raises:
            SocketLost: No answer, or the connection ended.
        """
        self._refused.clear()
        wanted = sorted(self._wanted)
        for first in range(0, len(wanted), CHUNK):
            await self._subscribe(line, wanted[first : first + CHUNK])

    async def subscribe(self, line: Line) -> None:
        """Subscribe what is wanted and missing on this connection, and what becomes wanted meanwhile.

        Raises:
            SocketLost: No answer, or the connection ended.
        """
        while missing := sorted(self._wanted - line.streams - self._refused):
            await self._subscribe(line, missing[:CHUNK])

    async def follow(self, supervisor: Supervisor) -> NoReturn:
        """Subscribe what becomes wanted on the connection in service.

        Raises:
            SocketLost: As ``subscribe``.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            line = supervisor.line
            try:
                if line is not None:
                    await self.subscribe(line)
            except SocketLost:
                if line is supervisor.line:
                    raise
                # else it was replaced meanwhile, by one that has all that was wanted

    async def _subscribe(self, line: Line, streams: Sequence[str]) -> None:
        """Subscribe; where the exchange refuses several at once, halve them until the bad one stands alone."""
        try:
            await self._insist(line.socket, streams)
        except RequestRefused as error:
            if len(streams) == 1:
                _log.error("market stream %s %s: no live price for it", streams[0], error)
                self._refused.update(streams)
                return
            half = len(streams) // 2
            await self._subscribe(line, streams[:half])
            await self._subscribe(line, streams[half:])
        else:
            line.streams.update(streams)

    async def _insist(self, socket: Socket, streams: Sequence[str]) -> None:
        """Send the same again where no answer comes.

        Raises:
            RequestRefused: The answer is an error.
            SocketLost: No answer at all.
        """
        backoff = Backoff(self._timings.backoff_start)
        for _ in range(ATTEMPTS):
            try:
                return await socket.request("SUBSCRIBE", streams)
            except TimeoutError:
                _log.warning("market stream: no answer to SUBSCRIBE of %d streams", len(streams))
                await self._clock.sleep(backoff.pause(self._timings.backoff_limit))
        raise SocketLost(f"no answer to {ATTEMPTS} SUBSCRIBE messages")


def _stream(symbol: str) -> str:
    """The stream of a symbol's mark price, every second."""
    return f"{symbol.lower()}@markPrice@1s"


def _last_price_stream(symbol: str) -> str:
    """The stream of a symbol's last price.

    The mini ticker says it at a steady pace however fast the market trades, while the trade streams send as many
    messages as there are trades; for how long a price has been beyond a trigger its pace is enough.
    """
    return f"{symbol.lower()}@miniTicker"
