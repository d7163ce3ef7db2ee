"""The real programs of a chaos run, which can be killed, stopped and started again one by one."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from chaos.configuration import ACCOUNTS, OPERATOR, write_configuration
from chaos.exchange import ChaosExchange
from chaos.verdicts import UP, Verdicts
from fault_stage import AS_SHIPPED, FaultStage
from page_receivers import page_receivers
from plimsoll.config.load import load
from plimsoll.render.command import render
from plimsoll.reporting import RejectionReporter
from programs import Running, answered, environment, free_port, running

PATIENCE = 240.0
"""Real seconds within which anything must come true, on a busy machine."""


@dataclass(kw_only=True)
class ChaosStage(FaultStage):
    """Everything that runs.

    Attributes:
        door: Port of the enforcer.
        chaotic: The exchange.
        verdicts: What was found.
        processes: The running programs by name.
        reporters: What each account's bot reports refused orders with.
        busy: Programs that a fault has in hand.
    """

    door: int
    chaotic: ChaosExchange
    verdicts: Verdicts
    processes: dict[str, Running] = field(default_factory=dict)
    reporters: dict[str, RejectionReporter] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    async def start(self, name: str) -> None:
        """Start a program, again with what it remembers, and wait until it is ready."""
        starts: dict[str, Callable[[], Awaitable[Running]]] = {
            "exporter": self._exporter,
            "enforcer": self._enforcer,
            "prometheus": self._prometheus,
            "alertmanager": self._alertmanager,
        }
        self.processes[name] = await starts[name]()

    async def restart(self, name: str) -> None:
        """Start a program again, and note whether it came."""
        try:
            await self.start(name)
        except AssertionError as error:
            self.verdicts.check(UP, holds=False, expected=f"{name} is ready", seen=error)
        else:
            self.verdicts.check(UP, holds=True, expected="", seen="")

    async def kill(self, name: str) -> None:
        """``kill -9``."""
        process = self.processes[name].process
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a program."""
        self.processes[name].process.send_signal(number)

    async def wait(self, holds: Callable[[], bool | Awaitable[bool]], patience: float = PATIENCE) -> bool:
        """Wait until something holds; programs that do not answer meanwhile are asked again. Gives whether it did."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                found = holds()
                if found if isinstance(found, bool) else await found:
                    return True
            except (aiohttp.ClientError, TimeoutError, AssertionError, ValueError):
                pass
            await asyncio.sleep(0.2)
        return False

    async def release(self, account: str) -> bool:
        """Release a lockout as an operator does; references begin anew. Gives whether the enforcer did it."""
        url = f"http://127.0.0.1:{self.door}/api/v1/accounts/{account}/release"
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        wish = {"reason": "chaos goes on", "rebase": True}
        async with self.http.post(url, json=wish, headers=headers, timeout=aiohttp.ClientTimeout(60)) as answer:
            self.verdicts.tell(f"release of {account}: {answer.status} {(await answer.text())[:200]}")
            done = answer.status == 200  # noqa: PLR2004 - fine
        # An enforcer that was killed between deed and answer has done it all the same.
        return done or not await self.closed(account)

    async def closed(self, account: str) -> bool:
        """Whether the enforcer keeps an account shut."""
        async with self.http.get(f"http://127.0.0.1:{self.door}/api/v1/gate/{account}") as answer:
            return answer.status == 423  # noqa: PLR2004 - locked

    async def _exporter(self) -> Running:
        return await self._ours("exporter", f"{self.page}/-/healthy")

    async def _enforcer(self) -> Running:
        arming = [word for name in ACCOUNTS for word in ("--arm", name)]
        return await self._ours("enforcer", f"http://127.0.0.1:{self.door}/-/healthy", *arming)

    async def _ours(self, name: str, url: str, *more: str) -> Running:
        command: list[str | Path] = ["python", "-m", "chaos.program", name]
        command += ["--config", self.folder / "plimsoll.yml", *more]
        log = self.folder / f"{name}.log"
        process = self.ends.enter_context(running(command, log, environ=environment()))
        await self.until(lambda: answered(url) == 200, f"{name} answers", process)  # noqa: PLR2004 - fine
        return process

    async def _alertmanager(self) -> Running:
        return (await self.alertmanager()).running

    async def _prometheus(self) -> Running:
        return (await self.prometheus()).running


@asynccontextmanager
async def chaos_stage(
    folder: Path, tools: tuple[Path, Path], seed: int, verdicts: Verdicts
) -> AsyncIterator[ChaosStage]:
    """Everything running, every account live once.

    Args:
        folder: For configuration, data and logs.
        tools: The programs Alertmanager and Prometheus.
        seed: Of the exchange's world.
        verdicts: Where findings go.
    """
    base, chaotic = free_port(0, 1, 2, 3), ChaosExchange(seed, verdicts)
    ports = base, base + 1, base + 2
    simulator = await chaotic.start()
    async with page_receivers() as services, aiohttp.ClientSession() as http, AsyncExitStack() as ends:
        ends.push_async_callback(chaotic.stop)
        urls = {
            "simulator": simulator.url,
            "exporter": f"http://127.0.0.1:{base}",
            "alertmanager": f"http://127.0.0.1:{base + 1}",
            "enforcer": f"http://127.0.0.1:{base + 3}",
            "services": services.url,
        }
        path = write_configuration(folder, urls)
        render(load(path, environ={}), folder, prometheus=f"127.0.0.1:{ports[2]}")
        stage = ChaosStage(
            folder,
            AS_SHIPPED,
            simulator,
            services,
            http,
            ports,
            tools,
            ends,
            door=base + 3,
            chaotic=chaotic,
            verdicts=verdicts,
        )
        for name in ACCOUNTS:
            token, spool = folder / "secrets" / "report.token", folder / "spool" / name
            reporter = RejectionReporter(urls["exporter"], token, name, spool=spool)
            stage.reporters[name] = reporter
            ends.callback(reporter.close)
        for name in ("alertmanager", "exporter", "enforcer", "prometheus"):
            await stage.start(name)
        for name in ACCOUNTS:
            await stage.watched.until_up(name)
        yield stage
