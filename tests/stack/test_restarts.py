"""Killing and restoring the stream, the exchange and the process in turn never shows a number wrong beyond its age.

The exchange is the real simulator, served again on its port with the world it had; the exporter is a process of its
own.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path

import aiohttp

import programs
from plimsoll.clock import SystemClock
from plimsoll_simulator import outside
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.server import Simulator, serving
from plimsoll_simulator.world import World
from stack_harness import Stack, overrides
from truth_history import History
from truth_play import recorded, until_right
from truth_watch import TruthWatch

ACCOUNTS = ("source", "eon", "live")
DOWN_SECONDS = 1.5
LIVE_SECONDS = 1.5


class Exchanges:
    """One exchange, which can be stopped and served again where it was."""

    def __init__(self, seed: int) -> None:
        self.world = World(clock=SystemClock(), seed=seed)
        story = prepare(self.world, "calm")
        self.history, self.moving = History(self.world), asyncio.Event()
        self._story = recorded(story, self.history, self.moving)
        self._exchange = Exchange(self.world)
        self._serving = AsyncExitStack()
        self._port = 0
        self.moving.set()

    async def start(self) -> Simulator:
        """Serve; the port stays that of the first time."""
        simulator = await self._serving.enter_async_context(serving(self._exchange, self._story, port=self._port))
        self._port = int(simulator.url.rpartition(":")[2])
        return simulator

    async def stop(self) -> None:
        """Stop serving."""
        await self._serving.aclose()


@asynccontextmanager
async def exporter(simulator: Simulator, port: int, output: Path) -> AsyncIterator[programs.Running]:
    """The exporter's own process."""
    environ = programs.environment(
        **overrides(simulator.url)
        | {
            "PLIMSOLL_EXPORTER__LISTEN": f"127.0.0.1:{port}",
            "PLIMSOLL_EXPORTER__DATA_DIR": str(output.parent / "data"),
        }
    )
    with programs.running(["plimsoll-exporter", "--config", "plimsoll.yml"], output, environ=environ) as process:
        yield process


async def all_right(running: Stack, exchange: Exchanges) -> None:
    """Let prices stand still until everything is shown exactly, then let them go on for a while."""
    exchange.moving.clear()
    await until_right(running)
    exchange.moving.set()
    await asyncio.sleep(LIVE_SECONDS)


async def listening(running: Stack) -> None:
    """Wait until the exporter answers."""
    for _ in range(900):
        try:
            await running.accounts()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the exporter does not answer")


async def test_killing_and_restoring_stream_exchange_and_process_in_turn_shows_no_wrong_number(tmp_path: Path):
    """After each of the three, with changes meanwhile, every figure is right again, and none was wrong in between."""
    exchange, port = Exchanges(seed=5), programs.free_port()
    simulator = await exchange.start()
    world = exchange.world
    async with aiohttp.ClientSession() as session, AsyncExitStack() as processes:
        running = Stack(simulator, f"http://127.0.0.1:{port}", session)
        watch = TruthWatch(running, exchange.history, pause=0.1)
        process = await processes.enter_async_context(exporter(simulator, port, tmp_path / "first.log"))
        await listening(running)
        watching = asyncio.create_task(watch.run())
        await all_right(running, exchange)

        for target in (*ACCOUNTS, "market"):
            await running.sim("stream", target=target, action="cut")
        outside.trade(world, world.accounts["live"], "BNBUSDT", "BUY", Decimal("0.5"))
        await all_right(running, exchange)

        await exchange.stop()
        await running.until_up("live", up=False)
        outside.trade(world, world.accounts["live"], "BNBUSDT", "SELL", Decimal("1.2"))
        outside.trade(world, world.accounts["eon"], "ETHUSDT", "BUY", Decimal("1.0"))
        outside.transfer(world, world.accounts["source"], "USDT", Decimal(5000))
        outside.cancel(world, world.accounts["live"], next(iter(world.accounts["live"].open_algo_orders())))
        await asyncio.sleep(DOWN_SECONDS)
        running.simulator = await exchange.start()
        await all_right(running, exchange)

        process.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.process.wait)
        outside.trade(world, world.accounts["source"], "BTCUSDT", "SELL", Decimal("0.3"))
        await processes.enter_async_context(exporter(simulator, port, tmp_path / "second.log"))
        await listening(running)
        await all_right(running, exchange)

        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    await exchange.stop()
    assert watch.violations == []
    assert all(watch.compared[name] >= 10 for name in ACCOUNTS), watch.compared


async def test_a_process_that_starts_before_its_exchange_is_right_as_soon_as_there_is_one(tmp_path: Path):
    """Started against an address where nobody listens, the exporter serves health, shows no account, and recovers."""
    exchange, port = Exchanges(seed=6), programs.free_port()
    simulator = await exchange.start()
    await exchange.stop()
    async with aiohttp.ClientSession() as session, exporter(simulator, port, tmp_path / "exporter.log"):
        running = Stack(simulator, f"http://127.0.0.1:{port}", session)
        await listening(running)
        shown = {name: await running.value("binance_account_up", account=name) for name in ACCOUNTS}
        assert shown == dict.fromkeys(ACCOUNTS, 0.0)
        assert await asyncio.to_thread(programs.answered, f"{running.url}/-/healthy") == 200
        assert await asyncio.to_thread(programs.answered, f"{running.url}/-/ready") == 503
        running.simulator = await exchange.start()
        await all_right(running, exchange)
        assert await asyncio.to_thread(programs.answered, f"{running.url}/-/ready") == 200
    await exchange.stop()
