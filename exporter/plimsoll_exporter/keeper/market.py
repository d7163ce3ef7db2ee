"""The prices and rules that all accounts share: one stream, one copy.

Marks come from the stream; REST seeds them at the start and after a loss. The symbols that are streamed are those that
the accounts need at the moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import MarketReader, MarketSink, MarketStream
from plimsoll.model.events import MarketEvent
from plimsoll.model.market import AssetRate, ExchangeRules, Instrument, LastPrice, Mark
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.prices import Prices
from plimsoll_exporter.keeper.showing import Showing
from plimsoll_exporter.keeper.sources import Sources
from plimsoll_exporter.keeper.trust import AHEAD_SECONDS, fresh_lasts
from plimsoll_exporter.keeper.waiting import retry_delay, wait_until

log = logging.getLogger(__name__)

CLOCK_SECONDS = 60.0
RULES_SECONDS = 3600.0

UNKNOWN_SYMBOL_SECONDS = 60.0
"""The shortest time between two readings of the rules, also while somebody needs a symbol that is not in them."""

OFFER_AFTER_MS = 2000

AHEAD_MS = int(AHEAD_SECONDS * 1000)

DOUBT_CLOCK_MS = AHEAD_MS
DOUBT_CLOCK_SECONDS = 5.0
"""A price stamped so far from the exchange's time makes that be measured again, but not more often than this.

Whatever is dropped for its stamp does: else nothing would be known until the clock is measured in its turn.
"""

NEVER = float("-inf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What one account needs of the market: the symbols of marks and of last prices, and whether asset rates."""

    marks: frozenset[str]
    asset_rates: bool
    last_prices: frozenset[str]


@dataclass(slots=True, eq=False)
class Errand:
    """A reading that is repeated; one that fails delays no other.

    Attributes:
        every: Seconds between two.
        due: Monotonic time of the next.
        work: Set when ``due`` was brought forward.
    """

    name: str
    do: Callable[[], Awaitable[None]]
    every: float
    due: float = NEVER
    failures: int = 0
    work: asyncio.Event = field(default_factory=asyncio.Event)

    def hurry(self, due: float) -> None:
        """Bring the next reading forward; not while it fails, since then it is tried again soon anyhow."""
        if self.failures == 0:
            self.due = min(self.due, due)
            self.work.set()


class MarketKeeper:
    """Keeps marks, asset rates and the exchange's rules; a ``MarketSink``.

    Attributes:
        moved: Told that a mark or a rate came, which may change what accounts are worth.
    """

    def __init__(
        self,
        reader: MarketReader,
        open_stream: Callable[[MarketSink], MarketStream],
        *,
        clock: Clock,
        exchange_clock: ExchangeClock,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._exchange_clock = exchange_clock
        self._stream = open_stream(self)
        self._marks: Prices[Mark] = Prices(clock=clock, exchange_clock=exchange_clock)
        self._rates: Prices[AssetRate] = Prices(clock=clock, exchange_clock=exchange_clock)
        self._lasts: Prices[LastPrice] = Prices(clock=clock, exchange_clock=exchange_clock)
        self._readings = exchange_clock.readings
        self._rules: ExchangeRules | None = None
        self._rules_read_at = NEVER
        self._rules_lock = asyncio.Lock()
        self._margin_assets: frozenset[str] = frozenset()
        self._state: MarketState | None = None
        self._showing = Showing()
        self._needs: dict[str, Need] = {}
        self._sources = Sources("market", clock)
        self._rules_errand = Errand("rules", self._renew_rules, RULES_SECONDS)
        self._seed_errand = Errand("marks", self._seed, float("inf"))
        self._clock_errand = Errand("clock", self._measure_clock, CLOCK_SECONDS)
        self._clock_measured_at = NEVER
        self.moved: Callable[[], None] = lambda: None
        self._errands = (self._clock_errand, self._rules_errand, self._seed_errand)

    async def run(self) -> None:
        """Keep the stream and the rules until cancelled."""
        self._seed_errand.due = NEVER
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stream.run())
            for errand in self._errands:
                tasks.create_task(self._keep(errand))

    def state(self) -> MarketState:
        """The market of this moment, frozen; one object until something changes, so that what is made of it is kept."""
        if self._state is None or self._readings != self._exchange_clock.readings:
            self._readings = self._exchange_clock.readings
            self._state = MarketState(
                marks=self._marks.all(),
                rates=self._rates.all(),
                lasts=self._lasts.all(),
                instruments=self.instruments,
                margin_assets=self._margin_assets,
            )
        return self._state

    def shown(self) -> MarketState:
        """The same without what is too old to be shown, or of a time to come; one object while it stays equal."""
        return self._showing.of(self.state(), self._exchange_clock.now() * 1000)

    def lasts(self) -> Mapping[str, LastPrice]:
        """The last prices that may be believed now."""
        return fresh_lasts(self._lasts.all(), self._exchange_clock.now() * 1000)

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The exchange's contracts by symbol; empty before the first reading."""
        return self._rules.instruments if self._rules is not None else {}

    @property
    def weight_limit(self) -> int | None:
        """The exchange's request weight a minute, once it told it."""
        return self._rules.weight_limit if self._rules is not None else None

    async def ready(self) -> None:
        """Return once the rules are known.

        Raises:
            ExchangeError: They cannot be read now.
        """
        async with self._rules_lock:
            if self._rules is None:
                await self._read_rules()

    def need(self, account: str, symbols: Iterable[str], *, asset_rates: bool, last_prices: Iterable[str] = ()) -> None:
        """An account needs these marks and last prices; what nobody needs any more is dropped at the next renewal."""
        mine = Need(marks=frozenset(symbols), asset_rates=asset_rates, last_prices=frozenset(last_prices))
        if self._needs.get(account) == mine:
            return
        self._needs[account] = mine
        needs = self._needs.values()
        self._stream.want(
            frozenset[str]().union(*(each.marks for each in needs)),
            asset_rates=any(each.asset_rates for each in needs),
            last_prices=frozenset[str]().union(*(each.last_prices for each in needs)),
        )
        self._look_for_unknown()
        told_rates = not asset_rates or self._rates.known
        if not told_rates or mine.marks - self._marks.known:
            self._seed_errand.hurry(self._clock.monotonic())

    def offer(self, mark: Mark) -> None:
        """A mark price that an account's own event implies: taken only where the stream tells none of late."""
        known = self._marks.get(mark.symbol)
        if known is None or mark.time_ms - known.time_ms > OFFER_AFTER_MS:
            self.market_event(mark)

    def market_event(self, event: MarketEvent) -> None:
        """One price or rate; one from the future is dropped, and so is an older one than ours."""
        ahead_ms = event.time_ms - self._exchange_clock.now_ms()
        if abs(ahead_ms) > DOUBT_CLOCK_MS:
            self._doubt_clock()
        if ahead_ms > AHEAD_MS:
            return
        self._state = None
        if isinstance(event, LastPrice):
            self._lasts.take(event.symbol, event)
        elif self._marks.take(event.symbol, event) if isinstance(event, Mark) else self._rates.take(event.asset, event):
            self.moved()

    def _doubt_clock(self) -> None:
        """The exchange's clock is not where we believe it to be: measure it soon, again after a while at most."""
        self._clock_errand.hurry(self._clock_measured_at + DOUBT_CLOCK_SECONDS)

    async def _measure_clock(self) -> None:
        await self._reader.measure_clock()
        self._clock_measured_at = self._clock.monotonic()

    def market_lost(self, reason: str) -> None:
        """The stream is gone: seed marks once over REST, so that a short loss shows no gap.

        The last price holds only while nothing is missed; it is told again by the next connection.
        """
        self._lasts.clear()
        self._state = None
        log.warning("mark-price stream lost: %s", reason)
        self._seed_errand.hurry(self._clock.monotonic())

    async def _keep(self, errand: Errand) -> None:
        while True:
            if self._clock.monotonic() >= errand.due:
                await self._run(errand)
            await wait_until(errand.work, errand.due, self._clock)

    async def _run(self, errand: Errand) -> None:
        errand.due = self._clock.monotonic() + errand.every
        try:
            with self._sources.blame(errand.name):
                await errand.do()
        except ExchangeError as error:
            errand.failures += 1
            errand.due = self._clock.monotonic() + retry_delay(error, errand.failures)
        else:
            errand.failures = 0
            self._sources.mended(errand.name)

    async def _renew_rules(self) -> None:
        async with self._rules_lock:
            if self._clock.monotonic() - self._rules_read_at >= UNKNOWN_SYMBOL_SECONDS:
                await self._read_rules()

    async def _read_rules(self) -> None:
        rules = await self._reader.rules()
        self._rules, self._rules_read_at = rules, self._clock.monotonic()
        self._margin_assets = rules.margin_assets()
        self._state = None
        self._look_for_unknown()

    def _look_for_unknown(self) -> None:
        """Read the rules again soon while somebody needs a symbol that is not in them."""
        if any(need.marks - self.instruments.keys() for need in self._needs.values()):
            self._rules_errand.hurry(self._rules_read_at + UNKNOWN_SYMBOL_SECONDS)

    async def _seed(self) -> None:
        for mark in await self._reader.marks():
            self.market_event(mark)
        if any(need.asset_rates for need in self._needs.values()):
            for rate in await self._reader.asset_rates():
                self.market_event(rate)
