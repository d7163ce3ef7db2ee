"""One run: the exchange here, the exporter as a process, a sample now and then."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp

from programs import environment, free_port, running
from soak.samples import Sample, Sampler
from soak.world import NAMES, calm
from stack_harness import Stack, overrides

SAMPLES = 360
"""In a run, about."""

LEAST_PAUSE, MOST_PAUSE = 1.0, 60.0
"""Seconds between two samples; the exporter ends where none is taken for long."""

RENEWAL_SECONDS = 60.0
"""Age at which a stream is replaced at the latest; in production 23 hours."""


async def soak(folder: Path, seconds: float, *, renewal: float = RENEWAL_SECONDS, seed: int = 1) -> list[Sample]:
    """Soak for so long, from when every account is live; gives the samples."""
    configuration = folder / "plimsoll.yml"
    accounts = ", ".join(f"{name}: {{}}" for name in NAMES)
    configuration.write_text(
        f"exchange: {{environment: simulator}}\naccounts: {{{accounts}}}\nexporter: {{data_dir: data}}\n",
        encoding="utf-8",
    )
    port, tasks = free_port(), folder / "tasks"
    async with calm(seed) as (simulator, opened), aiohttp.ClientSession() as http:
        settings = overrides(simulator.url) | {"PLIMSOLL_EXPORTER__LISTEN": f"127.0.0.1:{port}"}
        command: list[str | Path] = ["python", "-m", "soak.program", tasks, str(renewal), "--config", configuration]
        with running(command, folder / "exporter.log", environ=environment(**settings)) as process:
            page = Stack(simulator, f"http://127.0.0.1:{port}", http)
            await _answers(page)
            for name in NAMES:
                await page.until_up(name)
            return await _samples(Sampler(process, page, tasks, opened), seconds)


async def _answers(page: Stack) -> None:
    """Wait until the exporter answers.

    Raises:
        TimeoutError: It does not.
    """
    async with asyncio.timeout(240):
        while True:
            try:
                await page.accounts()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.2)
            else:
                return


async def _samples(sampler: Sampler, seconds: float) -> list[Sample]:
    found, end = [], time.monotonic() + seconds
    watching = asyncio.create_task(sampler.watch_the_machine())
    try:
        while time.monotonic() < end:
            await asyncio.sleep(min(MOST_PAUSE, max(LEAST_PAUSE, seconds / SAMPLES)))
            found.append(await sampler.sample())
    finally:
        watching.cancel()
    return found
