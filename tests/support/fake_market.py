"""What every made-up reader does before it answers (count, wait, fail), and the market side of the made-up exchange."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import builders
from manual_clock import ManualClock
from plimsoll.exchange.port import MarketSink
from plimsoll.model.market import AssetRate, ExchangeRules, Instrument, LastPrice, Mark

SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT")
WEIGHTS = {
    "wallet": 5,
    "positions": 5,
    "settings": 5,
    "symbol_settings": 5,
    "brackets": 1,
    "income": 30,
    "marks": 10,
    "asset_rates": 10,
    "rules": 1,
    "measure_clock": 1,
    "key_permissions": 1,
}


class Faulty:
    """What every fake reader does before it answers: count, wait, fail.

    Attributes:
        calls: Every call, by method name, in order.
        failures: What the next calls of a method raise; an endless one stays until removed.
        latency: Seconds before an answer.
        held: Methods that give no answer before ``release``.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.calls: list[str] = []
        self.weight = 0
        self.failures: dict[str, deque[Exception] | Exception] = {}
        self.latency = 0.0
        self.held: dict[str, asyncio.Event] = {}

    def fail(self, name: str, *errors: Exception) -> None:
        """Fail the next calls of a method, one by one."""
        self.failures[name] = deque(errors)

    def fail_on(self, name: str, error: Exception) -> None:
        """Fail every call of a method from now on."""
        self.failures[name] = error

    def mend(self) -> None:
        """Fail no more."""
        self.failures.clear()

    def hold(self, name: str) -> asyncio.Event:
        """Give no answer to a method until the event is set."""
        self.held[name] = asyncio.Event()
        return self.held[name]

    @property
    def counts(self) -> Counter[str]:
        """How often each method was called."""
        return Counter(self.calls)

    async def called(self, name: str, weight: int | None = None) -> None:
        """Note a call, wait and fail as told."""
        self.calls.append(name)
        self.weight += WEIGHTS[name] if weight is None else weight
        if self.latency:
            await self.clock.sleep(self.latency)
        if name in self.held:
            await self.held[name].wait()
        failure = self.failures.get(name)
        if isinstance(failure, deque):
            failure = failure.popleft() if failure else None
        if failure is not None:
            raise failure


class FakeMarket(Faulty):
    """The market; a ``MarketReader``, and its stream.

    Attributes:
        prices: The mark prices of now.
        wanted: Symbols whose marks the stream was last asked for.
        lasts: Last prices that the stream tells where asked for.
        ahead: Seconds by which the exchange's clock is ahead of the machine's; ``Scene.set_exchange_clock`` sets it.
    """

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.prices = {symbol: Decimal(100) for symbol in SYMBOLS}
        self.rates: tuple[AssetRate, ...] = ()
        self.instruments: dict[str, Instrument] = {symbol: builders.instrument(symbol) for symbol in SYMBOLS}
        self.weight_limit: int | None = 2400
        self.sink: MarketSink | None = None
        self.wanted: frozenset[str] = frozenset()
        self.wants_rates = False
        self.wanted_lasts: frozenset[str] = frozenset()
        self.lasts: dict[str, Decimal] = {}
        self.running = 0
        self.ahead = 0.0

    def open_stream(self, sink: MarketSink) -> FakeMarket:
        """Make the stream: this object."""
        self.sink = sink
        return self

    def want(self, symbols: Iterable[str], *, asset_rates: bool, last_prices: Iterable[str] = ()) -> None:
        """Note what is needed."""
        self.wanted, self.wants_rates = frozenset(symbols), asset_rates
        self.wanted_lasts = frozenset(last_prices)

    async def run(self) -> None:
        """Stay until cancelled."""
        self.running += 1
        await asyncio.Event().wait()

    def tick(self) -> None:
        """Send the mark price of every wanted symbol, and the rates where wanted."""
        assert self.sink is not None
        for symbol in self.wanted & self.prices.keys():
            self.sink.market_event(self.mark(symbol))
        for symbol in self.wanted_lasts & self.lasts.keys():
            self.sink.market_event(LastPrice(symbol=symbol, price=self.lasts[symbol], time_ms=self.now_ms()))
        for rate in self.rates if self.wants_rates else ():
            self.sink.market_event(replace(rate, time_ms=self.now_ms()))

    def now_ms(self) -> int:
        """The exchange's time."""
        return int((self.clock.now() + self.ahead) * 1000)

    def mark(self, symbol: str) -> Mark:
        """A symbol's mark price of now."""
        return Mark(symbol=symbol, price=self.prices[symbol], time_ms=self.now_ms())

    async def rules(self) -> ExchangeRules:
        """The contracts."""
        await self.called("rules")
        return ExchangeRules(instruments=dict(self.instruments), weight_limit=self.weight_limit)

    async def marks(self) -> tuple[Mark, ...]:
        """Every mark price."""
        await self.called("marks")
        return tuple(self.mark(symbol) for symbol in self.prices)

    async def asset_rates(self) -> tuple[AssetRate, ...]:
        """Every rate."""
        await self.called("asset_rates")
        return tuple(replace(rate, time_ms=self.now_ms()) for rate in self.rates)

    async def measure_clock(self) -> None:
        """The time."""
        await self.called("measure_clock")
