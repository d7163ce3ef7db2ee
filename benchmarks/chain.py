"""How long a breach takes to a flat account: from the stamp of the first mark beyond the limit to the clean read-back.

The real exporter, Alertmanager and enforcer, by the fast lane alone; prices of every symbol come each second. Breaches
are made as in ``breaches.py``, one account after the other; every answer of the exchange takes a round-trip time.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import armed
from breaches import begun, cross, until_live
from driver import SYMBOL
from flatten import Load
from lanes import LIMIT, Bench, Lane, Ports, Usual
from measuring import Size, Taken, free_port, running
from scraping import Scraper
from simulated import Simulated
from witness import Witness, witnessing


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: so many accounts, one after the other, in each repeat; new programs each time."""

    repeats: int = 3
    accounts: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmedBench(Bench):
    """The fast lane's files, with an enforcer at its end.

    Attributes:
        door: Its port.
    """

    door: int

    def configuration(self, size: Size) -> str:
        """Every account armed."""
        rule = f"{{from: high-water, ratio: {LIMIT}, on_breach: flatten}}"
        one = f"{{limits: {{drawdown: {{{armed.RULE}: {rule}}}}}, {armed.ENFORCEMENT}}}"
        names = "\n".join(f"  {name}: {one}" for name in size.names)
        return (
            f"exchange: {{environment: simulator, rest_url: 'http://127.0.0.1:{self.ports.simulator}'}}\n"
            f"accounts:\n{names}\nexporter: {{listen: '127.0.0.1:{self.ports.exporter}'}}\n"
            f"{armed.section(self.folder, self.door)}"
            f"enforcement_webhook: {{url: 'http://127.0.0.1:{self.door}/api/v1/alerts', token_file: webhook.token}}\n"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Everything running."""

    simulated: Simulated
    witness: Witness
    enforcer: armed.Armed

    async def trial(self, name: str, chance: random.Random) -> float:
        """Let an account breach its limit; gives the seconds from the mark that did it to flat."""
        before, stamp_ms = await cross(self.simulated, self.witness, name, chance)
        stamp = stamp_ms / 1000
        taken = await self.enforcer.flat(name, stamp) - stamp
        await self.simulated.do("price", symbol=SYMBOL, mark=str(before))
        return taken


def measure(load: Load, effort: Effort) -> Taken:
    """Seconds from the mark to flat.

    Raises:
        NotMeasured: A program does not come up, or an account does not become flat.
    """
    size = Size(accounts=effort.accounts, positions=load.positions)
    return Taken.of([asyncio.run(_repeat(size, load, number)) for number in range(effort.repeats)])


async def _repeat(size: Size, load: Load, number: int) -> list[float]:
    chance = random.Random(number)  # noqa: S311 # no secret, and each run the same
    async with _stage(size) as stage:
        await stage.simulated.do("latency", seconds=load.milliseconds / 1000)
        return [await stage.trial(name, chance) for name in size.names]


@asynccontextmanager
async def _stage(size: Size) -> AsyncIterator[Stage]:
    """All programs, every account live, until the block ends."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = ArmedBench(lane=Lane.FAST, folder=folder, ports=Ports.free(), door=free_port())
        bench.prepare(size, "http://127.0.0.1:9/nobody", Usual())
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        simulated = await begun(stack, session, bench, size)
        enforcing = f"http://127.0.0.1:{bench.door}"
        stack.enter_context(running(armed.command(bench.exporter, size.names), f"{enforcing}/-/ready"))
        await until_live(Scraper(session, bench.ports.url("exporter")), size)
        witness = await stack.enter_async_context(witnessing(simulated, SYMBOL, ()))
        calls = await stack.enter_async_context(aiohttp.ClientSession())
        yield Stage(simulated=simulated, witness=witness, enforcer=armed.Armed(session=calls, url=enforcing))
