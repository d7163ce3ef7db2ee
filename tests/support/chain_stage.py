"""The whole chain armed: simulator, exporter, Prometheus, Alertmanager and enforcer, and stand-ins of the channels.

The exchange lives in the test, everything else is a process that a test starts, and may kill and start again. What is
true is read from the simulated exchange itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from alerting_files import SECRETS
from chain_files import OPERATOR, write_chain
from fault_stage import AS_SHIPPED, FaultStage
from october_play import until_played
from page_receivers import page_receivers
from paging_stage import plain
from patience import PATIENCE
from plimsoll.config.load import load
from plimsoll.render.command import render
from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.actors.telling import Target, Telling
from plimsoll_simulator.control.truth import account_truth
from plimsoll_simulator.digits import exact
from plimsoll_simulator.server import running_simulator
from programs import Running, answered, environment, free_port, running
from stack_harness import Labels, Stack

ACCOUNTS = ("source", "eon", "live")
ORDER = "POST /fapi/v1/order"
FATAL = "35000"
"""A mark of BTCUSDT at which eon has lost 12 % with what it holds in ``calm``."""
WEBHOOK = SECRETS["webhook.token"]


@dataclass
class ChainStage(FaultStage):
    """The running programs of the whole chain.

    Attributes:
        door: Port of the enforcer.
        before: How many orders of eon there were when the enforcer came.
    """

    door: int = 0
    before: int = field(default=0, init=False)

    @property
    def eon(self) -> Account:
        """The account as the simulated exchange holds it."""
        return self.simulator.world.accounts["eon"]

    @property
    def equity(self) -> Decimal:
        """Of eon, by the exchange's books."""
        with exact():
            return Decimal(str(account_truth(self.simulator.world, self.eon)["equity"]))

    @property
    def held(self) -> dict[str, Decimal]:
        """What eon holds, by symbol."""
        return {one.symbol: one.amount for one in self.eon.positions.values() if one.amount}

    @property
    def flat(self) -> bool:
        """Whether neither a position nor an order of any kind is left of eon."""
        return not self.held and not self.eon.open_orders() and not self.eon.open_algo_orders()

    @property
    def sent(self) -> list[Order]:
        """The orders that came to eon since the enforcer was started for the first time, refused ones aside."""
        return list(self.eon.orders.values())[self.before :]

    async def enforcer(self, *, arm: bool = True, port: int = 0, name: str = "enforcer", **environ: str) -> Running:
        """Start the enforcer, and wait until it is ready; again with what it remembers.

        Args:
            arm: Name eon at the start.
            port: Where it listens, if not where Alertmanager looks for it.
            name: Of its data folder, so that there can be two.
            environ: Further settings.
        """
        self.before = self.before or len(self.eon.orders)
        listen = f"127.0.0.1:{port or self.door}"
        settings = {"PLIMSOLL_ENFORCER__LISTEN": listen, "PLIMSOLL_ENFORCER__DATA_DIR": str(self.folder / name)}
        command: list[str | Path] = ["plimsoll-enforcer", "--config", self.folder / "plimsoll.yml"]
        command += ["--arm", "eon"] if arm else []
        environ = environment(**{**settings, **environ})
        process = self.ends.enter_context(running(command, self.folder / f"{name}.log", environ=environ))
        await self.until(lambda: answered(f"http://{listen}/-/ready") == 200, "the enforcer is ready", process)
        return process

    async def sim(self, path: str, **body: object) -> None:
        """One command to the simulated exchange."""
        await self.watched.sim(path, **body)

    async def mark(self, price: str, *, push: bool = True) -> None:
        """Set the mark price of BTCUSDT."""
        await self.sim("price", symbol="BTCUSDT", mark=price, push=push)

    async def calm(self) -> None:
        """No stop triggers and nothing is liquidated, whatever prices do: what is closed, the enforcer has closed."""
        await self.sim("acts", triggers=False, margin=False)

    async def until_live(self) -> None:
        """Wait until the exporter has every account live."""
        await self.until(lambda: answered(f"{self.page}/-/ready") == 200, "every account was live once")
        for account in ACCOUNTS:
            await self.watched.until_up(account)

    async def play(self, second: int) -> None:
        """Play the story to the end of a second, and halt it there."""
        await until_played(self.simulator, second)

    @asynccontextmanager
    async def in_real_time(self) -> AsyncIterator[None]:
        """The story goes on, a second of it each second, until the block ends."""
        stage = self.simulator.exchange.stage

        async def go_on() -> None:
            while True:
                await asyncio.sleep(1)
                stage.until = stage.second + 1

        going = asyncio.create_task(go_on())
        try:
            yield
        finally:
            going.cancel()

    async def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        """Ask the enforcer as an operator does."""
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        async with self.http.get(f"http://127.0.0.1:{self.door}{path}", headers=headers) as answer:
            return answer.status, await answer.json()

    async def runs(self, account: str = "eon") -> list[dict[str, Any]]:
        """The runs of an account, newest first."""
        _, found = await self.ask("/api/v1/runs")
        return [one for one in found["runs"] if one["account"] == account]

    async def audit(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """What a run did, line by line."""
        lines: list[dict[str, Any]] = (await self.ask(f"/api/v1/runs/{run['run_id']}"))[1]["audit"]
        return lines

    async def requests(self) -> dict[str, float]:
        """What became of the alerts about eon, by outcome; those that are 0 are left out."""
        page = await self.enforcing.metrics()
        found = {dict(labels).get("outcome", ""): labels for name, labels in page if name == _REQUESTS}
        of_eon = {outcome: page.get((_REQUESTS, _eon(outcome)), 0) for outcome in found}
        return {outcome: count for outcome, count in of_eon.items() if count}

    async def until_requests(self, outcome: str) -> None:
        """Wait until the enforcer has counted an alert about eon under an outcome."""
        await self.until_shown(self.enforcing, (_REQUESTS, _eon(outcome)), 1)

    async def until_shown(self, pages: Stack, key: tuple[str, Labels], least: float) -> None:
        """Wait until a page shows a figure that is at least so large."""
        deadline = time.monotonic() + PATIENCE
        while (value := (await pages.metrics()).get(key, 0)) < least:
            assert time.monotonic() < deadline, (key, value, await self.requests())
            await asyncio.sleep(0.1)

    async def until_ended(self, outcome: str = "flat") -> dict[str, Any]:
        """Wait until the newest run of eon has ended so; gives it."""
        deadline = time.monotonic() + PATIENCE
        while not (runs := await self.runs()) or runs[0]["outcome"] != outcome:
            assert time.monotonic() < deadline, (runs, self.held, await self.requests())
            await asyncio.sleep(0.05)
        return runs[0]

    async def until_closed(self) -> dict[str, Any]:
        """Wait until eon is flat by the exchange's books, and by the word of a run that looked twice; gives it."""
        await self.until(lambda: self.flat, "eon is flat")
        run = await self.until_ended()
        assert run["result"]["flat"]
        assert run["result"]["confirmed"]
        assert (await self.ask("/api/v1/gate/eon"))[0] == 423
        assert self.flat
        return run

    async def post(self, token: str | None, alert: dict[str, object], *, port: int = 0) -> int:
        """Post an alert to the enforcer (or another one), as Alertmanager does; gives the answer's status."""
        body = {"version": "4", "status": "firing", "alerts": [{"status": "firing", "fingerprint": "f" * 16, **alert}]}
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = f"http://127.0.0.1:{port or self.door}/api/v1/alerts"
        async with self.http.post(url, json=body, headers=headers) as answer:
            return answer.status

    def messages(self, service: str, what: str) -> list[str]:
        """What a channel was told that has all these words, whatever their case."""
        texts = map(plain, self.services.accepted(service))
        return [text for text in texts if all(word in text.lower() for word in what.lower().split())]

    async def until_paged(self, what: str) -> None:
        """Wait until PagerDuty and Telegram are told something with all these words."""
        for service in ("pagerduty", "telegram"):
            await self.until(lambda service=service: bool(self.messages(service, what)), f"{service} is told {what}")

    @property
    def enforcing(self) -> Stack:
        """The enforcer's metrics."""
        return Stack(self.simulator, f"http://127.0.0.1:{self.door}", self.http)


_REQUESTS = "plimsoll_enforcer_requests_total"


def _eon(outcome: str) -> frozenset[tuple[str, str]]:
    return frozenset({("account", "eon"), ("outcome", outcome)})


@asynccontextmanager
async def chain_stage(
    folder: Path, tools: tuple[Path, Path], *, scenario: str = "calm", armed: bool = True, interval: float = 0.2
) -> AsyncIterator[ChainStage]:
    """The exchange with its story halted, the channels and everything rendered; no other program is started yet.

    Args:
        folder: For everything.
        tools: The fixtures ``alertmanager`` and ``prometheus``.
        scenario: The simulator's; its bot and its mirror report what is refused.
        armed: Whether the configuration arms eon.
        interval: Seconds between two pushes of prices.
    """
    base, tellers = free_port(0, 1, 2, 3), list[Telling]()
    url = f"http://127.0.0.1:{base}"
    ports = base, base + 1, base + 2
    company = as_tasks(lambda order: tellers[0](order))  # noqa: PLW0108 - made below
    async with page_receivers() as services, aiohttp.ClientSession() as http, AsyncExitStack() as ends:
        target = Target(url=url, token_file=folder / "secrets" / "report.token", spool=folder / "spool")
        simulator = await ends.enter_async_context(
            running_simulator(scenario=scenario, speed=20 / interval, interval=interval, company=company)
        )
        simulator.exchange.stage.until = 0
        path = write_chain(
            folder,
            armed=armed,
            simulator=simulator.url,
            exporter=url,
            alertmanager=f"http://127.0.0.1:{ports[1]}",
            enforcer=f"http://127.0.0.1:{base + 3}",
            services=services.url,
        )
        tellers.append(Telling(target))
        ends.callback(tellers[0].close)
        render(load(path, environ={}), folder, prometheus=f"127.0.0.1:{ports[2]}")
        yield ChainStage(folder, AS_SHIPPED, simulator, services, http, ports, tools, ends, door=base + 3)
