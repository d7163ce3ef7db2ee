"""What the simulator costs: 200 accounts of 10 positions, marks every second to 200 listeners of 10 streams each.

Prints the simulator's CPU, memory, what it delivers and how late; the listeners' own CPU is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from measuring import cpu_seconds, memory_mib, percentile, running

PORT = 9917
SYMBOLS = ("btc", "eth", "bnb", "sol", "dot", "xrp", "ada", "doge", "avax", "link")


async def listen(session: aiohttp.ClientSession, until: float, late: list[float]) -> None:
    """Take in ten mark streams until the time has come; note how late each message is, in ms."""
    streams = "/".join(f"{symbol}usdt@markPrice@1s" for symbol in SYMBOLS)
    async with session.ws_connect(f"ws://127.0.0.1:{PORT}/market/stream?streams={streams}") as socket:
        while (left := until - time.monotonic()) > 0:
            try:
                message = await asyncio.wait_for(socket.receive(), left)
            except TimeoutError:
                return
            late.append(time.time() * 1000 - json.loads(message.data)["data"]["E"])


async def listeners(count: int, seconds: float) -> list[float]:
    """That many listeners at once; the lateness of everything they heard."""
    late: list[float] = []
    until = time.monotonic() + seconds
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(listen(session, until, late))
    return late


def measure(accounts: int, positions: int, seconds: float) -> str:
    """One row of the table."""
    command = [str(Path(sys.executable).parent / "plimsoll-simulator"), "--listen", f"127.0.0.1:{PORT}"]
    command += ["--scenario", f"crowd:{accounts}x{positions}"]
    with running(command, f"http://127.0.0.1:{PORT}/fapi/v1/ping") as simulator:
        time.sleep(3)
        before, began = cpu_seconds(simulator.pid), time.monotonic()
        late = asyncio.run(listeners(accounts, seconds))
        cores = (cpu_seconds(simulator.pid) - before) / (time.monotonic() - began)
        return (
            f"| {accounts} x {positions} | {cores:.3f} | {memory_mib(simulator.pid):.0f} | {len(late) / seconds:.0f} "
            f"| {percentile(late, 0.5):.1f} / {percentile(late, 0.99):.1f} |"
        )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="*", default=[20, 200])
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args(argv)
    columns = ("accounts x positions", "CPU (cores)", "memory (MiB)", "messages/s", "late p50 / p99 (ms)")
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for accounts in arguments.accounts:
        print(measure(accounts, 10, arguments.seconds))


if __name__ == "__main__":
    main()
