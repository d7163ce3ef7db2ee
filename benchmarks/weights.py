"""What a steady exporter asks of the exchange: request weight per account and minute, by the simulator's own count.

A sweep comes every quarter of an hour, so simulator and exporter live here on one clock that runs fast, in one process;
no delay is measured. What the start asks for is over before counting begins: 90 of weight an account, stretched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from exporter import configuration
from measuring import NotMeasured, Size, Taken
from scraping import Scraper, series

from plimsoll.config.load import load_with_secrets
from plimsoll_exporter.program import Program
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.server import serving
from plimsoll_simulator.world import World

SWEEP_SECONDS = 900.0
FIRST_SECONDS = 120.0
FIRST_SWEEP_SECONDS = 15.7
"""What each account adds to the time until all have had their first sweep: 90 of the 5.76 a second for sweeps."""


class FastClock:
    """A clock that runs ``speed`` times as fast as the machine's."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._wall, self._steady = time.time(), time.monotonic()

    def now(self) -> float:
        """Unix time in fast seconds."""
        return self._wall + (time.monotonic() - self._steady) * self.speed

    def monotonic(self) -> float:
        """Fast seconds that never go back."""
        return self._steady + (time.monotonic() - self._steady) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait that many fast seconds."""
        await asyncio.sleep(max(0.0, seconds / self.speed))


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: so many parts of so many exchange seconds after the start, at that many times real time."""

    parts: int = 3
    part_seconds: float = SWEEP_SECONDS / 3
    settle: float = 1.0
    speed: float = 15.0

    def settle_seconds(self, size: Size) -> float:
        """How long the start is given."""
        return (FIRST_SECONDS + FIRST_SWEEP_SECONDS * size.accounts) * self.settle


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Weight per account and minute: over all parts, and of each; and the least number of live accounts seen."""

    weight: float
    parts: Taken
    live: int


def start(size: Size, effort: Effort) -> subprocess.Popen[bytes]:
    """Begin to measure one size in a process of its own."""
    command = [sys.executable, __file__, f"{size.accounts}x{size.positions}", json.dumps(_as_list(effort))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 # our own


def finish(child: subprocess.Popen[bytes]) -> Row:
    """What a process found.

    Raises:
        NotMeasured: It failed.
    """
    output, _ = child.communicate()
    if child.returncode:
        raise NotMeasured(f"{child.args!r} failed")
    parts, live = json.loads(output)
    return Row(weight=sum(parts) / len(parts), parts=Taken.of([[part] for part in parts]), live=live)


def _as_list(effort: Effort) -> list[float]:
    return [effort.parts, effort.part_seconds, effort.settle, effort.speed]


async def measure(size: Size, effort: Effort) -> tuple[list[float], int]:
    """Weight per account and minute of each part, and the least number of live accounts at the end of one."""
    clock = FastClock(effort.speed)
    world = World(clock=clock)
    story, exchange = prepare(world, size.scenario), Exchange(world)
    exchange.limits.clock = clock
    async with serving(exchange, story, interval=1.0 / effort.speed) as simulator:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plimsoll.yml"
            path.write_text(configuration(size, int(simulator.url.rpartition(":")[2]), 0), encoding="utf-8")
            config, credentials = load_with_secrets(path, environ={})
            program = Program(config, credentials, clock=clock)
            running = asyncio.create_task(program.run())
            try:
                await clock.sleep(effort.settle_seconds(size))
                return await _count(program, exchange, size, effort, clock)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def _count(
    program: Program, exchange: Exchange, size: Size, effort: Effort, clock: FastClock
) -> tuple[list[float], int]:
    found, live, weights = [], size.accounts, exchange.requests.weights
    for _ in range(effort.parts):
        before, began = weights.total(), clock.monotonic()
        await clock.sleep(effort.part_seconds)
        minutes = (clock.monotonic() - began) / 60
        found.append((weights.total() - before) / size.accounts / minutes)
        live = min(live, await _live(program))
    return found, live


async def _live(program: Program) -> int:
    """How many accounts the page calls live."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        scrape = await Scraper(session, f"http://127.0.0.1:{program.web.port}").scrape()
    return int(sum(series(scrape.page, "binance_account_up")))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure one size and print the parts and the number of live accounts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=Size.parse)
    parser.add_argument("effort", type=json.loads)
    arguments = parser.parse_args(argv)
    parts, part_seconds, settle, speed = arguments.effort
    effort = Effort(parts=int(parts), part_seconds=part_seconds, settle=settle, speed=speed)
    sys.stdout.write(json.dumps(asyncio.run(measure(arguments.size, effort))))


if __name__ == "__main__":
    main()
