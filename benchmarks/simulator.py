"""What the simulator costs under the load of many bots: its CPU and memory, and how late its listeners hear.

Every account has a connection with its ten mark streams, prices coming once a second, and a user stream. Beside that
come fills, and signed reads that use the whole weight of one address. The listeners' own CPU is not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import aiohttp
from measuring import Size, Taken, cpu_seconds, free_port, memory_mib, running
from simulated import Simulated

SYMBOLS = ("btc", "eth", "bnb", "sol", "dot", "xrp", "ada", "doge", "avax", "link")
FILLS_A_SECOND = 4
READS_A_SECOND = 8
"""Of weight 5 each: the 2,400 a minute that one address may use."""

READS = ("/fapi/v3/account", "/fapi/v3/positionRisk")


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured: so many repeats of so many seconds."""

    repeats: int = 3
    seconds: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What one size found; lateness in milliseconds since the stamp, CPU in cores, memory in MiB."""

    cores: Taken
    marks: Taken
    events: Taken
    calls: Taken
    memory: float
    messages: float


class Audience:
    """Everybody who listens, and how late they hear, in milliseconds."""

    def __init__(self) -> None:
        self.marks: list[float] = []
        self.events: list[float] = []

    def forget(self) -> None:
        """Begin anew."""
        self.marks, self.events = [], []

    async def hear_marks(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Note every price until the socket ends."""
        async for message in socket:
            self.marks.append(time.time() * 1000 - json.loads(message.data)["data"]["E"])

    async def hear_events(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Note every user event until the socket ends."""
        async for message in socket:
            self.events.append(time.time() * 1000 - json.loads(message.data)["E"])


def measure(size: Size, effort: Effort) -> Row:
    """Measure one size.

    Raises:
        NotMeasured: The simulator does not come up.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).parent / "plimsoll-simulator"), "--listen", f"127.0.0.1:{port}"]
    with running([*command, "--scenario", size.scenario], f"{url}/fapi/v1/ping") as simulator:
        return asyncio.run(_measure(size, effort, url, simulator.pid))


async def _measure(size: Size, effort: Effort, url: str, pid: int) -> Row:
    audience, connector = Audience(), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:
        simulated = Simulated(session, url)
        listening = await _seat(audience, simulated, size, tasks)
        cores, marks, events, calls = [], [], [], []
        for _ in range(effort.repeats):
            audience.forget()
            before, began = cpu_seconds(pid), time.monotonic()
            calls.append(await _load(simulated, size, effort.seconds))
            cores.append([(cpu_seconds(pid) - before) / (time.monotonic() - began)])
            marks.append(audience.marks)
            events.append(audience.events)
        for task in listening:
            task.cancel()
    heard = sum(map(len, marks)) + sum(map(len, events))
    return Row(
        cores=Taken.of(cores),
        marks=Taken.of(marks),
        events=Taken.of(events),
        calls=Taken.of(calls),
        memory=memory_mib(pid),
        messages=heard / effort.repeats / effort.seconds,
    )


async def _seat(
    audience: Audience, simulated: Simulated, size: Size, tasks: asyncio.TaskGroup
) -> Sequence[asyncio.Task[None]]:
    listening = []
    streams = [f"{symbol}usdt@markPrice@1s" for symbol in SYMBOLS[: size.positions]]
    for name in size.names:
        listening.append(tasks.create_task(audience.hear_marks(await simulated.market_stream(*streams))))
        listening.append(tasks.create_task(audience.hear_events(await simulated.user_stream(name))))
    return listening


async def _load(simulated: Simulated, size: Size, seconds: float) -> list[float]:
    """Fills and reads for so long; the milliseconds that each read took."""
    taken: list[float] = []

    async def read(number: int) -> None:
        began = time.perf_counter()
        await simulated.read(size.names[number // 2 % size.accounts], READS[number % 2])
        taken.append((time.perf_counter() - began) * 1000)

    async def fill(number: int) -> None:
        turn, index = divmod(number, size.accounts)
        await simulated.trade(size.names[index], "BTCUSDT", "SELL" if turn % 2 else "BUY", "0.001")

    until = time.monotonic() + seconds
    await asyncio.gather(_steadily(read, READS_A_SECOND, until), _steadily(fill, FILLS_A_SECOND, until))
    return taken


async def _steadily(act: Callable[[int], Awaitable[None]], a_second: float, until: float) -> None:
    began = time.monotonic()
    for number in count():
        if (due := began + number / a_second) >= until:
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            return
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await act(number)
