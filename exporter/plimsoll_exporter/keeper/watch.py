"""All accounts together: one market, one schedule, one keeper an account; and the view of it all.

One account's trouble never touches another: each keeper runs in a task of its own and is started again if it ends by a
fault of ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from plimsoll.clock import Clock
from plimsoll.config.model import Mirror
from plimsoll_exporter.keeper.account import AccountKeeper
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.mirrors import MirrorWatch
from plimsoll_exporter.keeper.news import News
from plimsoll_exporter.keeper.schedule import Schedule
from plimsoll_exporter.keeper.store import Store, joined
from plimsoll_exporter.view import ExporterView

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How long after a look at an account the next one comes; those near a limit are judged at news of them, too."""

SAVE_SECONDS = 10.0
"""How often what may wait is written: small new highs, wallets, income. All else is written at once."""

RESTART_SECONDS = 5.0
"""Pause before a part that failed by a fault of ours is started again."""


class Watch:
    """Runs the keepers and gives the view.

    Args:
        market: The prices.
        keepers: One an account, in the order of the configuration.
        schedule: How often accounts are read.
        clock: For waits and the time of the view.
        weight_used: Gives the request weight used in the running minute; ``None`` before the first answer.
        clock_offset: Gives the seconds by which the exchange's clock is ahead of ours; ``None`` before a measurement.
        store: Where what accounts remember is kept.
        mirrors: As configured, between these accounts.
        beside: What else runs as long as the accounts are watched, by a name for the log.
        looked: Told the name of an account right after it was judged.
    """

    def __init__(
        self,
        *,
        market: MarketKeeper,
        keepers: Sequence[AccountKeeper],
        schedule: Schedule,
        clock: Clock,
        weight_used: Callable[[], int | None],
        clock_offset: Callable[[], float | None],
        store: Store,
        mirrors: Sequence[Mirror] = (),
        beside: Mapping[str, Callable[[], Awaitable[None]]] = MappingProxyType({}),
        looked: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._market, self._keepers, self._schedule, self._clock = market, tuple(keepers), schedule, clock
        self._weight_used, self._clock_offset = weight_used, clock_offset
        self._mirrors, self._beside, self._looked = MirrorWatch(mirrors), beside, looked
        self._store, self._saved_at = store, clock.monotonic()
        self._failed: set[str] = set()
        self._news = News(self._names, every=LOOK_SECONDS, clock=clock)
        market.moved = self._news.prices
        for keeper in keepers:
            keeper.moved = partial(self._news.account, keeper.config.name)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._forever("market", self._market.run))
            for keeper in self._keepers:
                tasks.create_task(self._forever(keeper.config.name, keeper.run))
            tasks.create_task(self._forever("judging", self._keep_looking))
            for name, run in self._beside.items():
                tasks.create_task(self._forever(name, run))

    def save(self) -> None:
        """Write what every account remembers and what is not written yet, all in one change."""
        self._saved_at = self._clock.monotonic()
        self._store.put(joined(keeper.ledger.draft() for keeper in self._keepers))

    def view(self) -> ExporterView:
        """Everything at this moment, frozen; call it on the event loop.

        What may be shown is chosen before the accounts are judged: a price that is fresh enough for a live account a
        moment later was so then, and none of its figures is missing.
        """
        market, shown = self._market.state(), self._market.shown()
        return ExporterView(
            now=self._clock.now(),
            accounts=tuple(keeper.view(market) for keeper in self._keepers),
            market=shown,
            weight_used=self._weight_used(),
            weight_limit=self._schedule.weight_limit,
            clock_offset=self._clock_offset(),
            ready=all(keeper.was_live for keeper in self._keepers),
            mirrors=self._mirrors.views,
            state_failing_since=self._store.failing_since,
            state_failures=self._store.failures,
        )

    def look(self) -> None:
        """Judge every account now, and take the exchange's weight limit where it changed."""
        for _ in self._steps(self._names):
            pass

    @property
    def _names(self) -> Collection[str]:
        return tuple(keeper.config.name for keeper in self._keepers)

    def _steps(self, names: Collection[str]) -> Iterator[None]:
        """The parts of a look, each account by itself with the prices of its moment: events may come between them."""
        self._soundly("rebase requests", self._take_requests)
        for keeper in self._keepers:
            if (name := keeper.config.name) in names:
                self._soundly(name, partial(keeper.look, self._market.state()))
                self._news.watch(name, closely=keeper.near)
                self._looked(name)
                yield
        self._soundly("mirrors and records", self._tend)

    def _soundly(self, what: str, part: Callable[[], None]) -> None:
        """Do one part of a look; a fault of ours is told once and keeps no other part from being done."""
        try:
            part()
        except Exception:
            if what not in self._failed:
                log.exception("%s: not judged whole by a fault of ours", what)
            self._failed.add(what)
        else:
            self._failed.discard(what)

    def _tend(self) -> None:
        """What belongs to all accounts: writing, mirrors, the weight limit."""
        if self._clock.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()
        self._store.retry()
        market = self._market.state()
        self._mirrors.look({keeper.config.name: keeper.held for keeper in self._keepers}, market, self._clock.now())
        if self._market.weight_limit not in {None, self._schedule.weight_limit}:
            self._schedule.set_limit(self._market.weight_limit or self._schedule.weight_limit)

    def _take_requests(self) -> None:
        """Let the accounts know of new requests for a rebase."""
        requests = self._store.requests()
        if requests is not None:
            for keeper in self._keepers:
                keeper.ledger.requested(requests)

    async def _keep_looking(self) -> None:
        """Look at whatever asks for it, and at every account half a second after its last look."""
        while True:
            names = await self._news.wait()
            try:
                for _ in self._steps(names):
                    await asyncio.sleep(0)  # a hundred accounts in one go would hold up events for 60 ms
            finally:
                self._news.looked(names)

    async def _forever(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
            except Exception:
                log.exception("%s: stopped by a fault of ours; starting it again in %.0f s", name, RESTART_SECONDS)
                await self._clock.sleep(RESTART_SECONDS)
