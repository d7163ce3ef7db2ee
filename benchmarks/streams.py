"""Measure what keeps our streams against its alternatives: python-binance's socket manager and plain ``websockets``.

A loopback server in a process of its own sends numbered events, cuts, and refuses. Every client runs with its own
defaults. ``python benchmarks/streams.py`` prints the tables of ``docs/decisions/0002-streams.md`` in two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, cast

import aiohttp
import websockets
from aiohttp import web
from binance.ws.streams import BinanceSocketManager

from plimsoll.clock import SystemClock
from plimsoll.config.model import StreamForm
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.pacing import ConnectPacer, StreamTimings
from plimsoll.exchange.port import AccountReader, SilentObserver
from plimsoll.exchange.socket import Remarks, open_socket
from plimsoll.exchange.user_stream import UserStream
from plimsoll.model.events import AccountEvent

BURST = 5000
LOAD = 20_000
RUNS = 5
REFUSALS = 6
AFTER = 10
PATIENCE = 120.0


def event(number: int) -> str:
    """An ``ACCOUNT_UPDATE`` as after a fill; its number is its time."""
    balances = [{"a": asset, "wb": "8384.35612000", "cw": "8384.35612000", "bc": "0"} for asset in ("USDT", "BNB")]
    position = {"s": "BTCUSDT", "pa": "0.150", "ep": "91872.10", "bep": "91908.84", "cr": "12.5", "up": "5.98",
                "mt": "cross", "iw": "0", "ps": "BOTH", "ma": "USDT"}  # fmt: skip
    body = {"e": "ACCOUNT_UPDATE", "E": number, "T": number, "a": {"m": "ORDER", "B": balances, "P": [position]}}
    return json.dumps(body)


class Server:
    """``/burst/…`` and ``/load/…`` send many events on connecting; ``/flaky/…`` cuts, refuses, then delivers."""

    def __init__(self) -> None:
        self._visits: dict[str, int] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection by the first part of its path."""
        kind, visitor = request.path.split("/")[1:3]
        self._visits[visitor] = visit = self._visits.get(visitor, 0) + 1
        if kind == "flaky" and 1 < visit <= 1 + REFUSALS:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        first, count = {"burst": (1, BURST), "load": (1, LOAD), "flaky": (1, 1) if visit == 1 else (2, AFTER)}[kind]
        for number in range(first, first + count):
            await socket.send_str(event(number))
        if kind == "flaky" and visit == 1:
            await asyncio.sleep(0.2)
            cast("asyncio.Transport", request.transport).abort()
            return socket
        async for _ in socket:
            pass
        return socket


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives its base URL."""
    process = subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield f"ws://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


async def serve() -> None:
    """Run the server until it is ended; prints its port."""
    app = web.Application()
    app.router.add_get("/{tail:.*}", Server().handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@dataclass
class Log:
    """What a client's consumer saw: numbers of events, words on gaps, and whether the client gave up."""

    numbers: list[int] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    ended: str = ""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    goal: int = 0
    block: float = 0.0

    def take(self, number: int) -> None:
        """Note an event; the first one blocks the loop for ``block`` seconds."""
        self.numbers.append(number)
        if len(self.numbers) == 1 and self.block:
            time.sleep(self.block)
        if len(self.numbers) >= self.goal:
            self.done.set()


class Client(Protocol):
    """Reads events from ``url`` into ``log`` until cancelled; ``stall`` is awaited by the consumer after the first."""

    def __call__(self, url: str, log: Log, stall: float) -> Awaitable[None]:
        """Run."""


class _Sink:
    def __init__(self, log: Log) -> None:
        self._log = log

    def stream_opened(self, form: str) -> None:
        """Nothing to note."""

    def stream_lost(self, reason: str) -> None:
        """Note a gap."""
        self._log.gaps.append(reason)

    def stream_event(self, event: AccountEvent) -> None:
        """Note an event."""
        self._log.take(event.time_ms)


class _Keys:
    async def open_listen_key(self) -> str:
        """A key the server does not look at."""
        return "key"

    futures_stream_get_listen_key = open_listen_key
    tld = "com"
    testnet = demo = False
    https_proxy = None

    async def extend_listen_key(self) -> None:
        """Nothing to do."""


async def ours(url: str, log: Log, stall: float) -> None:  # noqa: ARG001 - a synchronous sink has nothing to await
    """The product's user stream: parsed, recognised, translated, delivered."""
    clock = SystemClock()
    async with aiohttp.ClientSession() as session:
        await UserStream(
            account="bench",
            url=url,
            form=StreamForm.EVENTS,
            reader=cast("AccountReader", _Keys()),
            sink=_Sink(log),
            session=session,
            clock=clock,
            exchange_clock=ExchangeClock(clock),
            observer=SilentObserver(),
            pacer=ConnectPacer(clock),
        ).run()


async def our_socket(url: str, log: Log, stall: float) -> None:  # noqa: ARG001 - as above
    """The product's socket alone: parsed and no more, to compare with the others' work."""
    clock, timings = SystemClock(), StreamTimings()
    async with aiohttp.ClientSession() as session:
        socket = await open_socket(session, f"{url}/private/ws", clock=clock, timings=timings, remarks=Remarks("bench"))
        try:
            while True:
                message = await socket.receive()
                log.take(cast("dict[str, int]", message)["E"])
        finally:
            await socket.close()


async def python_binance(url: str, log: Log, stall: float) -> None:
    """python-binance's futures user socket, used as its documentation shows."""
    manager = BinanceSocketManager(_Keys())
    manager.FSTREAM_URL = f"{url}/"
    async with manager.futures_user_socket() as stream:
        while True:
            message = await stream.recv()
            if message.get("e") == "error":
                log.gaps.append(message["type"])
                continue
            log.take(message["E"])
            if stall and len(log.numbers) == 1:
                await asyncio.sleep(stall)


async def plain_websockets(url: str, log: Log, stall: float) -> None:
    """The ``websockets`` library with its own reconnecting iterator."""
    async for stream in websockets.connect(f"{url}/private/ws"):
        try:
            async for text in stream:
                log.take(json.loads(text)["E"])
                if stall and len(log.numbers) == 1:
                    await asyncio.sleep(stall)
        except websockets.ConnectionClosed as error:
            log.gaps.append(type(error).__name__)


async def run(client: Client, url: str, *, goal: int, patience: float, stall: float = 0.0, block: float = 0.0) -> Log:
    """Run a client until it has what it should, ends by itself, or the patience is over."""
    log = Log(goal=goal, block=block)
    task = asyncio.ensure_future(client(url, log, stall))
    done = asyncio.ensure_future(log.done.wait())
    await asyncio.wait({task, done}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        error = task.exception()
        log.ended = type(error).__name__ if error else "returned"
    task.cancel()
    done.cancel()
    await asyncio.gather(task, done, return_exceptions=True)
    return log


def told(log: Log) -> str:
    """What the consumer was told, briefly."""
    return ", ".join(dict.fromkeys([*log.gaps, *([f"raises {log.ended}"] if log.ended else [])])) or "nothing"


CLIENTS: dict[str, Client] = {"ours": ours, "python-binance": python_binance, "websockets": plain_websockets}
ALTERNATIVES = ("python-binance", "websockets")


async def burst(url: str) -> None:
    """Print how many of a burst are lost while the consumer stalls for a second."""
    print(f"\n| {BURST} events at once, consumer stalls 1 s | lost | told to the consumer |\n| --- | --- | --- |")
    for name, client in CLIENTS.items():
        for kind, stall, block in (("loop blocked", 0.0, 1.0), ("consumer awaits", 1.0, 0.0)):
            if name == "ours" and stall:
                continue
            log = await run(
                client, f"{url}/burst/{name}-{kind[0]}", goal=BURST, patience=15.0, stall=stall, block=block
            )
            print(f"| {name}, {kind} | {BURST - len(set(log.numbers))} | {told(log)} |")


async def refused(url: str) -> None:
    """Print what becomes of a stream after a cut and six refused reconnects."""

    async def one(name: str, client: Client) -> str:
        start = time.monotonic()
        log = await run(client, f"{url}/flaky/{name}", goal=1 + AFTER, patience=PATIENCE)
        outcome = "delivers again" if len(log.numbers) > 1 else "dead"
        return f"| {name} | {outcome} after {time.monotonic() - start:.0f} s | {told(log)} |"

    print(f"\n| cut, then {REFUSALS} refused reconnects | outcome | told to the consumer |\n| --- | --- | --- |")
    print("\n".join(await asyncio.gather(*(one(name, client) for name, client in CLIENTS.items()))))


async def cpu(url: str) -> None:
    """Print processor time per message, as medians and as ratios to our socket."""
    clients: dict[str, Client] = {
        "our socket": our_socket,
        "ours, whole": ours,
        **{name: CLIENTS[name] for name in ALTERNATIVES},
    }
    medians = {}
    for name, client in clients.items():
        costs = []
        for _ in range(RUNS):
            start = time.process_time()
            log = await run(client, f"{url}/load/{name.replace(' ', '-')}", goal=LOAD, patience=60.0)
            costs.append((time.process_time() - start) / len(log.numbers) * 1e6)
        medians[name] = statistics.median(costs)
    print(f"\n| CPU a message, median of {RUNS} x {LOAD} | µs | ratio |\n| --- | --- | --- |")
    for name, median in medians.items():
        print(f"| {name} | {median:.1f} | {median / medians['our socket']:.2f} |")


def main() -> None:
    """Run all measurements, or the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help="run the loopback server only")
    if parser.parse_args().serve:
        asyncio.run(serve())
        return
    logging.disable()  # the clients' own words would stand between the rows
    for measurement in (burst, cpu, refused):
        measure: Callable[[str], Awaitable[None]] = measurement
        with server() as url:
            asyncio.run(measure(url))  # type: ignore[arg-type]  # all three are coroutine functions


if __name__ == "__main__":
    main()
