"""The installed ``red-button`` as a process against a simulator in this one, judged by the exchange's own books."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from patience import PATIENCE, until
from plimsoll_simulator.account import Account
from programs import BIN, ROOT, environment
from simulator_client import SimulatorClient, simulator_client

WRITES = ("POST /fapi/v1/order", "DELETE ")
"""How everything begins that changes an account, but for the leverage setting that nobody here touches."""

SECRETS = ("simulator-trade-key", "simulator-trade-secret", "signature=")
ZERO = Decimal(0)


class Press:
    """One running ``red-button``."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path) -> None:
        self.process = process
        self._output = output

    def said(self) -> str:
        """Everything it has said so far, on stdout and stderr."""
        return self._output.read_text(errors="replace")

    async def until(self, text: str, times: int = 1) -> None:
        """Wait until it has said something."""
        await until(lambda: self.said().count(text) >= times, self.said)

    async def type(self, text: str) -> None:
        """Type something."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        await self.process.stdin.drain()

    async def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal, if any, and give the exit status."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


class ButtonStage:
    """A simulator with an account to close, and buttons to close it with.

    Attributes:
        account: The truth about it.
        folder: Where the record goes.
    """

    def __init__(self, client: SimulatorClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.account: Account = client.simulator.world.accounts[client.account]
        self._before = {key: each.amount for key, each in self.account.positions.items()}
        self._trades = len(self.account.trades)
        self._presses: list[Press] = []

    @property
    def environ(self) -> Mapping[str, str]:
        """Points the shipped configuration at this simulator."""
        return environment(
            PLIMSOLL_EXCHANGE__REST_URL=self.client.simulator.url,
            PLIMSOLL_ENFORCER__DATA_DIR=str(self.folder),
        )

    async def press(
        self, *arguments: str, keys: int = asyncio.subprocess.DEVNULL, environ: Mapping[str, str] | None = None
    ) -> Press:
        """Start ``red-button`` with these arguments."""
        output = self.folder / f"said-{len(self._presses)}.txt"
        with output.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                BIN / "red-button",
                *arguments,
                stdin=keys,
                stdout=sink,
                stderr=asyncio.subprocess.STDOUT,
                cwd=ROOT,
                env={**self.environ, **(environ or {})},
                start_new_session=True,
            )
        self._presses.append(Press(process, output))
        return self._presses[-1]

    async def pressed(self, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Press and wait for the end: exit status and all that was said."""
        press = await self.press(*arguments, environ=environ)
        return await press.end(), press.said()

    async def sim(self, path: str, **fields: object) -> None:
        """One command to the simulator."""
        reply = await self.client.control(path, **fields)
        assert reply.status == 200, reply.body

    async def own(self, path: str, **fields: object) -> None:
        """One command to the simulator, about the account."""
        await self.sim(path, account=self.account.name, **fields)

    def begin_books(self) -> None:
        """From now on judge by what the account holds now."""
        self._before = {key: each.amount for key, each in self.account.positions.items()}
        self._trades = len(self.account.trades)

    def sent(self) -> int:
        """Requests so far that change something."""
        calls = self.client.simulator.exchange.requests.calls
        return sum(count for name, count in calls.items() if name.startswith(WRITES))

    def flat(self) -> bool:
        """Whether nothing is left, by the exchange's own books."""
        return not (self.account.open_positions() or self.account.open_orders() or self.account.open_algo_orders())

    def never_larger(self) -> bool:
        """Whether no trade since ``begin_books`` made a position larger or turned it round."""
        held = dict(self._before)
        for trade in self.account.trades[self._trades :]:
            key = (trade.symbol, trade.position_side)
            was = held.get(key, ZERO)
            now = was + (trade.quantity if trade.side == "BUY" else -trade.quantity)
            if abs(now) > abs(was) or now * was < 0:
                return False
            held[key] = now
        return True

    def leaks(self) -> list[str]:
        """Secrets in anything that was said or recorded."""
        files = [*self.folder.glob("said-*"), *self.folder.glob("red-button/*")]
        return [word for word in SECRETS for file in files if word in file.read_text(errors="replace")]

    async def end(self) -> None:
        """End what still runs."""
        for press in self._presses:
            if press.process.returncode is None:
                press.process.kill()
                await press.process.wait()


@asynccontextmanager
async def button_stage(
    folder: Path, *, account: str = "live", scenario: str = "november-stops"
) -> AsyncIterator[ButtonStage]:
    """November's account with its four positions and stops, or another of another scenario."""
    async with simulator_client(scenario, account, interval=0.5) as client:
        stage = ButtonStage(client, folder)
        await stage.sim("story", until=0)  # however slow the machine, nothing but the test changes the account
        try:
            yield stage
        finally:
            await stage.end()
