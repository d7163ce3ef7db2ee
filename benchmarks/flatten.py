"""How long an account takes to be flat: from the beginning of a flatten to its first clean read-back.

The flattener with the enforcer's own way to the exchange, in this process, against a simulator of its own that answers
every call after a round-trip time. Each position has a stop, a plain order, and a conditional order that could open.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from generous_simulator import GENEROUS
from measuring import NotMeasured, Taken, free_port, running
from simulated import Simulated

from plimsoll.clock import SystemClock
from plimsoll.config.exchanges import exchange_config
from plimsoll.config.model import Environment
from plimsoll.credentials import simulator_trade_credentials
from plimsoll_enforcer.flatten.log import Detail, Unanswered
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.port import CloseOrder, Placed

HERE = Path(__file__).resolve().parent
ACCOUNT = "a001"
MOST_POSITIONS = 20
MARK, QUANTITY = "100", "5"
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How many positions are closed, and over what round-trip time."""

    positions: int
    milliseconds: int

    @classmethod
    def parse(cls, text: str) -> Load:
        """From ``5x20``.

        Raises:
            ValueError: The text is none.
        """
        positions, _, milliseconds = text.partition("x")
        found = cls(positions=int(positions), milliseconds=int(milliseconds))
        if not 1 <= found.positions <= MOST_POSITIONS:
            raise ValueError(f"from 1 to {MOST_POSITIONS} positions")
        return found

    def __str__(self) -> str:
        return f"{self.positions} at {self.milliseconds} ms"

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols of the bench's own, so that there are enough of them and their prices stand still."""
        return tuple(f"P{number:02}USDT" for number in range(1, self.positions + 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: so many repeats of so many flattens."""

    repeats: int = 3
    trials: int = 10


@dataclass(kw_only=True)
class Record:
    """A run's record that is thrown away."""

    run_id: str = "benchmrk"
    numbers: list[int] = field(default_factory=list)

    def next_number(self) -> int:
        """The next number."""
        self.numbers.append(len(self.numbers) + 1)
        return self.numbers[-1]

    def sending(self, order: CloseOrder) -> None:
        """Forget."""

    def answered(self, client_id: str, placed: Placed | None, error: str = "", code: int | None = None) -> None:
        """Forget."""

    def unanswered(self) -> tuple[Unanswered, ...]:
        """Nothing is ever left."""
        return ()

    def step(self, kind: str, text: str, detail: Detail | None = None) -> None:
        """Forget."""


def measure(load: Load, effort: Effort) -> Taken:
    """Seconds to flat.

    Raises:
        NotMeasured: The simulator does not come up, or an account does not become flat.
    """
    return asyncio.run(_measure(load, effort))


async def _measure(load: Load, effort: Effort) -> Taken:
    async with _stage(load) as (simulated, flattener):
        trials = [await _trial(simulated, flattener, load) for _ in range(effort.repeats * effort.trials)]
    return Taken.of([trials[start : start + effort.trials] for start in range(0, len(trials), effort.trials)])


async def _trial(simulated: Simulated, flattener: Flattener, load: Load) -> float:
    await simulated.do("latency", seconds=0)
    await asyncio.gather(*(fill(simulated, symbol) for symbol in load.symbols))
    await simulated.do("latency", seconds=load.milliseconds / 1000)
    try:
        result = await asyncio.wait_for(flattener.flatten(Record()), PATIENCE)
    except TimeoutError:
        raise NotMeasured(f"not flat within {PATIENCE:.0f} s") from None
    if result.seconds_to_flat is None or len(result.positions) != load.positions:
        raise NotMeasured(f"closed {len(result.positions)} of {load.positions} positions")
    return result.seconds_to_flat


async def fill(simulated: Simulated, symbol: str) -> None:
    """One position with all that can hang on it."""
    order = {"account": ACCOUNT, "symbol": symbol, "quantity": QUANTITY}
    await simulated.trade(ACCOUNT, symbol, "BUY", QUANTITY)
    await simulated.do("order", **order, side="BUY", price="90")
    await simulated.do("order", **order, side="SELL", type="STOP_MARKET", trigger_price="90", reduce_only=True)
    await simulated.do("order", **order, side="BUY", type="STOP_MARKET", trigger_price="110")


@asynccontextmanager
async def _stage(load: Load) -> AsyncIterator[tuple[Simulated, Flattener]]:
    """A simulator with an empty account, and the flattener of that account with its rules read."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(HERE / "generous_simulator.py"), "--listen", f"127.0.0.1:{port}"]
    with running([*command, "--scenario", "crowd:1x1"], f"{url}/fapi/v1/ping"):
        async with aiohttp.ClientSession() as session:
            simulated = Simulated(session, url)
            await _prepare(simulated, load.symbols)
            clock = SystemClock()
            exchange = exchange_config(environment=Environment.SIMULATOR, rest_url=url)
            gateway = Gateway(exchange, {ACCOUNT: simulator_trade_credentials(ACCOUNT)}, clock=clock)
            try:
                flattener = Flattener(gateway.traders[ACCOUNT], gateway.market, clock)
                await flattener.prepare()
                await flattener.flatten(Record())  # what the scenario holds, and the connections
                yield simulated, flattener
            finally:
                await gateway.close()


async def _prepare(simulated: Simulated, symbols: Sequence[str]) -> None:
    await simulated.do("limit", weight=GENEROUS)
    await simulated.do("story", until=0)
    for symbol in symbols:
        await simulated.do("symbol", base=symbol.removesuffix("USDT"), mark=MARK, listed=True)
