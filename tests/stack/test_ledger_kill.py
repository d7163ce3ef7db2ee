"""``kill -9`` of real exporters at random moments, while money comes and goes: nothing is lost, nothing is doubled.

``PLIMSOLL_KILLS=200`` makes more than the 50 of an ordinary run.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import aiohttp

from fast_clock import FastClock
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.errors import StateError
from plimsoll.model.flows import FlowSource
from plimsoll_simulator.acts.transfers import move
from plimsoll_simulator.server import Simulator, running_simulator
from plimsoll_simulator.world import World
from stack_faults import STANDING
from stack_harness import ROOT

CHILD = ROOT / "tests" / "support" / "ledger_child.py"
KILLS = int(os.environ.get("PLIMSOLL_KILLS", "50"))
SPEED = 20.0
HIGHS = KILLS // 5
"""Lives that must have shown a new high before they were killed."""

LONGEST = 1.6
"""Real seconds that an exporter lives at most: long enough to become live, most of the time."""

REFERENCE = 'binance_account_drawdown_reference_usd{account="live",rule="usd"}'
SHOWN = Decimal("0.000001")
"""Precision of a page, whose numbers are no decimals."""

RULES = json.dumps({"total": {"from": "high-water", "ratio": 0.5}, "usd": {"from": "high-water", "amount_usd": 2000}})


class Lives:
    """One exporter after the other on one state database."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process, self.folder = process, folder

    async def begin(self) -> int:
        """Start an exporter; gives its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        return int(await self._process.stdout.readline())

    async def reference(self, pid: int) -> Decimal | None:
        """What the page of a life shows as the high-water mark in USD; ``None`` while it shows none."""
        port = self.folder / f"port-{pid}"
        if not port.exists():
            return None
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port.read_text()}/metrics") as page,
        ):
            lines = (await page.text()).splitlines()
        return next((Decimal(line.split()[-1]) for line in lines if line.startswith(REFERENCE)), None)

    def state(self) -> Database | None:
        """What is kept, for reading; ``None`` while there is nothing."""
        try:
            return Database.join(self.folder / "data" / FILE_NAME, clock=SystemClock())
        except StateError:
            return None

    async def until(self, holds: str, amounts: Counter[Decimal] | None = None) -> None:
        """Wait until ``live`` is known (``begun``), or until these flows are booked."""
        async with asyncio.timeout(PATIENCE):
            while True:
                state = self.state()
                if state is not None:
                    with state:
                        if holds == "begun" and state.standing("live") is not None:
                            return
                        if holds == "booked" and booked(state) == amounts:
                            return
                await asyncio.sleep(0.1)


def booked(state: Database) -> Counter[Decimal]:
    """How often each amount is booked."""
    return Counter(flow.amount for flow in state.flows("live"))


@asynccontextmanager
async def lives(simulator: Simulator, folder: Path) -> AsyncIterator[Lives]:
    """The process that starts exporters."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLIMSOLL_")}
    environ |= {
        "PLIMSOLL_ACCOUNTS__LIVE__LIMITS__DRAWDOWN": RULES,
        "PYTHONPATH": os.pathsep.join([str(CHILD.parent), str(CHILD.parents[1])]),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        CHILD,
        simulator.url,
        folder,
        str(SPEED),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environ,
    )
    try:
        yield Lives(process, folder)
    finally:
        process.kill()
        await process.wait()


def moved(world: World, chance: random.Random, made: Counter[Decimal]) -> None:
    """Move some money, now and then without its event."""
    amount = Decimal(chance.choice((-1, 1)) * chance.randrange(100, 20_000)) / 100
    if chance.random() < 0.2 and made:
        amount = chance.choice(sorted(made))
    made[amount] += 1
    move(world, world.accounts["live"], "USDT", amount, event=chance.random() < 0.7)


def level(state: Database, *, provisional: bool = True) -> dict[str, Decimal]:
    """The references of the rules: a unit value, and USD without the flows.

    Transfers that nobody saw and that nearly cancel each other out change the wallet by less than the tolerance: by
    contract samples are trusted meanwhile, and such money counts as performance until the history tells of the flows.
    A life killed in between keeps the reference of before beside its own; while it does, and the own is
    ``provisional``, the one of before is what stands.
    """
    standing = state.standing("live")
    assert standing is not None
    flows = sum((flow.usd for flow in state.flows("live")), Decimal(0))
    found = {
        name: rule.checkpoint if provisional and rule.checkpoint is not None else rule.reference
        for name, rule in standing.rules.items()
    }
    return {"total": round(found["total"], 9), "usd": round(found["usd"] - flows, 9)}


async def test_no_kill_loses_or_doubles_a_reference_or_a_flow(tmp_path: Path):
    """After many kills every transfer is booked once, told by event and history, and references stand."""
    chance, made = random.Random(11), Counter[Decimal]()  # noqa: S311 - moments, not secrets
    clock = FastClock(SPEED)
    async with running_simulator(scenario=STANDING, clock=clock, interval=1.0 / SPEED) as simulator:
        simulator.exchange.limits.clock, simulator.exchange.limits.limit = clock, 1_000_000
        world = simulator.world
        async with lives(simulator, tmp_path) as exporters:
            pid = await exporters.begin()
            await exporters.until("begun")
            state = exporters.state()
            assert state is not None
            with state:
                before = level(state)
            for _ in range(KILLS):
                for _ in range(chance.randrange(3)):
                    await asyncio.sleep(chance.uniform(0, LONGEST / 2))
                    moved(world, chance, made)
                await asyncio.sleep(chance.uniform(0, LONGEST / 4))
                os.kill(pid, signal.SIGKILL)
                if chance.random() < 0.3:
                    moved(world, chance, made)
                state = exporters.state()
                assert state is not None
                with state:
                    assert booked(state) <= made
                    assert level(state) == before
                pid = await exporters.begin()
            await exporters.until("booked", made)
            os.kill(pid, signal.SIGKILL)
            state = exporters.state()
            assert state is not None
            with state:
                assert level(state) == level(state, provisional=False) == before
                counted = {
                    counter.labels["direction"]: counter.value for counter in state.counters("external_flow_usd")
                }
                total = sum((amount * count for amount, count in made.items()), Decimal(0))
                assert counted.get("in", 0) - counted.get("out", 0) == total
                assert {flow.source for flow in state.flows("live")} == {FlowSource.EVENT, FlowSource.INCOME}


async def test_no_kill_loses_a_high_that_was_shown(tmp_path: Path):
    """Prices rise by little, time and again; what any page ever showed as high-water mark is in the database."""
    chance, clock = random.Random(12), FastClock(SPEED)  # noqa: S311 - moments, not secrets
    async with running_simulator(scenario=STANDING, clock=clock, interval=1.0 / SPEED) as simulator:
        simulator.exchange.limits.clock, simulator.exchange.limits.limit = clock, 1_000_000
        market = simulator.world.market
        price, seen, rises = market.quotes["BTCUSDT"].mark, list[Decimal](), 0
        async with lives(simulator, tmp_path) as exporters:
            pid = await exporters.begin()
            await exporters.until("begun")
            while rises < HIGHS:
                until = time.monotonic() + chance.uniform(LONGEST / 2, 2 * LONGEST)
                highest = max(seen, default=Decimal(0))
                while time.monotonic() < until:
                    price -= chance.randrange(1, 20)  # the account is short of it
                    market.set_price("BTCUSDT", price)
                    await asyncio.sleep(chance.uniform(0, 0.1))
                    seen += [shown for shown in [await exporters.reference(pid)] if shown is not None]
                os.kill(pid, signal.SIGKILL)
                state = exporters.state()
                assert state is not None
                with state:
                    assert level(state, provisional=False)["usd"] >= max(seen, default=Decimal(0)) - SHOWN
                rises += max(seen, default=Decimal(0)) > highest
                pid = await exporters.begin()
            os.kill(pid, signal.SIGKILL)
