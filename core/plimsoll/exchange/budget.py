"""The request weight of this machine's address, shared by all accounts.

The exchange counts per address and minute and tells the count with each answer; that figure wins over ours, since other
programs behind the same address count too. We never plan above ``Shares.urgent`` of the limit: what is left absorbs
them. After HTTP 429 or 418 nothing leaves before the exchange's time is over. A request that would have to wait longer
than ``Shares.patience`` for that fails at once, so that the caller can say why. What weighs nothing waits for nothing
but such a silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from plimsoll.clock import Clock
from plimsoll.errors import Banned, ExchangeError, Throttled, Unavailable
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import Observer
from plimsoll.exchange.waiting import FairQueue, Waiter

DEFAULT_LIMIT = 2400
"""Weight a minute, until ``exchangeInfo`` tells."""

URGENT_SHARE = 0.6
"""Part of the limit that urgent requests may bring the count to."""

ROUTINE_SHARE = 0.5
"""Part of the limit that routine requests may bring the count to; the rest stays free for a sudden resync."""

MINUTE = 60.0

EDGE = 1.0
"""Seconds around the turn of the exchange's minute in which we do not trust our idea of it: what is sent then counts
for both minutes, and the new one begins that much later."""

PATIENCE = 90.0
"""Longest pause in seconds that a request waits out; longer ones fail it at once."""

SHORTEST_SLEEP = 0.01
"""Seconds; keeps rounding of the clock from becoming a busy wait."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """How much of the address's allowance a program may plan with.

    Attributes:
        urgent: Part of the limit that urgent requests may bring the count to.
        routine: Part of the limit that routine requests may bring the count to.
        patience: Longest silence asked for by the exchange, in seconds, that a request waits out.
    """

    urgent: float = URGENT_SHARE
    routine: float = ROUTINE_SHARE
    patience: float = PATIENCE


SHARES = Shares()
"""Of a program that watches."""


@dataclass(kw_only=True, slots=True)
class Ticket:
    """Leave to send one request.

    Attributes:
        weight: What it was granted.
        minute: The minute in which it was granted.
        at_edge: Whether that was so near its turn that it may count for the next one.
        reported: The exchange's count, from the answer's header.
        sent: False when the request certainly never counted.
    """

    weight: int
    minute: int
    at_edge: bool
    reported: int | None = None
    sent: bool = True

    def report(self, used: int) -> None:
        """Take the exchange's count from an answer."""
        self.reported = used


class WeightBudget:
    """Lets requests go while the address's count allows it, the others wait in a fair line."""

    def __init__(
        self, *, clock: Clock, exchange_clock: ExchangeClock, observer: Observer, shares: Shares = SHARES
    ) -> None:
        self._shares = shares
        self._clock = clock
        self._exchange_clock = exchange_clock
        self._observer = observer
        self._limit = DEFAULT_LIMIT
        self._minute = self._current_minute()
        self._counted = 0
        self._edge_weight = 0
        self._in_flight = 0
        self._pause = Throttled("nothing")
        self._paused_until = clock.monotonic()
        self._queue = FairQueue()
        self._alarm: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def used(self) -> int:
        """Weight counted in the exchange's running minute, as far as we know."""
        self._turn_minute()
        return self._counted

    @property
    def limit(self) -> int:
        """Weight allowed a minute."""
        return self._limit

    @property
    def paused_until(self) -> float:
        """Monotonic second until which nothing is sent; in the past where nothing is paused."""
        return self._paused_until

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return len(self._queue)

    def set_limit(self, limit: int) -> None:
        """Take the limit that ``exchangeInfo`` tells."""
        self._limit = limit
        self._observer.weight(self.used, limit)
        self._grant()

    def pause(self, reason: Throttled) -> None:
        """Send nothing for ``reason.retry_after`` seconds, or until the next minute where it is not told."""
        seconds = self._until_sure_of_next_minute() if reason.retry_after is None else reason.retry_after
        until = self._clock.monotonic() + seconds
        if until <= self._paused_until:
            return
        self._paused_until, self._pause = until, reason
        if seconds > self._shares.patience:
            self._fail_all(self._refusal)
        self._silence_alarm()
        self._grant()

    @asynccontextmanager
    async def spend(self, weight: int, *, account: str, urgent: bool) -> AsyncIterator[Ticket]:
        """Wait until a request of this weight may go, and count it while it is on its way.

        Args:
            weight: What the request costs.
            account: Whose it is; accounts take turns.
            urgent: Whether it goes before routine requests and may use ``Shares.urgent``.

        Raises:
            Throttled: The exchange wants silence for longer than ``Shares.patience``; ``Banned`` where it is a ban.
            Unavailable: The adapter is closed.
        """
        ticket = await self._obtain(weight, account=account, urgent=urgent)
        try:
            yield ticket
        finally:
            self._settle(ticket)

    def close(self) -> None:
        """Let nobody wait any more; those who do, fail with ``Unavailable``."""
        self._closed = True
        self._fail_all(_closed)
        self._silence_alarm()

    async def _obtain(self, weight: int, *, account: str, urgent: bool) -> Ticket:
        self._check_open()
        self._check_patience()
        if weight == 0:
            return await self._obtain_nothing()
        granted = asyncio.get_running_loop().create_future()
        waiter = Waiter(weight=weight, account=account, urgent=urgent, granted=granted)
        self._queue.add(waiter)
        self._grant()
        try:
            await granted
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise
        self._check_open()
        return Ticket(weight=weight, minute=self._minute, at_edge=self._at_edge())

    async def _obtain_nothing(self) -> Ticket:
        """Leave to send what weighs nothing: it must not stand in line behind what does."""
        while (pause := self._paused_for()) > 0:
            self._check_patience()
            await self._clock.sleep(pause)
            self._check_open()
        return Ticket(weight=0, minute=self._minute, at_edge=False)

    def _check_patience(self) -> None:
        if self._paused_for() > self._shares.patience:
            raise self._refusal()

    def _check_open(self) -> None:
        if self._closed:
            raise _closed()

    def _give_up(self, waiter: Waiter) -> None:
        if waiter.granted.cancelled():
            self._queue.remove(waiter)
        elif waiter.granted.exception() is None:
            self._in_flight -= waiter.weight
        self._grant()

    def _settle(self, ticket: Ticket) -> None:
        self._in_flight -= ticket.weight
        self._turn_minute()
        if ticket.sent and ticket.at_edge and ticket.minute == self._minute:
            self._edge_weight += ticket.weight
        if ticket.reported is not None and ticket.minute == self._minute:
            self._counted = max(self._counted, ticket.reported)
        elif ticket.sent:
            # No count, or one that may be the last minute's: the exchange may have counted it in this one.
            self._counted += ticket.weight
        if ticket.reported is not None:
            self._observer.weight(self._counted, self._limit)
        self._grant()

    def _grant(self) -> None:
        self._turn_minute()
        while self._paused_for() <= 0 and (waiter := self._next()) is not None:
            self._queue.take(waiter)
            if waiter.granted.cancelled():
                continue
            self._in_flight += waiter.weight
            waiter.granted.set_result(None)
        if len(self._queue) and (self._alarm is None or self._alarm.done()):
            self._alarm = asyncio.get_running_loop().create_task(self._wake_later())

    def _next(self) -> Waiter | None:
        return next((waiter for waiter in self._queue.candidates() if self._fits(waiter)), None)

    def _fits(self, waiter: Waiter) -> bool:
        allowance = int(self._limit * (self._shares.urgent if waiter.urgent else self._shares.routine))
        return self._counted + self._in_flight + min(waiter.weight, allowance) <= allowance

    async def _wake_later(self) -> None:
        while len(self._queue):
            pause = self._paused_for()
            await self._clock.sleep(max(SHORTEST_SLEEP, pause if pause > 0 else self._until_next_minute()))
            self._grant()

    def _silence_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _paused_for(self) -> float:
        return self._paused_until - self._clock.monotonic()

    def _refusal(self) -> Throttled:
        kind = Banned if isinstance(self._pause, Banned) else Throttled
        message = f"held back; the exchange said: {self._pause}"
        return kind(message, code=self._pause.code, retry_after=self._paused_for())

    def _fail_all(self, failure: Callable[[], ExchangeError]) -> None:
        for waiter in list(self._queue):
            self._queue.remove(waiter)
            if not waiter.granted.cancelled():
                waiter.granted.set_exception(failure())

    def _current_minute(self) -> int:
        return int((self._exchange_clock.now() - EDGE) // MINUTE)

    def _until_next_minute(self) -> float:
        return MINUTE - (self._exchange_clock.now() - EDGE) % MINUTE

    def _at_edge(self) -> bool:
        return self._until_next_minute() <= 2 * EDGE

    def _until_sure_of_next_minute(self) -> float:
        """As ``_until_next_minute``; at the edge the minute that refused us may be the new one already."""
        return self._until_next_minute() + (MINUTE if self._at_edge() else 0.0)

    def _turn_minute(self) -> None:
        minute = self._current_minute()
        if minute == self._minute:
            return
        self._counted = self._edge_weight
        self._edge_weight = 0
        self._minute = minute


def _closed() -> Unavailable:
    return Unavailable("the adapter is closed")
