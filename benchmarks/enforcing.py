"""How long an alert takes to a flat account: from its post to the enforcer's webhook to the first clean read-back.

The real enforcer against a simulator that answers every call after a round-trip time. The same account, with the same
positions and orders as in ``flatten.py``, is filled, told of as breached, closed and released again and again.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import armed
from flatten import ACCOUNT, MARK, Effort, Load, fill
from generous_simulator import GENEROUS
from measuring import Taken, free_port, running
from simulated import Simulated

HERE = Path(__file__).resolve().parent
REFERENCE = "50000.0"
"""A high in USD from which the account, with its 20,000, has lost more than any limit allows."""

PAUSE = 0.3
"""Seconds for which the exchange is left alone between filling and telling."""


def measure(load: Load, effort: Effort) -> Taken:
    """Seconds from the webhook to flat.

    Raises:
        NotMeasured: A program does not come up, or the account does not become flat.
    """
    return asyncio.run(_measure(load, effort))


async def _measure(load: Load, effort: Effort) -> Taken:
    async with _stage(load) as (simulated, enforcer):
        await _trial(simulated, enforcer, load)  # what the scenario holds, and the connections
        trials = [await _trial(simulated, enforcer, load) for _ in range(effort.repeats * effort.trials)]
    return Taken.of([trials[start : start + effort.trials] for start in range(0, len(trials), effort.trials)])


async def _trial(simulated: Simulated, enforcer: armed.Armed, load: Load) -> float:
    await simulated.do("latency", seconds=0)
    await asyncio.gather(*(fill(simulated, symbol) for symbol in load.symbols))
    await simulated.do("latency", seconds=load.milliseconds / 1000)
    await asyncio.sleep(PAUSE)
    told = await enforcer.tell(ACCOUNT, reference=REFERENCE)
    taken = await enforcer.flat(ACCOUNT, told) - told
    await enforcer.release(ACCOUNT)
    return taken


@asynccontextmanager
async def _stage(load: Load) -> AsyncIterator[tuple[Simulated, armed.Armed]]:
    """A simulator with an account whose prices stand still, and the enforcer of that account."""
    port, door = free_port(), free_port()
    url, enforcing = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{door}"
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = [sys.executable, str(HERE / "generous_simulator.py"), "--listen", f"127.0.0.1:{port}"]
        stack.enter_context(running([*command, "--scenario", "crowd:1x1"], f"{url}/fapi/v1/ping"))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        simulated = Simulated(session, url)
        await simulated.do("limit", weight=GENEROUS)
        await simulated.do("story", until=0)
        for symbol in load.symbols:
            await simulated.do("symbol", base=symbol.removesuffix("USDT"), mark=MARK, listed=True)
        configuration = _configuration(folder, url, door)
        stack.enter_context(running(armed.command(configuration, [ACCOUNT]), f"{enforcing}/-/ready"))
        yield simulated, armed.Armed(session=session, url=enforcing)


def _configuration(folder: Path, url: str, door: int) -> Path:
    rule = "{from: high-water, ratio: 0.10, on_breach: flatten}"
    path = folder / "plimsoll.yml"
    path.write_text(
        f"exchange: {{environment: simulator, rest_url: '{url}'}}\n"
        f"accounts: {{{ACCOUNT}: {{limits: {{drawdown: {{{armed.RULE}: {rule}}}}}, {armed.ENFORCEMENT}}}}}\n"
        f"exporter: {{listen: '127.0.0.1:{free_port()}'}}\n{armed.section(folder, door)}",
        encoding="utf-8",
    )
    return path
