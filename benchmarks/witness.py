"""Hears on streams of its own what the exporter hears, so that every price and fill is known by its stamp ``E``.

The stamp is the moment at which the exchange made the event; what is counted from it holds none of the time that the
driver took to ask for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal

import aiohttp
from simulated import Simulated

PATIENCE = 10.0
"""Seconds after which an event that was asked for must have come."""


class Witness:
    """Stamps of the prices of one symbol and of the fills of some accounts, in milliseconds of Unix time."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self._prices: asyncio.Queue[tuple[Decimal, int]] = asyncio.Queue()
        self._fills: dict[str, asyncio.Queue[int]] = {account: asyncio.Queue() for account in accounts}

    def forget(self) -> None:
        """What came so far is nobody's answer."""
        while not self._prices.empty():
            self._prices.get_nowait()
        for queue in self._fills.values():
            while not queue.empty():
                queue.get_nowait()

    async def price(self, price: Decimal) -> int:
        """When the first message with that price since ``forget`` was made."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, stamp = await self._prices.get()
                if found == price:
                    return stamp

    async def next_price(self) -> Decimal:
        """The price of the next message."""
        self.forget()
        async with asyncio.timeout(PATIENCE):
            return (await self._prices.get())[0]

    async def fill(self, account: str) -> int:
        """When the first change of a position of that account since ``forget`` was made."""
        async with asyncio.timeout(PATIENCE):
            return await self._fills[account].get()

    async def hear_prices(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Note the stamps of prices until the socket ends."""
        async for message in socket:
            event = json.loads(message.data)["data"]
            self._prices.put_nowait((Decimal(event["p"]), event["E"]))

    async def hear_fills(self, account: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Note the stamps of position changes until the socket ends."""
        async for message in socket:
            event = json.loads(message.data)
            if event["e"] == "ACCOUNT_UPDATE" and event["a"]["P"]:
                self._fills[account].put_nowait(event["E"])


@asynccontextmanager
async def witnessing(simulated: Simulated, symbol: str, accounts: Iterable[str]) -> AsyncIterator[Witness]:
    """A witness that listens until the block ends."""
    names = tuple(accounts)
    witness = Witness(names)
    async with asyncio.TaskGroup() as tasks:
        prices = await simulated.market_stream(f"{symbol.lower()}@markPrice@1s")
        events = [(name, await simulated.user_stream(name)) for name in names]
        hearing = [tasks.create_task(witness.hear_prices(prices))]
        hearing += [tasks.create_task(witness.hear_fills(name, socket)) for name, socket in events]
        yield witness
        for task in hearing:
            task.cancel()
