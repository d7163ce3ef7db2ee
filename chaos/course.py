"""A run: storms with breaches in them and quiet points between, until the time is over; whole told by its seed.

The choices are the seed's; when they meet the programs depends on the machine, so two runs of a seed put the same
faults in force in the same order, and need not find the same.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from chaos.breaches import Breaches
from chaos.faults import FAULTS, Fault, Scene, Storm
from chaos.quiet import QuietPoint
from chaos.stage import ChaosStage, chaos_stage
from chaos.trading import Trading
from chaos.verdicts import TRUTH, Verdicts
from fair_clock import FairClock
from truth_watch import TruthWatch

LOOK_SECONDS = 0.25
CALM_SECONDS = 3.0
"""Prices move and nothing breaks, after a quiet point."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How long, and how wild.

    Attributes:
        seed: Of every choice.
        seconds: When the last storm begins at the latest.
        storm: Seconds of one storm.
        pause: Seconds between two faults, on average.
        scale: How long faults last, beside what is planned.
        told: Share of the changes in accounts that come with their events.
        faults: Which ones; every kind comes once before chance decides.
    """

    seed: int
    seconds: float
    storm: float = 45.0
    pause: float = 3.0
    scale: float = 1.0
    told: float = 0.85
    faults: tuple[Fault, ...] = FAULTS


async def play(plan: Plan, folder: Path, tools: tuple[Path, Path], verdicts: Verdicts) -> None:
    """Play a plan in a folder; what is found goes into ``verdicts`` as it happens."""
    async with chaos_stage(folder, tools, plan.seed, verdicts) as stage:
        watching, storms = asyncio.create_task(_watch(stage)), asyncio.create_task(_storms(plan, stage))
        try:
            await asyncio.wait({watching, storms}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (watching, storms):
                task.cancel()
            outcomes = await asyncio.gather(watching, storms, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome


async def _storms(plan: Plan, stage: ChaosStage) -> None:
    chances = [random.Random(f"{plan.seed} {what}") for what in ("faults", "acts", "breaches")]  # noqa: S311 - a game
    trading = Trading(stage, chances[1], plan.told)
    breaches = Breaches(stage, trading, chances[2])
    storm = Storm(Scene(stage=stage, chance=chances[0], scale=plan.scale), plan.faults)
    first = list(chances[0].sample(plan.faults, len(plan.faults)))
    quiet = QuietPoint(stage, trading)
    stage.verdicts.tell("everything runs")
    began = asyncio.get_running_loop().time()
    while True:
        acting = asyncio.create_task(_act(trading, chances[1]))
        await _storm(plan, storm, first, breaches, chances[2])
        await _ended(acting)
        await storm.over()
        await breaches.over()
        await trading.settled()
        stage.chaotic.moving.clear()
        await quiet.judge()
        stage.chaotic.moving.set()
        if asyncio.get_running_loop().time() - began >= plan.seconds:
            break
        await asyncio.sleep(CALM_SECONDS)
    await breaches.end()


async def _storm(plan: Plan, storm: Storm, first: list[Fault], breaches: Breaches, chance: random.Random) -> None:
    """Faults one after the other; in their midst a breach, if an account is ready for one.

    What a busy machine takes from the run makes the storm no shorter: as many faults come all the same.
    """
    clock = FairClock(1.0)
    end, breach = clock.monotonic() + plan.storm, clock.monotonic() + chance.uniform(0.1, 0.6) * plan.storm
    while (now := clock.monotonic()) < end:
        if now >= breach:
            breaches.begin()
            breach = end
        if not (first and storm.play_if_free(first[0])):
            storm.strike()
        else:
            first.pop(0)
        await asyncio.sleep(chance.uniform(0.3, 1.7) * plan.pause)


async def _act(trading: Trading, chance: random.Random) -> None:
    while True:
        trading.act()
        await asyncio.sleep(chance.uniform(0.2, 1.5))


async def _ended(acting: asyncio.Task[None]) -> None:
    """Let nothing happen in the accounts any more; what ended that before is a fault of the run."""
    acting.cancel()
    (outcome,) = await asyncio.gather(acting, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome


async def _watch(stage: ChaosStage) -> None:
    """Compare whatever is shown with what is true, all along."""
    watch = TruthWatch(stage.watched, stage.chaotic.history)
    while True:
        seen, compared = len(watch.violations), sum(watch.compared.values())
        with suppress(aiohttp.ClientError, TimeoutError):  # a program that is down shows nothing
            await watch.look()
        stage.verdicts.checked[TRUTH] += sum(watch.compared.values()) - compared
        for text in watch.violations[seen:]:
            stage.verdicts.check(TRUTH, holds=False, expected="what was true within its age", seen=text, times=0)
        await asyncio.sleep(LOOK_SECONDS)
