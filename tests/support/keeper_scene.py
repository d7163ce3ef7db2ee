"""Accounts kept live by the real keepers over a made-up exchange, on a clock that tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from exporter_state import config
from fake_exchange import FakeAccount
from fake_market import FakeMarket
from manual_clock import ManualClock, settle
from plimsoll.config.model import Limits
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter.figures import Assess
from plimsoll_exporter.keeper.account import AccountKeeper
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.schedule import Schedule
from plimsoll_exporter.keeper.store import Store
from plimsoll_exporter.keeper.watch import Watch
from plimsoll_exporter.view import AccountView, Status


class OddClock(ExchangeClock):
    """An exchange clock that fails while ``broken`` (a fault of ours in judging); being asked takes ``seconds``."""

    broken = False
    seconds = 0.0

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self._manual = clock

    def now(self) -> float:
        """The exchange's time."""
        if self.broken:
            raise ZeroDivisionError
        found = super().now()
        self._manual.advance(self.seconds)
        return found


class Scene:
    """One exchange, its accounts and the watch over them; marks tick once a second while ``ticking``."""

    def __init__(
        self, *names: str, folder: Path | None = None, limits: Limits | None = None, assess: Assess = assess
    ) -> None:
        self.clock = ManualClock()
        self.limits, self.assess = limits or Limits(), assess
        self._folder = TemporaryDirectory() if folder is None else None
        path = Path(self._folder.name if self._folder is not None else str(folder))
        self.store = Store(Database.open(path / FILE_NAME, clock=self.clock), clock=self.clock)
        self.market = FakeMarket(self.clock)
        self.accounts = {name: FakeAccount(self.clock, self.market) for name in names}
        self.schedule = Schedule(weight_limit=2400)
        self.market_keeper_clock = ExchangeClock(self.clock)
        self.market_keeper = MarketKeeper(
            self.market, self.market.open_stream, clock=self.clock, exchange_clock=self.market_keeper_clock
        )
        self.exchange_clocks = {name: OddClock(self.clock) for name in names}
        self.keepers = {name: self._keeper(name, account) for name, account in self.accounts.items()}
        self.watch = Watch(
            market=self.market_keeper,
            keepers=list(self.keepers.values()),
            schedule=self.schedule,
            clock=self.clock,
            weight_used=lambda: 7,
            clock_offset=lambda: None,
            store=self.store,
        )
        self.ticking = True

    def close(self) -> None:
        """Let go of the state database."""
        self.store.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _keeper(self, name: str, account: FakeAccount) -> AccountKeeper:
        return AccountKeeper(
            replace(config(name), limits=self.limits),
            reader=account,
            routine=account,
            open_stream=account.open_stream,
            market=self.market_keeper,
            schedule=self.schedule,
            store=self.store,
            clock=self.clock,
            exchange_clock=self.exchange_clocks[name],
            assess=self.assess,
        )

    @property
    def account(self) -> FakeAccount:
        """The first account's truth."""
        return next(iter(self.accounts.values()))

    @property
    def keeper(self) -> AccountKeeper:
        """The first account's keeper."""
        return next(iter(self.keepers.values()))

    def view(self, name: str | None = None) -> AccountView:
        """What is shown of an account now; the first one by default."""
        views = {view.config.name: view for view in self.watch.view().accounts}
        return views[name or next(iter(views))]

    def figures(self, name: str | None = None) -> AccountFigures:
        """The risk figures of what is shown."""
        book = self.view(name).book
        assert book is not None
        return assess(book, self.market_keeper.state())

    def agrees(self, name: str | None = None) -> bool:
        """Whether equity, exposure and leverage of what is shown are those of the truth at the same marks."""
        truth = self.accounts[name] if name else self.account
        ours, theirs = self.figures(name), assess(truth.book(), self.market_keeper.state())
        return all(
            getattr(ours, name) == getattr(theirs, name)
            for name in ("equity", "wallet", "gross_exposure", "leverage", "maintenance_margin")
        )

    async def pass_time(self, seconds: float) -> None:
        """Let time pass with a tick of the marks every second."""
        left = seconds
        while left > 0:
            step = min(left, 1.0)
            await self.clock.elapse(step)
            if self.ticking:
                self.market.tick()
            left -= step
        await settle()

    def set_exchange_clock(self, ahead: float) -> None:
        """Set the exchange's clock so far ahead of the machine's; the exporter knows it when it measures it."""
        self.market.ahead = ahead
        for account in self.accounts.values():
            account.last_ms = 0

    def measure_clock(self) -> None:
        """Measure the exchange's clock, by an answer that took no time."""
        now = self.clock.monotonic()
        for clock in (self.market_keeper_clock, *self.exchange_clocks.values()):
            clock.set(server_ms=self.market.now_ms(), sent=now, received=now)

    def is_live(self, name: str | None = None) -> bool:
        """Whether an account is shown as live."""
        return self.view(name).status is Status.LIVE


@asynccontextmanager
async def watching(*names: str, live: bool = True, scene: Scene | None = None) -> AsyncIterator[Scene]:
    """A running scene; with ``live`` it has had time to become so."""
    running = scene or Scene(*(names or ("live",)))
    task = asyncio.create_task(running.watch.run())
    try:
        await settle()
        if live:
            await running.pass_time(3)
            assert all(running.is_live(name) for name in running.accounts)
        yield running
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        running.close()
