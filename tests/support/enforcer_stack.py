"""The real enforcer against the real simulator over loopback sockets, in one event loop, with no exporter beside it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from patience import PATIENCE
from plimsoll.clock import Clock, SystemClock
from plimsoll.config.load import load
from plimsoll.config.model import Config
from plimsoll_enforcer.main import enforcing_credentials
from plimsoll_enforcer.program import Program
from plimsoll_enforcer.tokens import read_tokens
from plimsoll_simulator.server import Simulator
from stack_harness import ROOT, Labels, overrides, samples

WEBHOOK = "webhook-token-of-the-stack"
OPERATOR = "operator-token-of-the-stack"
DRY_RUN = "      mode: dry-run "


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One answer."""

    status: int
    text: str

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.text)
        return found


class Enforced:
    """A running enforcer and its simulator."""

    def __init__(self, program: Program, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.program, self.simulator = program, simulator
        self.url = f"http://127.0.0.1:{program.web.port}"
        self._session = session

    async def get(self, path: str, token: str = OPERATOR) -> Answered:
        """Look at something."""
        async with self._session.get(self.url + path, headers={"Authorization": f"Bearer {token}"}) as answer:
            return Answered(status=answer.status, text=await answer.text())

    async def post(self, path: str, body: object, token: str = OPERATOR) -> Answered:
        """Ask for something."""
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(self.url + path, json=body, headers=headers) as answer:
            return Answered(status=answer.status, text=await answer.text())

    async def alert(self, **labels: str) -> Answered:
        """What Alertmanager posts for one firing alert with these labels."""
        alert = {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2026-11-21T12:00:00Z"}
        return await self.post("/api/v1/alerts", {"version": "4", "status": "firing", "alerts": [alert]}, WEBHOOK)

    async def metrics(self) -> Mapping[tuple[str, Labels], float]:
        """One scrape: sample name and labels to value."""
        return samples((await self.get("/metrics")).text)

    async def value(self, name: str, **labels: str) -> float | None:
        """One series of a fresh scrape; ``None`` where it is absent."""
        return (await self.metrics()).get((name, frozenset(labels.items())))

    def held(self, account: str) -> set[str]:
        """The symbols in which the simulated exchange holds a position of an account."""
        positions = self.simulator.exchange.world.accounts[account].positions.values()
        return {one.symbol for one in positions if one.amount}

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds.

        Raises:
            AssertionError: It did not within ``PATIENCE``.
        """
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"never: {what}; runs: {(await self.get('/api/v1/runs')).text}"
            await asyncio.sleep(0.05)

    async def until_ready(self) -> None:
        """Wait until every key was looked at."""
        deadline = time.monotonic() + PATIENCE
        while (await self.get("/-/ready")).status != 200:
            assert time.monotonic() < deadline, (await self.get("/-/ready")).text
            await asyncio.sleep(0.05)


def enforcer_settings(simulator_url: str, folder: Path, *, armed: bool = False) -> tuple[Path, dict[str, str]]:
    """The shipped configuration below a folder, ``eon`` armed in it if wanted, and the variables that move it."""
    text = (ROOT / "plimsoll.yml").read_text(encoding="utf-8")
    assert text.count(DRY_RUN) == 1
    configuration = folder / "plimsoll.yml"
    configuration.write_text(text.replace(DRY_RUN, "      mode: armed ") if armed else text, encoding="utf-8")
    for name, token in (("webhook.token", WEBHOOK), ("operator.token", OPERATOR)):
        (folder / name).write_text(token, encoding="utf-8")
        (folder / name).chmod(0o640)
    return configuration, {
        **overrides(simulator_url),
        "PLIMSOLL_ENFORCER__LISTEN": "127.0.0.1:0",
        "PLIMSOLL_ENFORCER__DATA_DIR": str(folder / "enforcer"),
        "PLIMSOLL_ENFORCER__WEBHOOK_TOKEN_FILE": str(folder / "webhook.token"),
        "PLIMSOLL_ENFORCER__OPERATOR_TOKEN_FILE": str(folder / "operator.token"),
    }


@asynccontextmanager
async def enforcing(
    simulator: Simulator,
    folder: Path,
    *,
    armed: bool = False,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Enforced]:
    """The enforcer over a simulator until the block ends; with the same folder it goes on where it was."""
    configuration, settings = enforcer_settings(simulator.url, folder, armed=armed)
    config = load(configuration, environ={**settings, **(environ or {})})
    async with running(config, simulator, named={"eon"} if armed else set(), clock=clock or SystemClock()) as enforced:
        yield enforced


@asynccontextmanager
async def running(config: Config, simulator: Simulator, *, named: set[str], clock: Clock) -> AsyncIterator[Enforced]:
    """The enforcer with a configuration."""
    program = Program(config, enforcing_credentials(config), named=named, tokens=read_tokens(config), clock=clock)
    listening = asyncio.Event()
    task = asyncio.create_task(program.run(listening.set))
    try:
        async with aiohttp.ClientSession() as session:
            waiting = asyncio.create_task(listening.wait())
            await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            yield Enforced(program, simulator, session)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
