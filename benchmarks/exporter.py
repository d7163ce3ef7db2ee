"""How fast the exporter is and what it costs: simulator, exporter and driver are three processes, CPU is told apart."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from driver import SYMBOL, Busy, Driver, witnessed
from generous_simulator import GENEROUS
from measuring import Size, Taken, cpu_seconds, free_port, memory_mib, running
from scraping import Scraper
from simulated import Simulated
from witness import witnessing

HERE = Path(__file__).resolve().parent

Span = tuple[float, float]
Delays = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: in each repeat so many quiet seconds, then so many prices and as many fills."""

    repeats: int = 3
    quiet_seconds: float = 12.0
    samples: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """What one repeat found, with the Unix times of its two parts; cores and weight a minute are of the quiet one."""

    quiet: Span
    busy: Span
    found: Busy
    exporter_cores: float
    simulator_cores: float
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """All that one size found; memory in MiB, the page in KiB as text and as sent."""

    repeats: Sequence[Repeat]
    delays: Delays
    memory: float
    page: float
    packed: float

    def taken(self, values: Callable[[Repeat], Sequence[float]]) -> Taken:
        """Something of each repeat."""
        return Taken.of([values(repeat) for repeat in self.repeats])

    def to_state(self, kind: str) -> Taken:
        """Milliseconds from stamp to changed state, while pages are made without pause."""
        return self.taken(lambda each: within(self.delays[kind], each.busy))

    def quiet_to_state(self) -> Taken:
        """The same of all events of the quiet times."""
        every = [pair for pairs in self.delays.values() for pair in pairs]
        return self.taken(lambda each: within(every, each.quiet))

    def second_share(self) -> Taken:
        """Second scrapes as shares of the median first one of their repeat."""
        return self.taken(lambda each: [second / Taken.of([each.found.first]).median for second in each.found.second])


def within(pairs: Sequence[tuple[float, float]], span: Span) -> list[float]:
    """The values whose time lies in the span."""
    return [value for at, value in pairs if span[0] <= at <= span[1]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A running simulator and the exporter that watches it."""

    driver: Driver
    simulated: Simulated
    exporter: subprocess.Popen[bytes]
    simulator: subprocess.Popen[bytes]


def measure(size: Size, effort: Effort) -> Row:
    """Measure one size.

    Raises:
        NotMeasured: A process or a figure does not come up.
    """
    return asyncio.run(_measure(size, effort))


async def _measure(size: Size, effort: Effort) -> Row:
    async with _pair(size) as pair:
        await pair.driver.settle()
        repeats = [await _repeat(pair, effort) for _ in range(effort.repeats)]
        memory, scrape = memory_mib(pair.exporter.pid), await pair.driver.settle()
        pair.exporter.send_signal(signal.SIGTERM)
        output, _ = await asyncio.to_thread(pair.exporter.communicate, timeout=20)
    return Row(
        repeats=repeats,
        delays=json.loads(output),
        memory=memory,
        page=len(scrape.page) / 1024,
        packed=len(scrape.packed) / 1024,
    )


async def _repeat(pair: Pair, effort: Effort) -> Repeat:
    began, before = time.time(), await _used(pair)
    await pair.driver.quiet(effort.quiet_seconds)
    turned, after = time.time(), await _used(pair)
    found = await pair.driver.busy(effort.samples)
    return Repeat(
        quiet=(began, turned),
        busy=(turned, time.time()),
        found=found,
        exporter_cores=(after[0] - before[0]) / (turned - began),
        simulator_cores=(after[1] - before[1]) / (turned - began),
        weight=(after[2] - before[2]) / (turned - began) * 60,
    )


async def _used(pair: Pair) -> tuple[float, float, int]:
    """Seconds of CPU of exporter and simulator, and request weight, until now."""
    return cpu_seconds(pair.exporter.pid), cpu_seconds(pair.simulator.pid), await pair.simulated.weight()


@asynccontextmanager
async def _pair(size: Size) -> AsyncIterator[Pair]:
    """Both programs and a driver, until the block ends."""
    ports = free_port(), free_port()
    simulator_url, exporter_url = (f"http://127.0.0.1:{port}" for port in ports)
    with ExitStack() as stack:
        listen = ["--listen", f"127.0.0.1:{ports[0]}", "--scenario", size.scenario]
        simulator = stack.enter_context(
            running([sys.executable, str(HERE / "generous_simulator.py"), *listen], f"{simulator_url}/fapi/v1/ping")
        )
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            simulated = Simulated(session, simulator_url)
            await simulated.do("limit", weight=GENEROUS)
            path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "plimsoll.yml"
            path.write_text(configuration(size, *ports), encoding="utf-8")
            exporter = stack.enter_context(
                running([sys.executable, str(HERE / "measured_exporter.py"), str(path)], f"{exporter_url}/-/ready")
            )
            async with witnessing(simulated, SYMBOL, witnessed(size)) as witness:
                driver = Driver(size, simulated=simulated, scraper=Scraper(session, exporter_url), witness=witness)
                yield Pair(driver=driver, simulated=simulated, exporter=exporter, simulator=simulator)


def configuration(size: Size, simulator_port: int, exporter_port: int) -> str:
    """A plimsoll.yml for the accounts of the simulator's ``crowd``."""
    names = "\n".join(f"  {name}: {{product: usdm}}" for name in size.names)
    return (
        f"exchange: {{environment: simulator, rest_url: 'http://127.0.0.1:{simulator_port}'}}\naccounts:\n{names}\n"
        f"exporter: {{listen: '127.0.0.1:{exporter_port}'}}\n"
    )
