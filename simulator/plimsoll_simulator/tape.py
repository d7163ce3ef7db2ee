"""What the market did so far: a candle of last prices per symbol and minute, and the funding that was settled.

Bounded: the oldest candles and fundings fall off. Minutes without a price are filled by whoever reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

MINUTE_MS = 60_000
_MOST_MINUTES = 1500
_MOST_FUNDINGS = 1000


@dataclass(kw_only=True, slots=True)
class Candle:
    """The last prices of one span of time, which begins at ``time`` (ms)."""

    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    def add(self, price: Decimal) -> None:
        """Take in a later price."""
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price


@dataclass(frozen=True, kw_only=True, slots=True)
class Funding:
    """One settlement of funding: the rate and the mark price at that time (ms)."""

    symbol: str
    rate: Decimal
    mark: Decimal
    time: int


@dataclass(kw_only=True)
class Tape:
    """The history of all symbols."""

    fundings: deque[Funding] = field(default_factory=lambda: deque(maxlen=_MOST_FUNDINGS))
    _minutes: dict[str, deque[Candle]] = field(default_factory=dict)

    def record(self, symbol: str, price: Decimal, time: int) -> None:
        """Write down a last price."""
        minutes = self._minutes.setdefault(symbol, deque(maxlen=_MOST_MINUTES))
        start = time - time % MINUTE_MS
        if minutes and minutes[-1].time == start:
            minutes[-1].add(price)
        else:
            minutes.append(flat(start, price))

    def minutes(self, symbol: str) -> Iterable[Candle]:
        """The candles of a symbol, oldest first; minutes in which nothing was set are missing."""
        return self._minutes.get(symbol, ())

    def candles(self, symbol: str, starts: range, first: Decimal) -> list[Candle]:
        """One candle for each start of ``starts``; where nothing was written the price stood, at ``first`` to begin."""
        rows: list[Candle] = []
        waiting, price = deque(self.minutes(symbol)), first
        for start in starts:
            candle = None
            while waiting and waiting[0].time < start + starts.step:
                candle, price = _merged(candle, waiting.popleft(), start), candle.close if candle else price
            rows.append(candle or flat(start, price))
            price = rows[-1].close
        return rows


def flat(time: int, price: Decimal) -> Candle:
    """A span in which the price stood."""
    return Candle(time=time, open=price, high=price, low=price, close=price)


def _merged(candle: Candle | None, minute: Candle, start: int) -> Candle:
    if candle is None or minute.time < start:
        return Candle(time=start, open=minute.open, high=minute.high, low=minute.low, close=minute.close)
    return Candle(
        time=start,
        open=candle.open,
        high=max(candle.high, minute.high),
        low=min(candle.low, minute.low),
        close=minute.close,
    )
