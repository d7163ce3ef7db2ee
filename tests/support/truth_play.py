"""A stack whose world is remembered moment by moment, driven and watched, for the tests of truth and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from fair_clock import FairClock
from plimsoll_simulator import outside, settings
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.scenarios.placing import hold, protect
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.server import serving
from plimsoll_simulator.world import World
from stack_harness import Stack, watching
from truth_driver import Driver
from truth_history import History
from truth_watch import TruthWatch, differences

SPEED = 5.0

AT_LAST_SECONDS = 30.0
"""Exchange seconds beyond the promise after which a slow machine must be right again."""


@dataclass
class Drive:
    """A running stack with its driver, its history and its watch."""

    running: Stack
    driver: Driver
    watch: TruthWatch
    prices: asyncio.Event


@asynccontextmanager
async def drive(
    seed: int, prepare_world: Callable[[World], None], keep: dict[str, list[str]], others: dict[str, list[str]]
) -> AsyncIterator[Drive]:
    """A stack on the calm scenario, changed by ``prepare_world`` before anybody connects; prices move while set."""
    clock, moving = FairClock(SPEED), asyncio.Event()
    world = World(clock=clock, seed=seed)
    story = prepare(world, "calm")
    prepare_world(world)
    history, exchange = History(world), Exchange(world)
    exchange.limits.clock = clock  # or a fast exporter would use up a slow minute's weight
    moving.set()
    async with (
        serving(exchange, recorded(story, history, moving), interval=1.0 / SPEED) as simulator,
        watching(simulator, clock=clock) as running,
    ):
        for name in world.accounts:
            await running.until_up(name)
        yield Drive(running, Driver(running, seed, keep=keep, others=others), TruthWatch(running, history), moving)


def recorded(story: Scenario, history: History, moving: asyncio.Event) -> Scenario:
    """The story with every step remembered; its prices stand still while ``moving`` is not set."""

    def step(world: World, second: int) -> None:
        if moving.is_set():
            history.record()  # a price set from outside, before it is gone
            story.step(world, second)
            history.record()

    return replace(story, step=step)


def one_way(world: World) -> None:
    """The world as the scenario has it, with one position more in the largest account."""
    hold(world, world.accounts["source"], "SOLUSDT", "210", "137.2")
    protect(world, world.accounts["source"], "SOLUSDT", "131")


def all_modes(world: World) -> None:
    """One account in hedge mode, one in multi-assets mode, one with isolated and USDC-margined positions."""
    source, eon, live = (world.accounts[name] for name in ("source", "eon", "live"))
    for account in (source, live):
        account.positions.clear()
        account.algo_orders.clear()
    settings.set_hedge(source, on=True)
    outside.trade(world, source, "BTCUSDT", "BUY", Decimal("0.4"), position_side="LONG")
    outside.trade(world, source, "BTCUSDT", "SELL", Decimal("0.3"), position_side="SHORT")
    outside.trade(world, source, "ETHUSDT", "SELL", Decimal(8), position_side="SHORT")
    eon.wallets |= {"USDC": Decimal(8000), "BNB": Decimal(12), "BTC": Decimal("0.05")}
    settings.set_multi_assets(world, eon, on=True)
    live.wallets["USDC"] = Decimal(4000)
    for symbol in ("BNBUSDT", "ETHUSDC"):
        settings.set_margin_type(live, symbol, "ISOLATED")
    for symbol, side, quantity in (("BNBUSDT", "BUY", 1), ("DOTUSDT", "SELL", 250), ("ETHUSDC", "BUY", "0.2")):
        outside.trade(world, live, symbol, side, Decimal(quantity))


async def play(found: Drive, seconds: float) -> None:
    """Drive and watch for some real seconds, then make peace and wait until all is exactly right."""
    tasks = [asyncio.create_task(found.driver.run(pause=0.15)), asyncio.create_task(found.watch.run())]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    tasks[0].cancel()
    await found.driver.peace()
    found.prices.clear()
    await until_right(found.running)
    tasks[1].cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def until_right(running: Stack) -> None:
    """Wait until every account is live and shows exactly what is true; let prices stand still for it.

    Raises:
        AssertionError: It did not come true within the promised age and a little more.
    """
    clock = running.simulator.world.clock
    began = clock.monotonic()
    allowed = max(shown["allowed_age_seconds"] for shown in await running.accounts())
    while True:
        wrong = [text for shown in await running.accounts() for text in differences(running.simulator.world, shown)]
        if not wrong:
            return
        late = clock.monotonic() - began - allowed
        assert late < AT_LAST_SECONDS, (
            f"{late:.0f} s after the promise: {wrong}, {running.simulator.exchange.limits.everyone()}"
        )
        await asyncio.sleep(0.1)
