"""The real exporter against the real simulator over loopback sockets, in one event loop.

``FairClock`` lets both live faster than the wall clock, so that a minute of promises takes seconds, and counts no time
in which the machine let neither run; sockets and their time-outs stay real.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from fair_clock import FairClock
from page_samples import Labels, samples
from patience import Patience
from plimsoll.clock import Clock, SystemClock
from plimsoll.config.load import load_with_secrets
from plimsoll_exporter.program import Program
from plimsoll_simulator.server import Simulator, running_simulator

ROOT = Path(__file__).resolve().parents[2]

A_MOMENT_SECONDS = 0.002
"""Events of the same millisecond have no order, and on a busy machine a fair clock may stand still over commands."""


class Stack:
    """A running exporter and its simulator."""

    def __init__(self, simulator: Simulator, exporter_url: str, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.url = exporter_url
        self.onlookers: list[Callable[[], None]] = []
        self._session = session

    async def metrics(self) -> Mapping[tuple[str, Labels], float]:
        """One scrape: sample name and labels to value."""
        async with self._session.get(f"{self.url}/metrics") as answer:
            assert answer.status == 200
            text = await answer.text()
        return samples(text)

    async def value(self, name: str, **labels: str) -> float | None:
        """One series of a fresh scrape; ``None`` where it is absent."""
        return (await self.metrics()).get((name, frozenset(labels.items())))

    async def accounts(self) -> list[dict[str, Any]]:
        """Every account as the exporter's JSON tells it."""
        async with self._session.get(f"{self.url}/api/v1/accounts") as answer:
            assert answer.status == 200
            found: list[dict[str, Any]] = (await answer.json())["accounts"]
            return found

    async def account(self, name: str) -> dict[str, object]:
        """The account as the exporter's JSON tells it."""
        async with self._session.get(f"{self.url}/api/v1/accounts/{name}") as answer:
            assert answer.status == 200
            found: dict[str, object] = await answer.json()
            return found

    async def sim(self, path: str, **body: object) -> None:
        """One command to the simulator, at a millisecond of its own; onlookers see the world before and after it."""
        await self.simulator.world.clock.sleep(A_MOMENT_SECONDS)
        self._show()
        async with self._session.post(f"{self.simulator.url}/sim/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
        self._show()

    def _show(self) -> None:
        for look in self.onlookers:
            look()

    async def sim_delete(self, path: str) -> None:
        """Take back what commands to the simulator put in force."""
        async with self._session.delete(f"{self.simulator.url}/sim/{path}") as answer:
            assert answer.status == 200, await answer.text()

    async def truth(self) -> dict[str, object]:
        """What the simulator itself holds true; decimals are strings."""
        async with self._session.get(f"{self.simulator.url}/sim/truth") as answer:
            found: dict[str, object] = json.loads(await answer.text(), parse_float=Decimal)
            return found

    async def shown(self, name: str, **labels: str) -> float:
        """One series as soon as it is there: on a busy machine an account that is right may be stale for a moment.

        Raises:
            AssertionError: It did not come within ``PATIENCE``.
        """
        key = (name, frozenset(labels.items()))
        return (await self.until(lambda metrics: key in metrics, f"{name}{labels} is shown"))[key]

    async def until(
        self, holds: Callable[[Mapping[tuple[str, Labels], float]], bool], what: str
    ) -> Mapping[tuple[str, Labels], float]:
        """Scrape until something holds; gives the page on which it does.

        Raises:
            AssertionError: It did not within ``PATIENCE``.
        """
        patience = Patience()
        while patience.left:
            metrics = await self.metrics()
            if holds(metrics):
                return metrics
            await asyncio.sleep(0.05)
        shown = await self._session.get(f"{self.url}/api/v1/accounts")
        raise AssertionError(f"never: {what}; the accounts say {await shown.text()}")

    async def until_up(self, account: str, *, up: bool = True) -> None:
        """Wait until an account is live, or is not."""
        key = ("binance_account_up", frozenset({("account", account)}))
        await self.until(lambda metrics: metrics.get(key) == float(up), f"{account} {'live' if up else 'not live'}")


def overrides(simulator_url: str) -> dict[str, str]:
    """Environment that points the shipped configuration at a simulator and at a free port."""
    streams = simulator_url.replace("http://", "ws://", 1)
    return {
        "PLIMSOLL_EXCHANGE__REST_URL": simulator_url,
        "PLIMSOLL_EXCHANGE__WALLET_URL": simulator_url,
        "PLIMSOLL_EXCHANGE__MARKET_STREAM_URL": streams,
        "PLIMSOLL_EXCHANGE__PRIVATE_STREAM_URL": streams,
        "PLIMSOLL_EXPORTER__LISTEN": "127.0.0.1:0",
    }


@asynccontextmanager
async def watching(
    simulator: Simulator,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    configuration: Path = ROOT / "plimsoll.yml",
) -> AsyncIterator[Stack]:
    """The exporter with a configuration, the shipped one unless told otherwise, watching a simulator."""
    with TemporaryDirectory() as folder:
        settings = {"PLIMSOLL_EXPORTER__DATA_DIR": folder, **overrides(simulator.url), **(environ or {})}
        config, credentials = load_with_secrets(configuration, environ=settings)
        async with _running(Program(config, credentials, clock=clock or SystemClock()), simulator) as running:
            yield running


@asynccontextmanager
async def _running(program: Program, simulator: Simulator) -> AsyncIterator[Stack]:
    """A program while it runs."""
    listening = asyncio.Event()
    running = asyncio.create_task(program.run(listening.set))
    try:
        async with aiohttp.ClientSession() as session:
            waiting = asyncio.create_task(listening.wait())
            await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
            yield Stack(simulator, f"http://127.0.0.1:{program.web.port}", session)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def stack(scenario: str, *, speed: float = 1.0, environ: Mapping[str, str] | None = None) -> AsyncIterator[Stack]:
    """Simulator and exporter together, every account live."""
    clock = FairClock(speed)
    async with running_simulator(scenario=scenario, clock=clock, interval=1.0 / speed) as simulator:
        simulator.exchange.limits.clock = clock  # or a fast exporter would use up a slow minute's weight
        async with watching(simulator, clock=clock, environ=environ) as running:
            for account in ("source", "eon", "live"):
                await running.until_up(account)
            yield running
