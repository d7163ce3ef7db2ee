"""The button page's stage: October on the simulator, the exporter beside it, the real enforcer, armed, as a process.

The world halts where a test wants it; what is true is read from the simulated exchange itself. The enforcer keeps port
and folder over its deaths, so that a page that was open finds it again.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from enforcer_stack import OPERATOR, enforcer_settings
from october_play import until_played
from patience import until
from plimsoll_simulator.account import Account
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.server import Simulator, running_simulator
from programs import Running, answered, environment, free_port, running
from stack_harness import Stack, watching

STANDS_AT = 140
"""Second of October at which eon holds 5x of its equity and has lost more than half of what it may."""


@dataclass(kw_only=True)
class ButtonPageStage:
    """What runs.

    Attributes:
        url: Of the enforcer's page.
        token: Of the operator.
        process: The enforcer; ``None`` while it is dead.
    """

    simulator: Simulator
    exporter: Stack
    folder: Path
    url: str
    token: str = OPERATOR
    process: Running | None = None
    _settings: dict[str, str] = field(default_factory=dict)
    _ends: ExitStack = field(default_factory=ExitStack)

    @property
    def eon(self) -> Account:
        """The account as the simulated exchange holds it."""
        return self.simulator.world.accounts["eon"]

    @property
    def flat(self) -> bool:
        """Whether neither a position nor an order of any kind is left of eon."""
        held = any(one.amount for one in self.eon.positions.values())
        return not (held or self.eon.open_orders() or self.eon.open_algo_orders())

    async def start(self) -> None:
        """Start the enforcer, and wait until it is ready."""
        command: list[str | Path] = ["plimsoll-enforcer", "--config", self.folder / "plimsoll.yml", "--arm", "eon"]
        log, environ = self.folder / "enforcer.log", environment(**self._settings)
        process = self.process = self._ends.enter_context(running(command, log, environ=environ))
        await until(lambda: answered(self.url + "-/ready") == 200, process.said)

    async def kill(self) -> None:
        """Kill it, as ``kill -9`` does."""
        assert self.process is not None
        self.process.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.process.wait)
        self.process = None


@asynccontextmanager
async def button_page_stage(folder: Path, *, second: int = STANDS_AT) -> AsyncIterator[ButtonPageStage]:
    """All of it, with eon in the middle of its misfortune; the enforcer is started."""
    async with running_simulator(
        scenario="october-mirror", speed=100, interval=0.1, company=as_tasks(lambda _: None)
    ) as simulator:
        port = free_port(1)
        data = {
            "PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "exporter"),
            "PLIMSOLL_EXPORTER__LISTEN": f"127.0.0.1:{port}",
        }
        simulator.exchange.stage.until = 0
        async with watching(simulator, environ=data) as exporter:
            await exporter.until_up("eon")
            await until_played(simulator, second)
            _, settings = enforcer_settings(simulator.url, folder, armed=True)
            settings |= {**data, "PLIMSOLL_ENFORCER__LISTEN": f"127.0.0.1:{port + 1}"}
            url = f"http://127.0.0.1:{port + 1}/"
            with ExitStack() as ends:
                stage = ButtonPageStage(
                    simulator=simulator, exporter=exporter, folder=folder, url=url, _settings=settings, _ends=ends
                )
                await stage.start()
                yield stage
