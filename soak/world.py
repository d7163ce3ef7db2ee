"""Twenty calm accounts: modest positions, prices that wander, now and then a fill, funding or a transfer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.clock import SystemClock
from plimsoll_simulator import outside
from plimsoll_simulator.digits import exact
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.scenarios.placing import hold, protect
from plimsoll_simulator.server import Simulator, serving
from plimsoll_simulator.streams.hub import Hub, Subscriber
from plimsoll_simulator.world import World

NAMES = ("source", "eon", "live", *(f"s{number:02}" for number in range(17)))
"""The three of ``calm``, and those beside them."""

HOLDINGS = (("BTCUSDT", "0.100", "91400", "80000"), ("ETHUSDT", "-1", "3120", "3900"))
FILL_EVERY = 5
"""Seconds between two fills, each of another account; buying and selling in turn."""


@dataclass
class Opened:
    """How many streams were ever opened."""

    streams: int = 0

    def watch(self, hub: Hub) -> None:
        """Count whoever joins from now on."""
        plain = hub.join

        def join(subscriber: Subscriber) -> None:
            self.streams += 1
            plain(subscriber)

        hub.join = join  # type: ignore[method-assign] # a counter


@asynccontextmanager
async def calm(seed: int) -> AsyncIterator[tuple[Simulator, Opened]]:
    """The exchange in real time, until the block ends; gives how many streams it opened, too."""
    world = World(clock=SystemClock(), seed=seed)
    with exact():
        story = prepare(world, "calm")
        for name in NAMES[3:]:
            account = world.add_account(name, {"USDT": Decimal(20_000)})
            for symbol, amount, entry, trigger in HOLDINGS:
                account.setting(symbol).leverage = 5
                hold(world, account, symbol, amount, entry)
                protect(world, account, symbol, trigger)

    def step(world: World, second: int) -> None:
        story.step(world, second)
        number, due = divmod(second, FILL_EVERY)
        if not due:
            turn, which = divmod(number, len(NAMES) - 3)
            side = "SELL" if turn % 2 else "BUY"
            outside.trade(world, world.accounts[NAMES[3 + which]], "BTCUSDT", side, Decimal("0.001"))

    exchange, opened = Exchange(world), Opened()
    opened.watch(exchange.hub)
    async with serving(exchange, replace(story, step=step)) as simulator:
        yield simulator, opened
