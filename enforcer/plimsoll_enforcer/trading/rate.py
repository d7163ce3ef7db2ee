"""One account's order rate: an order is held back rather than refused for coming too soon (-1015).

The exchange counts an account's orders, whoever sends them, in windows of its own clock, and tells the counts with the
answers. Other programs count too: told counts win over ours. Windows are taken to turn on whole multiples of their
length; near a turn our idea of it is not trusted, and what is sent then counts for both windows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll.exchange.client import Headers
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.market import OrderLimit

DEFAULT_LIMITS = (OrderLimit(seconds=10, orders=300), OrderLimit(seconds=60, orders=1200))
"""Until ``exchangeInfo`` tells."""

HEADERS = {10: "X-MBX-ORDER-COUNT-10S", 60: "X-MBX-ORDER-COUNT-1M"}
"""Where the count of a window of so many seconds is told."""

EDGE = 0.2
"""Seconds after the turn of a window in which we still count for the old one, and wait for the new."""

SHORTEST_SLEEP = 0.01
"""Seconds; keeps rounding of the clock from becoming a busy wait."""


@dataclass(kw_only=True, slots=True)
class _Window:
    """The running window of one limit.

    Attributes:
        number: Which window it is, counted from the beginning of time.
        sent: Orders of ours in it.
        told: The most that the exchange told for it.
        edge: Of ``sent``, those so near its end that the next may count them.
    """

    limit: OrderLimit
    number: int = -1
    sent: int = 0
    told: int = 0
    edge: int = 0

    def turn(self, now: float) -> None:
        """Begin anew where the window is over."""
        number = int((now - EDGE) // self.limit.seconds)
        if number != self.number:
            follows = number == self.number + 1
            self.number, self.sent, self.told, self.edge = number, self.edge if follows else 0, 0, 0

    def left(self, now: float) -> float:
        """Seconds until we trust the next one to have begun."""
        return self.limit.seconds - (now - EDGE) % self.limit.seconds


@dataclass(kw_only=True, slots=True)
class Turn:
    """Leave to send one order.

    Attributes:
        numbers: The windows in which it was given, by their seconds.
        counted: False when the exchange certainly did not count it.
        headers: Of its answer.
    """

    numbers: dict[int, int]
    counted: bool = True
    headers: Headers = field(default_factory=dict)

    def take(self, headers: Headers) -> None:
        """Take an answer's headers."""
        self.headers = headers


class OrderRate:
    """Lets an account's orders go while its limits allow it."""

    def __init__(
        self, *, clock: Clock, exchange_clock: ExchangeClock, limits: Iterable[OrderLimit] = DEFAULT_LIMITS
    ) -> None:
        self._clock = clock
        self._exchange_clock = exchange_clock
        self._windows = [_Window(limit=limit) for limit in limits]
        self._in_flight = 0
        self._blocked_until = clock.monotonic()

    def set_limits(self, limits: Iterable[OrderLimit]) -> None:
        """Take the limits that ``exchangeInfo`` tells; what was sent so far stays counted where the window stays."""
        known = {window.limit.seconds: window for window in self._windows}
        told = list(limits)
        for limit in told:
            window = known.setdefault(limit.seconds, _Window(limit=limit))
            window.limit = limit
        if told:
            self._windows = [known[limit.seconds] for limit in told]

    @asynccontextmanager
    async def spend(self) -> AsyncIterator[Turn]:
        """Wait until an order may go, and count it while it is on its way."""
        while (pause := self._pause()) > 0:
            await self._clock.sleep(max(SHORTEST_SLEEP, pause))
        turn = self._count()
        try:
            yield turn
        finally:
            self._settle(turn)

    def refused(self, retry_after: float | None) -> None:
        """The exchange refused an order for the rate (-1015): wait for the time it tells, or for the next window.

        Where it was the longer window that is full, the order after that tells so again.
        """
        now = self._turned()
        until_next = min((window.left(now) for window in self._windows), default=1.0)
        pause = until_next if retry_after is None else retry_after
        self._blocked_until = max(self._blocked_until, self._clock.monotonic() + pause)

    def _pause(self) -> float:
        now = self._turned()
        full = (window.left(now) for window in self._windows if self._used(window) >= window.limit.orders)
        return max(self._blocked_until - self._clock.monotonic(), *full, 0.0)

    def _used(self, window: _Window) -> int:
        """The most that the exchange can have counted: what it told may not have those that are on their way."""
        return max(window.sent, window.told + self._in_flight)

    def _turned(self) -> float:
        now = self._exchange_clock.now()
        for window in self._windows:
            window.turn(now)
        return now

    def _count(self) -> Turn:
        self._turned()
        for window in self._windows:
            window.sent += 1
        self._in_flight += 1
        return Turn(numbers={window.limit.seconds: window.number for window in self._windows})

    def _settle(self, turn: Turn) -> None:
        now = self._turned()
        self._in_flight -= 1
        for window in self._windows:
            if turn.numbers.get(window.limit.seconds) == window.number:
                _learn(window, turn, now)
            elif turn.counted:
                # The exchange may have seen it in this window.
                window.sent += 1


def _learn(window: _Window, turn: Turn, now: float) -> None:
    told = turn.headers.get(HEADERS.get(window.limit.seconds, ""), "")
    if told.isdecimal():
        window.told = max(window.told, int(told))
    if not turn.counted:
        window.sent -= 1
    elif window.left(now) <= 2 * EDGE:
        window.edge += 1
