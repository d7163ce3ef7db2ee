"""Many accounts behind one address, with the exchange's real weight limit: all live soon, never above the budget.

And one account alone: how little it asks for once it is live.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fair_clock import FairClock
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.rest.limits import WEIGHT_LIMIT
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.server import serving
from plimsoll_simulator.world import World
from stack_harness import Labels, Stack, watching

MOST_WEIGHT = WEIGHT_LIMIT * 0.6
"""What the exporter may use in a minute in normal running."""

PROMPT_SECONDS = 30.0
"""Exchange seconds in which all of a crowd must be live, on a slow machine; they pass only while it lets us run."""

LISTED_SECONDS = 300.0
"""Exchange seconds in which the full sweeps of a crowd come round: a few at once, then one each quarter minute."""

WATCHED_SECONDS = 130.0
"""Exchange seconds that hold two reconciles of everybody."""

SWEEP_WEIGHT_A_MINUTE = 90 / 15
"""The full sweep every 15 minutes, spread over them."""

Metrics = Mapping[tuple[str, Labels], float]


@asynccontextmanager
async def crowd(folder: Path, size: str, speed: float) -> AsyncIterator[Stack]:
    """The exporter watching a world of ACCOUNTSxPOSITIONS whose weight limit counts by the same fair clock."""
    clock = FairClock(speed)
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


async def broken_promises(running: Stack) -> list[str]:
    """Why accounts are not live, but for prices that this machine was too busy to deliver in time."""
    return [
        f"{shown['account']}: {shown['reason']}"
        for shown in await running.accounts()
        if shown["status"] != "live" and "mark price of" not in shown["reason"]
    ]


async def losses(running: Stack) -> float:
    """How often any stream was opened again."""
    return sum(series(await running.metrics(), "binance_stream_reconnects_total"))


async def test_twenty_accounts_that_start_at_once_are_live_within_seconds_and_inside_the_budget(tmp_path: Path):
    """All are live in seconds, margins follow, then full lists of orders; no minute above 60 %, no promise broken.

    The margin of orders needs only the symbols in use, which are read first. Orders are counted once all symbols were
    read; such sweeps are staged, or reconciles would have to wait for weight.
    """
    async with crowd(tmp_path, "20x10", speed=5.0) as running:
        clock = running.simulator.world.clock
        began, now, most, live_at, margins_at, listed_at, lost = clock.monotonic(), 0.0, 0, 0.0, 0.0, 0.0, []
        while now < WATCHED_SECONDS or (now < LISTED_SECONDS and not listed_at):
            metrics, now = await running.metrics(), clock.monotonic() - began
            most = max(most, used(running))
            up = sum(series(metrics, "binance_account_up"))
            stops = series(metrics, "binance_open_orders", purpose="stop")
            live_at = live_at or (now if up == 20 else 0.0)
            margins = series(metrics, "binance_account_initial_margin_usd")
            margins_at = margins_at or (now if len(margins) == 20 else 0.0)
            listed_at = listed_at or (now if len(stops) == 20 else 0.0)
            assert set(stops) <= {10.0}
            if live_at and up < 20:
                lost += [f"{now:.0f} s: {reason}" for reason in await broken_promises(running)]
            await asyncio.sleep(0.1)
        allowed = series(metrics, "binance_account_allowed_age_seconds")
    assert 0 < live_at < PROMPT_SECONDS
    assert live_at <= margins_at < PROMPT_SECONDS + 60
    assert margins_at <= listed_at
    assert 0 < most <= MOST_WEIGHT
    assert len(set(allowed)) == 1
    assert 60 <= allowed[0] <= 90
    assert lost == []


async def test_one_account_alone_asks_for_little(tmp_path: Path):
    """With five positions, once live, it uses at most 30 a minute, the sweeps of every 15 minutes included."""
    async with crowd(tmp_path, "1x5", speed=20.0) as running:
        await running.until_up("a001")
        clock, weights = running.simulator.world.clock, running.simulator.exchange.requests.weights
        await clock.sleep(100)  # the first reconcile and the sweep that follows a start are over
        for _ in range(3):
            lost, before, began = await losses(running), weights.total(), clock.monotonic()
            await clock.sleep(220)
            minutes = (clock.monotonic() - began) / 60
            weight = (weights.total() - before) / minutes + SWEEP_WEIGHT_A_MINUTE
            if await losses(running) == lost:  # else a stream was lost, for the machine was too busy: that costs more
                break
    assert 10 < weight <= 30, running.simulator.exchange.requests


async def test_one_bad_account_of_many_delays_no_other(tmp_path: Path):
    """While every call of one account hangs or fails, the others become live as soon as ever."""
    async with crowd(tmp_path, "5x5", speed=1.0) as running:
        await running.sim("fail", endpoint="*", account="a003", times=10_000, status=500, body="no", delay=0.5)
        clock = running.simulator.world.clock
        began = clock.monotonic()
        for name in ("a001", "a002", "a004", "a005"):
            await running.until_up(name)
        assert clock.monotonic() - began < 20
        assert await running.value("binance_account_up", account="a003") == 0.0
        await running.sim_delete("fail")
        await running.until_up("a003")
