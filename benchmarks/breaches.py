"""How long a breach takes to a webhook, by the real exporter, Prometheus and Alertmanager.

In each trial another account holds much for a while, and the mark price falls beyond its limit with the next push of
the second. What it lost is lost when it sells again, so it stays breached and its alert fires once; the others hold
little. Counted is from the stamp ``E`` of that mark to the arrival of the first message about it.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import aiohttp
from driver import SYMBOL
from generous_simulator import GENEROUS
from hook import Hook, Told, hooked
from lanes import Bench, Lane, Ports, Usual
from measuring import NotMeasured, Size, Taken, running
from scraping import Scraper, series
from simulated import Simulated
from witness import Witness, witnessing

HERE = Path(__file__).resolve().parent

QUANTITY = "1"
FALL = Decimal("0.99")
"""Loses about 5 % of an account that holds 95,000 USD with 20,000."""

LEAST_PAUSE, CHANCE_PAUSE = 1.2, 1.0
"""Seconds from the fill to the order that the price fall; a second of chance, so that nothing keeps step."""

HELD_SECONDS = 1.6
"""Seconds for which the account still holds all after the mark: both samples see it."""

PATIENCE = 150.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: every account once in each repeat; new programs each time, so that nothing keeps step.

    Prometheus scrapes and evaluates at moments that it draws once for each address and path.
    """

    fast_repeats: int = 3
    rule_repeats: int = 6
    usual_repeats: int = 2
    usual: Usual = Usual()  # noqa: RUF009 - frozen, so it may be shared

    def repeats(self, lane: Lane) -> int:
        """How often a lane is measured anew."""
        return {Lane.FAST: self.fast_repeats, Lane.RULES: self.rule_repeats, Lane.USUAL: self.usual_repeats}[lane]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One breach: seconds from its first mark, and from its alert's ``startsAt``, to the webhook."""

    from_mark: float
    from_start: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """All that one lane found, by repeat."""

    from_mark: Taken
    from_start: Taken


def measure(lane: Lane, size: Size, effort: Effort) -> Row:
    """Measure one lane.

    Raises:
        NotMeasured: A process does not come up, or a breach does not arrive.
    """
    found = [asyncio.run(_repeat(lane, size, effort.usual, number)) for number in range(effort.repeats(lane))]
    return Row(
        from_mark=Taken.of([[trial.from_mark for trial in trials] for trials in found]),
        from_start=Taken.of([[trial.from_start for trial in trials] for trials in found]),
    )


async def _repeat(lane: Lane, size: Size, usual: Usual, number: int) -> Sequence[Trial]:
    chance = random.Random(number)  # noqa: S311 # no secret, and each run the same
    async with _stage(lane, size, usual) as stage:
        stamps = {name: await stage.breach(name, chance) for name in size.names}
        return [_trial(stamp, await stage.told(name)) for name, stamp in stamps.items()]


def _trial(stamp_ms: int, told: Told) -> Trial:
    return Trial(from_mark=told.arrived - stamp_ms / 1000, from_start=told.arrived - told.began)


async def cross(simulated: Simulated, witness: Witness, name: str, chance: random.Random) -> tuple[Decimal, int]:
    """Let an account cross its limit; gives the mark before, and the stamp of the mark that did it, in milliseconds."""
    await simulated.trade(name, SYMBOL, "BUY", QUANTITY)
    before = await witness.next_price()
    await asyncio.sleep(LEAST_PAUSE + CHANCE_PAUSE * chance.random())
    witness.forget()
    low = (before * FALL).quantize(Decimal("0.1"))
    await simulated.do("price", symbol=SYMBOL, mark=str(low))
    return before, await witness.price(low)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Everything running."""

    simulated: Simulated
    witness: Witness
    hook: Hook

    async def breach(self, name: str, chance: random.Random) -> int:
        """Let an account breach its limit; gives the stamp of the mark that did it, in milliseconds."""
        before, stamp = await cross(self.simulated, self.witness, name, chance)
        await asyncio.sleep(HELD_SECONDS)
        await self.simulated.trade(name, SYMBOL, "SELL", QUANTITY)
        await self.simulated.do("price", symbol=SYMBOL, mark=str(before))
        return stamp

    async def told(self, name: str) -> Told:
        """The first message about an account's breach.

        Raises:
            NotMeasured: None comes.
        """
        try:
            return await asyncio.wait_for(self.hook.of(name), PATIENCE)
        except TimeoutError:
            raise NotMeasured(f"no message about {name} within {PATIENCE:.0f} s") from None


@asynccontextmanager
async def _stage(lane: Lane, size: Size, usual: Usual) -> AsyncIterator[Stage]:
    """All programs of a lane, every account live and known to whoever watches it, until the block ends."""
    ports = Ports.free()
    async with AsyncExitStack() as stack:
        hook = await stack.enter_async_context(hooked())
        bench = Bench(lane=lane, folder=Path(stack.enter_context(tempfile.TemporaryDirectory())), ports=ports)
        bench.prepare(size, hook.url, usual)
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        simulated = await begun(stack, session, bench, size)
        await until_live(Scraper(session, ports.url("exporter")), size)
        if lane is not Lane.FAST:
            stack.enter_context(running(bench.prometheus_command(), f"{ports.url('prometheus')}/-/ready"))
            await _until_scraped(session, ports.url("prometheus"), size)
        witness = await stack.enter_async_context(witnessing(simulated, SYMBOL, ()))
        yield Stage(simulated=simulated, witness=witness, hook=hook)


async def begun(stack: AsyncExitStack, session: aiohttp.ClientSession, bench: Bench, size: Size) -> Simulated:
    """Start simulator, exporter and Alertmanager, which end with the stack; the world holds still."""
    ports = bench.ports
    listen = ["--listen", f"127.0.0.1:{ports.simulator}", "--scenario", size.scenario]
    command = [sys.executable, str(HERE / "generous_simulator.py"), *listen]
    stack.enter_context(running(command, f"{ports.url('simulator')}/fapi/v1/ping"))
    simulated = Simulated(session, ports.url("simulator"))
    await hold_still(simulated)
    command = [sys.executable, str(HERE / "measured_exporter.py"), str(bench.exporter)]
    stack.enter_context(running(command, f"{ports.url('exporter')}/-/ready"))
    stack.enter_context(running(bench.alertmanager_command(), f"{ports.url('alertmanager')}/-/ready"))
    return simulated


async def hold_still(simulated: Simulated) -> None:
    """Nothing moves but what a trial moves; prices are pushed every second all the same."""
    await simulated.do("limit", weight=GENEROUS)
    await simulated.do("story", until=0)
    await simulated.do("acts", triggers=False, margin=False)


async def until_live(scraper: Scraper, size: Size) -> None:
    """Wait until every account is live and its drawdown known."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page = (await scraper.scrape()).page
        if (
            sum(series(page, "binance_account_up"))
            == len(series(page, "binance_account_drawdown_ratio"))
            == size.accounts
        ):
            return
        await asyncio.sleep(0.2)
    raise NotMeasured("not every account became live")


async def _until_scraped(session: aiohttp.ClientSession, url: str, size: Size) -> None:
    """Wait until Prometheus knows every account."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        query = {"query": "count(binance_account_drawdown_breached == 0)"}
        headers = {"Accept-Encoding": "identity"}
        async with session.get(f"{url}/api/v1/query", params=query, headers=headers) as answer:
            found = (await answer.json())["data"]["result"] if answer.ok else []
        if found and int(found[0]["value"][1]) == size.accounts:
            return
        await asyncio.sleep(0.2)
    raise NotMeasured("Prometheus does not know every account")
