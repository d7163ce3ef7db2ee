"""Three simulators in the same state, one for each foreign client, that see the same instants and happenings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import getcontext, setcontext

import aiohttp

from foreign_ccxt import Ccxt
from foreign_client import Adapter, Ask, Do, Outcome
from foreign_python_binance import PythonBinance
from foreign_sdk import OfficialSdk
from loopback import loopback_only
from plimsoll_simulator.server import Simulator, running_simulator
from plimsoll_simulator.world import SteppedClock

CLIENTS = ("python-binance", "ccxt", "sdk")
# The exchange's clock runs this far ahead of the clients', so that a slow machine stays inside every receive window.
_AHEAD_SECONDS = 2.0
_NEVER = 3600.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A client and the simulator that is its own."""

    adapter: Adapter
    simulator: Simulator


class Scene:
    """The three stages and their common clock."""

    def __init__(self, stages: Sequence[Stage], clock: SteppedClock, session: aiohttp.ClientSession) -> None:
        self.stages = stages
        self._clock = clock
        self._session = session

    def catch_up(self) -> None:
        """Move the exchange's clock to the present, for all three at once."""
        self._clock.advance(max(0.0, time.time() + _AHEAD_SECONDS - self._clock.now()))

    async def ask(self, ask: Ask) -> dict[str, Outcome]:
        """One call by every client, at the same instant of the exchange."""
        self.catch_up()
        outcomes = await asyncio.gather(*(stage.adapter.ask(ask.word, ask.args) for stage in self.stages))
        return {stage.adapter.name: outcome for stage, outcome in zip(self.stages, outcomes, strict=True)}

    async def do(self, happening: Do) -> None:
        """Let the same thing happen in every world."""
        self.catch_up()
        for stage in self.stages:
            url = f"{stage.simulator.url}/sim/{happening.path}"
            async with self._session.post(url, json=dict(happening.fields)) as answer:
                assert answer.status == 200, await answer.text()


@asynccontextmanager
async def scene(account: str = "live", scenario: str = "calm") -> AsyncIterator[Scene]:
    """Set the scene: nothing happens by itself, and nobody leaves the loopback interface."""
    clock = SteppedClock(time.time() + _AHEAD_SECONDS)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        # ccxt sets the rounding of whatever decimal context it finds, for good: the simulators get one of their own,
        # and so do the clients, lest the rest of the process be changed.
        setcontext(getcontext().copy())
        adapters: Sequence[Adapter] = (PythonBinance(), Ccxt(), OfficialSdk())
        simulators = [
            await stack.enter_async_context(running_simulator(scenario=scenario, seed=7, interval=_NEVER, clock=clock))
            for _ in adapters
        ]
        setcontext(getcontext().copy())
        stages = []
        for adapter, simulator in zip(adapters, simulators, strict=True):
            await adapter.open(simulator, account)
            stack.push_async_callback(adapter.close)
            stages.append(Stage(adapter=adapter, simulator=simulator))
        with loopback_only() as tried:
            yield Scene(stages, clock, session)
        assert tried == []


async def _run(steps: Sequence[Ask | Do], account: str) -> dict[str, dict[str, Outcome]]:
    outcomes: dict[str, dict[str, Outcome]] = {}
    async with scene(account) as stage:
        for step in steps:
            if isinstance(step, Do):
                await stage.do(step)
            else:
                assert step.name not in outcomes, f"two calls are called {step.name!r}"
                outcomes[step.name] = await stage.ask(step)
    return outcomes


def run_list(steps: Sequence[Ask | Do], account: str = "live") -> Mapping[str, Mapping[str, Outcome]]:
    """Run the whole list in every client, in an event loop of its own; gives each call's outcomes by client."""
    return asyncio.run(_run(steps, account))
