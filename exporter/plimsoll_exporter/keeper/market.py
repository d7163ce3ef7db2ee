"""The prices and rules that all accounts share: one stream, one copy.

Marks come from the stream; REST seeds them at the start and after a loss. The symbols that are streamed are those that
the accounts need at the moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import MarketReader, MarketSink, MarketStream
from plimsoll.model.events import MarketEvent
from plimsoll.model.market import AssetRate, ExchangeRules, Instrument, Mark
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.waiting import wait_until

log = logging.getLogger(__name__)

CLOCK_SECONDS = 60.0
RULES_SECONDS = 3600.0
UNKNOWN_SYMBOL_SECONDS = 60.0
RETRY_SECONDS = 2.0
OFFER_AFTER_MS = 2000


class MarketKeeper:
    """Keeps marks, asset rates and the exchange's rules; a ``MarketSink``."""

    def __init__(
        self,
        reader: MarketReader,
        open_stream: Callable[[MarketSink], MarketStream],
        *,
        clock: Clock,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._stream = open_stream(self)
        self._marks: dict[str, Mark] = {}
        self._rates: dict[str, AssetRate] = {}
        self._rules: ExchangeRules | None = None
        self._rules_read_at = float("-inf")
        self._margin_assets: frozenset[str] = frozenset()
        self._needs: dict[str, tuple[frozenset[str], bool]] = {}
        self._work = asyncio.Event()
        self._seed_wanted = True

    async def run(self) -> None:
        """Keep the stream and the rules until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stream.run())
            tasks.create_task(self._maintain())

    def state(self) -> MarketState:
        """The market of this moment, frozen."""
        return MarketState(
            marks=dict(self._marks),
            rates=dict(self._rates),
            instruments=self.instruments,
            margin_assets=self._margin_assets,
        )

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
        if self._rules is None:
            await self._read_rules()

    def need(self, account: str, symbols: Iterable[str], *, asset_rates: bool) -> None:
        """An account needs the marks of these symbols; what nobody needs any more is dropped at the next renewal."""
        mine = (frozenset(symbols), asset_rates)
        if self._needs.get(account) == mine:
            return
        self._needs[account] = mine
        everyone = frozenset[str]().union(*(wanted for wanted, _ in self._needs.values()))
        self._stream.want(everyone, asset_rates=any(rates for _, rates in self._needs.values()))
        stale_rules = self._clock.monotonic() - self._rules_read_at > UNKNOWN_SYMBOL_SECONDS
        if stale_rules and any(symbol not in self.instruments for symbol in everyone):
            self._rules_read_at = float("-inf")
            self._work.set()
        if any(symbol not in self._marks for symbol in mine[0]):
            self._seed_wanted = True
            self._work.set()

    def offer(self, mark: Mark) -> None:
        """A mark price that an account's own event implies: taken only where the stream tells none of late."""
        known = self._marks.get(mark.symbol)
        if known is None or mark.time_ms - known.time_ms > OFFER_AFTER_MS:
            self._marks[mark.symbol] = mark

    def market_event(self, event: MarketEvent) -> None:
        """One mark price or asset rate; an older one than ours is dropped."""
        if isinstance(event, Mark):
            known = self._marks.get(event.symbol)
            if known is None or event.time_ms >= known.time_ms:
                self._marks[event.symbol] = event
        else:
            rate = self._rates.get(event.asset)
            if rate is None or event.time_ms >= rate.time_ms:
                self._rates[event.asset] = event

    def market_lost(self, reason: str) -> None:
        """The stream is gone: seed once over REST, so that a short loss shows no gap."""
        log.warning("mark-price stream lost: %s", reason)
        self._seed_wanted = True
        self._work.set()

    async def _maintain(self) -> None:
        clock_due = self._clock.monotonic()
        while True:
            try:
                if self._clock.monotonic() >= clock_due:
                    await self._reader.measure_clock()
                    clock_due = self._clock.monotonic() + CLOCK_SECONDS
                if self._clock.monotonic() - self._rules_read_at >= RULES_SECONDS:
                    await self._read_rules()
                if self._seed_wanted:
                    await self._seed()
            except ExchangeError as error:
                log.warning("market data over REST: %s", error)
                await self._clock.sleep(RETRY_SECONDS)
                continue
            await wait_until(self._work, clock_due, self._clock)

    async def _read_rules(self) -> None:
        rules = await self._reader.rules()
        self._rules, self._rules_read_at = rules, self._clock.monotonic()
        self._margin_assets = rules.margin_assets()

    async def _seed(self) -> None:
        self._seed_wanted = False
        for mark in await self._reader.marks():
            self.market_event(mark)
        if any(rates for _, rates in self._needs.values()):
            for rate in await self._reader.asset_rates():
                self.market_event(rate)
