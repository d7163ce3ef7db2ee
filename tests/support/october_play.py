"""Playing ``october-mirror`` to a second of its story, with its actors as tasks, for tests of several parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from patience import PATIENCE
from plimsoll_simulator.actors.company import as_processes, as_tasks
from plimsoll_simulator.actors.refusals import RefusedOrder
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.server import Simulator, play_second, serving
from plimsoll_simulator.world import Event, SteppedClock, World

NEVER = 1e9


@dataclass
class Play:
    """A story that a test moves second by second, all it has told, and all that was refused."""

    simulator: Simulator
    story: Scenario
    clock: SteppedClock
    told: list[tuple[str, Event]] = field(default_factory=list)
    refused: list[RefusedOrder] = field(default_factory=list)

    @property
    def world(self) -> World:
        """The simulated world."""
        return self.simulator.world

    async def to(self, second: int) -> None:
        """Play on to the end of a second of the story, on a clock that goes with it."""
        stage = self.simulator.exchange.stage
        while stage.second < second:
            self.clock.advance(1)
            await play_second(self.simulator.exchange, self.story, stage.second + 1)


@asynccontextmanager
async def october(
    option: str = "", *, seed: int = 1, actors: bool = True, processes: bool = False
) -> AsyncIterator[Play]:
    """The story at its beginning; nothing moves by itself. Actors that are ``processes`` tell nobody of refusals."""
    clock, refused = SteppedClock(), []
    world = World(clock=clock, seed=seed)
    story = prepare(world, "october-mirror" + option)
    company = as_processes("--log-level", "error") if processes else as_tasks(refused.append)
    async with serving(Exchange(world), story, interval=NEVER, company=company if actors else None) as simulator:
        play = Play(simulator, story, clock, refused=refused)
        world.listeners.append(lambda account, event: play.told.append((account, event)))
        yield play


async def until_played(simulator: Simulator, second: int) -> None:
    """Let a simulator that moves by itself play to the end of a second, and halt there."""
    stage = simulator.exchange.stage
    stage.until = second
    async with asyncio.timeout(PATIENCE):
        while stage.second < second:
            assert not simulator.beat.done(), "the world has stopped moving"
            await asyncio.sleep(0.01)
