"""Many accounts behind one address, with the exchange's real weight limit: all live soon, never above the budget.

And one account alone: how little it asks for once it is live.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.rest.limits import WEIGHT_LIMIT
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.server import serving
from plimsoll_simulator.world import World
from stack_harness import FastClock, Labels, Stack, watching

MOST_WEIGHT = WEIGHT_LIMIT * 0.6
"""What the exporter may use in a minute in normal running."""

PROMPT_SECONDS = 30.0
"""Exchange seconds in which all of a crowd must be live, on a slow machine with a fast clock."""

SWEEP_WEIGHT_A_MINUTE = 90 / 15
"""The full sweep every 15 minutes, spread over them."""

Metrics = Mapping[tuple[str, Labels], float]


@asynccontextmanager
async def crowd(folder: Path, size: str, speed: float) -> AsyncIterator[Stack]:
    """The exporter watching a world of ACCOUNTSxPOSITIONS whose weight limit counts by the same fast clock."""
    clock = FastClock(speed)
    world = World(clock=clock)
    story, exchange = prepare(world, f"crowd:{size}"), Exchange(world)
    exchange.limits.clock = clock
    configuration = folder / "plimsoll.yml"
    accounts = "".join(f"  {name}: {{}}\n" for name in world.accounts)
    configuration.write_text(f"exchange: {{environment: simulator}}\naccounts:\n{accounts}")
    async with (
        serving(exchange, story, interval=1.0 / speed) as simulator,
        watching(simulator, clock=clock, configuration=configuration) as running,
    ):
        yield running


def used(running: Stack) -> int:
    """The weight that this machine's address has used in the running minute, as the exchange counts."""
    return sum(count for name, count in running.simulator.exchange.limits.everyone().items() if name.endswith("/fapi"))


def series(metrics: Metrics, name: str, **labels: str) -> list[float]:
    """The values of a metric of all accounts that have it."""
    wanted = labels.items()
    return [value for (metric, found), value in metrics.items() if metric == name and wanted <= set(found)]


async def test_twenty_accounts_that_start_at_once_are_live_within_seconds_and_inside_the_budget(tmp_path: Path):
    """All are live in seconds, their orders follow, no minute uses above 60 % of the limit, no promise is broken."""
    async with crowd(tmp_path, "20x10", speed=5.0) as running:
        clock = running.simulator.world.clock
        began, most, live_at, orders_at, lost = clock.monotonic(), 0, 0.0, 0.0, []
        while clock.monotonic() - began < 130:
            metrics, now = await running.metrics(), clock.monotonic() - began
            most = max(most, used(running))
            up = sum(series(metrics, "binance_account_up"))
            live_at = live_at or (now if up == 20 else 0.0)
            orders_at = orders_at or (now if len(series(metrics, "binance_account_initial_margin_usd")) == 20 else 0.0)
            if live_at and up < 20:
                lost.append(f"{now:.0f} s: {up:.0f} live")
            await asyncio.sleep(0.1)
        allowed = series(metrics, "binance_account_allowed_age_seconds")
        stops = series(metrics, "binance_open_orders", purpose="stop")
    assert 0 < live_at < PROMPT_SECONDS
    assert live_at <= orders_at < PROMPT_SECONDS + 60
    assert 0 < most <= MOST_WEIGHT
    assert set(stops) == {10.0}
    assert 8 <= len(stops) < 20  # full sweeps are still going on, so that some accounts' lists are not complete
    assert len(set(allowed)) == 1
    assert 60 <= allowed[0] <= 90
    assert lost == []


async def test_one_account_alone_asks_for_little(tmp_path: Path):
    """With five positions, once live, it uses at most 30 a minute, the sweeps of every 15 minutes included."""
    async with crowd(tmp_path, "1x5", speed=20.0) as running:
        await running.until_up("a001")
        clock, weights = running.simulator.world.clock, running.simulator.exchange.requests.weights
        await clock.sleep(100)  # the first reconcile and the sweep that follows a start are over
        before, began = weights.total(), clock.monotonic()
        await clock.sleep(220)
        minutes = (clock.monotonic() - began) / 60
        weight = (weights.total() - before) / minutes + SWEEP_WEIGHT_A_MINUTE
    assert 10 < weight <= 30, running.simulator.exchange.requests


async def test_one_bad_account_of_many_delays_no_other(tmp_path: Path):
    """While every call of one account hangs or fails, the others become live as soon as ever."""
    async with crowd(tmp_path, "5x5", speed=1.0) as running:
        await running.sim("fail", endpoint="*", account="a003", times=10_000, status=500, body="no", delay=0.5)
        began = time.monotonic()
        for name in ("a001", "a002", "a004", "a005"):
            await running.until_up(name)
        assert time.monotonic() - began < 20
        assert await running.value("binance_account_up", account="a003") == 0.0
        await running.sim_delete("fail")
        await running.until_up("a003")
