"""Changes the simulated world and looks how soon the exporter's page shows it.

Each repeat has a quiet time (a scrape every 5 s, two fills a second) and a busy one: prices and fills in turn, each
scraped for without pause until the page shows it, then once more while nothing has changed. Nothing is left out.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

from measuring import NotMeasured, Size
from scraping import Scrape, Scraper, series
from simulated import Simulated
from witness import Witness

SYMBOL = "BTCUSDT"
QUANTITY = "0.001"
SCRAPE_SECONDS = 5.0
FILL_SECONDS = 0.5
WITNESSED = 5
"""Accounts whose fills are timed, at most."""

SETTLE_SECONDS = 300.0
PATIENCE = 30.0
PAUSE_SECONDS = 0.03
"""The longest pause before a change of the busy time; chance decides how long it is, so that nothing keeps step."""


@dataclass(kw_only=True, slots=True)
class Busy:
    """What one busy time found, in milliseconds.

    Attributes:
        prices: From a price's stamp to a page that shows it.
        fills: The same of fills.
        first: Scrapes that showed a change.
        second: Scrapes right after them.
    """

    prices: list[float] = field(default_factory=list)
    fills: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)


class Driver:
    """Drives one pair of simulator and exporter."""

    def __init__(self, size: Size, *, simulated: Simulated, scraper: Scraper, witness: Witness) -> None:
        self._size, self._simulated, self._scraper, self._witness = size, simulated, scraper, witness
        self._accounts = witnessed(size)
        self._fills = self._prices = 0
        self._page = b""
        self._chance = random.Random(1)  # noqa: S311 # no secret, and each run the same

    async def settle(self) -> Scrape:
        """Scrape until every account is live and all its orders are known.

        Raises:
            NotMeasured: That does not come about.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            scrape = await self._scraper.scrape()
            live = sum(series(scrape.page, "binance_account_up"))
            known = len(series(scrape.page, "binance_open_orders", purpose="stop"))
            if live == known == self._size.accounts:
                return scrape
            await asyncio.sleep(0.5)
        raise NotMeasured(f"{live:.0f} accounts are live, the orders of {known} are known")

    async def quiet(self, seconds: float) -> None:
        """Let the world go on, with fills and scrapes as on any day."""
        await self._simulated.do("story")
        until = time.monotonic() + seconds
        await asyncio.gather(
            _again(self._scraper.scrape, every=SCRAPE_SECONDS, until=until),
            _again(self._fill, every=FILL_SECONDS, until=until),
        )

    async def busy(self, samples: int) -> Busy:
        """So many prices and as many fills in turn; the story halts, so that a price stands until the next."""
        await self._simulated.do("story", until=0)
        self._page = (await self._scraper.scrape()).page
        found = Busy()
        for _ in range(samples):
            found.prices.append(await self._timed(self._price, found))
            found.fills.append(await self._timed(self._fill, found))
        return found

    async def _timed(self, change: Callable[[], Awaitable[Change]], found: Busy) -> float:
        """Milliseconds from the stamp of a change to the end of the first scrape that shows it."""
        await asyncio.sleep(self._chance.random() * PAUSE_SECONDS)
        self._witness.forget()
        made = await change()
        shown = await self._until_shown(made, self._page)
        again = await self._scraper.scrape()
        self._page = again.page
        found.first.append(shown.milliseconds)
        found.second.append(again.milliseconds)
        return shown.ended * 1000 - await made.stamp()

    async def _until_shown(self, made: Change, before: bytes) -> Scrape:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            scrape = await self._scraper.scrape()
            if made.on(scrape.page) != made.on(before):
                return scrape
        raise NotMeasured(f"a change of {made.metric} was not shown within {PATIENCE:.0f} s")

    async def _price(self) -> Change:
        """A price that was not there before."""
        self._prices += 1
        price = Decimal(90_000) + Decimal(self._prices % 1000) / 10
        await self._simulated.do("price", symbol=SYMBOL, mark=str(price), push=True)
        name = self._accounts[0]
        return Change("binance_position_mark_price_usd", name, lambda: self._witness.price(price))

    async def _fill(self) -> Change:
        """A small fill; the account's next one turns it round."""
        turn, number = divmod(self._fills, len(self._accounts))
        self._fills += 1
        name = self._accounts[number]
        await self._simulated.trade(name, SYMBOL, "SELL" if turn % 2 else "BUY", QUANTITY)
        return Change("binance_position_quantity", name, lambda: self._witness.fill(name))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed: the series that must show it, and how to learn of its stamp."""

    metric: str
    account: str
    stamp: Callable[[], Awaitable[int]]

    def on(self, page: bytes) -> list[float]:
        """The series on a page."""
        return series(page, self.metric, account=self.account, symbol=SYMBOL)


def witnessed(size: Size) -> tuple[str, ...]:
    """The accounts whose fills are timed."""
    return size.names[:WITNESSED]


async def _again(act: Callable[[], Awaitable[object]], *, every: float, until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        await act()
        await asyncio.sleep(min(every, left))
