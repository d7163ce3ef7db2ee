"""The enforcer's desk in a virtual time, over a made-up exchange that it reads and closes with the real flattener.

One account, ``eon``: 10,000 USDT and a long position of 100 BTCUSDT at 100, so that a price of 89 is a loss of 11 % and
one of 95 a loss of 5 %. Its rule ``tmad`` closes at 10 %.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import breach_scene
import builders
from fake_exchange import FakeStream
from fake_market import FakeMarket
from plimsoll.config.model import (
    AccountConfig,
    AlertmanagerConfig,
    Config,
    DrawdownRule,
    Enforcement,
    EnforcerConfig,
    Environment,
    ExchangeConfig,
    ExporterConfig,
    Limits,
    Listen,
    Mode,
)
from plimsoll.errors import Unavailable
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import AccountSink, PrivateStream
from plimsoll.model.market import Grid
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.desk import Alert, Verdict
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.watching.accounts import Accounts
from plimsoll_enforcer.watching.parts import AccountParts, Stance
from trading_account import TradingAccount
from virtual_time import VirtualClock, play, until

SYMBOL = "BTCUSDT"
DOWN = Unavailable("GET /fapi/v3/account: 503 Service Unavailable")


class FakeExporter:
    """An exporter that answers what the test says.

    Attributes:
        answers: What it holds, by rule; empty where it does not answer.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Told] = {}

    async def told(self, account: str) -> Mapping[str, Told]:
        """What it holds."""
        return dict(self.answers) if account == "eon" else {}


class DeskScene:
    """A desk over one account; make it in a virtual time.

    Args:
        folder: Where journals lie.
        mode: What is in force.
        on_unverifiable: ``act`` or ``hold``.
        rules: Of the account.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mode: Mode = Mode.ARMED,
        on_unverifiable: str = "hold",
        rules: tuple[DrawdownRule, ...] = (breach_scene.rule(),),
        alertmanagers: tuple[AlertmanagerConfig, ...] = (),
    ) -> None:
        self.folder, self.mode = folder, mode
        self.clock = VirtualClock()
        self.market = FakeMarket(self.clock)  # type: ignore[arg-type]  # it only tells the time and sleeps
        lot = Grid(least=Decimal("0.001"), most=Decimal(1000), step=Decimal("0.001"))
        for symbol in self.market.instruments:
            rules_of = replace(builders.instrument(symbol), quantity=lot, market_quantity=lot)
            self.market.instruments[symbol] = rules_of
        self.account = TradingAccount(self.clock, self.market)
        self.account.trade(SYMBOL, "100", "100", fee="0")
        self.flows_until = self.clock.now() + 1
        self.exporter = FakeExporter()
        self.streams: list[FakeStream] = []
        self.with_streams = True
        self.config = _config(folder, mode, on_unverifiable, rules, alertmanagers)
        self.journal: Journal
        self.desk: Accounts
        self._task: asyncio.Task[None] | None = None

    async def start(self, folder: Path | None = None) -> None:
        """Begin a life of the enforcer."""
        self.journal = Journal.open(folder or self.folder, clock=self.clock)
        self.desk = Accounts(
            self.config,
            {"eon": self._parts()},
            market=self.market,
            journal=self.journal,
            clock=self.clock,
            exchange_clock=ExchangeClock(self.clock),
            weight_limit=lambda: 2400,
            exporter=self.exporter,
        )
        self._task = asyncio.create_task(self.desk.work())
        await asyncio.sleep(2.0)

    async def stop(self) -> None:
        """End it, as SIGTERM does."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None
        self.journal.close()

    async def restart(self) -> None:
        """A new life on the same folder."""
        await self.stop()
        await self.start()

    def price(self, price: str) -> None:
        """The mark price is this from now on."""
        self.market.prices[SYMBOL] = Decimal(price)

    def alert(self, **told: str) -> Alert:
        """An alert of now, with figures as the exporter had them."""
        now = self.clock.now()
        given = {"flows_until": f"{self.flows_until:.3f}", **told}
        return breach_scene.alert(at=now, **given)  # type: ignore[arg-type]  # annotations are texts

    async def tell(self, **told: str) -> Verdict:
        """Bring an alert through the webhook."""
        (verdict,) = await self.desk.alerts((self.alert(**told),))
        return verdict

    async def until_flat(self, within: float = 120.0) -> None:
        """Wait until nothing is left and no run is in progress."""
        await until(lambda: self.account.flat and not self.running, within=within)

    async def until_ended(self, within: float = 120.0) -> None:
        """Wait until a run has ended."""
        await until(lambda: bool(self.desk.runs()) and not self.running, within=within)

    @property
    def running(self) -> bool:
        """Whether any run goes on."""
        return any(run.ended_at is None for run in self.desk.runs())

    @property
    def untouched(self) -> bool:
        """Whether nothing was ordered, cancelled, set or locked."""
        account = self.account
        nothing = not account.sent and not account.cancelled and not account.set
        return nothing and self.journal.lockout("eon") is None

    def requests(self) -> dict[str, int]:
        """The counts of requests."""
        return dict(self.desk.figures().accounts["eon"].requests)

    def _parts(self) -> AccountParts:
        return AccountParts(
            config=self.config.accounts["eon"],
            stance=lambda: Stance(mode=self.mode),
            reader=self.account,
            trader=self.account,
            flatten=Flattener(self.account, self.market, self.clock),
            open_stream=self._open_stream if self.with_streams else None,
        )

    def _open_stream(self, sink: AccountSink) -> PrivateStream:
        stream = self.account.open_stream(sink)
        self.streams.append(stream)
        return stream


def played(
    folder: Path,
    plot: Callable[[DeskScene], Coroutine[object, object, None]],
    **how: object,
) -> None:
    """Play a plot on a scene from its beginning to its end; ``how`` are the scene's own arguments."""

    async def whole() -> None:
        scene = DeskScene(folder, **how)  # type: ignore[arg-type]  # the scene checks
        await scene.start()
        try:
            await plot(scene)
        finally:
            await scene.stop()

    play(whole())


def _config(
    folder: Path,
    mode: Mode,
    on_unverifiable: str,
    rules: tuple[DrawdownRule, ...],
    alertmanagers: tuple[AlertmanagerConfig, ...],
) -> Config:
    account = AccountConfig(
        name="eon",
        product="usdm",
        limits=Limits(drawdown={rule.name: rule for rule in rules}),
        enforcement=Enforcement(mode=mode, on_unverifiable=on_unverifiable),
    )
    return Config(
        path=folder / "plimsoll.yml",
        exchange=ExchangeConfig(
            environment=Environment.SIMULATOR,
            rest_url="http://127.0.0.1:1",
            wallet_url=None,
            market_stream_url="ws://127.0.0.1:1",
            private_stream_url="ws://127.0.0.1:1",
        ),
        accounts={"eon": account},
        exporter=ExporterConfig(listen=Listen(host="127.0.0.1", port=1), data_dir=folder / "exporter"),
        enforcer=EnforcerConfig(listen=Listen(host="127.0.0.1", port=1), data_dir=folder),
        alertmanager=alertmanagers,
    )
