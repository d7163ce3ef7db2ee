"""Everything about ended orders, put together for the program: sources in, counts out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.config.secrets import read_secret
from plimsoll.database.database import Database
from plimsoll.exchange.port import AccountReader, AccountSink
from plimsoll.model.events import AccountEvent, AlgoUpdate, OrderUpdate
from plimsoll.risk.order_ends import held
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.closing import ClosingOrders
from plimsoll_exporter.rejections.counts import OrderCounts
from plimsoll_exporter.rejections.endpoint import Reports
from plimsoll_exporter.rejections.follow import followers
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.missed import MissedEnds
from plimsoll_exporter.rejections.streams import OrderEnds
from plimsoll_exporter.view import ExporterView

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0

Books = Callable[[str], Book | None]
"""What an account holds now; ``None`` where it is not known."""


class Hearing:
    """An ``AccountSink`` that hears of orders and passes everything on."""

    def __init__(self, sink: AccountSink, ends: OrderEnds, book: Callable[[], Book | None], missed: MissedEnds) -> None:
        self._sink, self._ends, self._book, self._missed = sink, ends, book, missed

    def stream_opened(self, form: str) -> None:
        """Pass it on; how orders ended before it is asked for soon."""
        self._missed.opened()
        self._sink.stream_opened(form)

    def stream_lost(self, reason: str) -> None:
        """Pass it on whatever becomes of the rest."""
        try:
            self._missed.lost()
        except Exception:
            log.exception("orders that end unheard will not all be counted by a fault of ours")
        self._sink.stream_lost(reason)

    def stream_event(self, event: AccountEvent) -> None:
        """Hear how orders end, then pass it on whatever became of that."""
        if isinstance(event, OrderUpdate | AlgoUpdate):
            try:
                self._ends.event(event, self._book())
            except Exception:
                log.exception("an ended order is not counted by a fault of ours")
        self._sink.stream_event(event)


class EndedOrders:
    """Counts how the orders of all accounts end.

    Attributes:
        reports: The endpoint of the bots' reports.

    Args:
        config: Which accounts, token and logs.
        database: Opened by this process.
        clock: Time.
        live: What an account holds, where that can be believed.
        counted: Told the name of an account right after something of it was counted.

    Raises:
        PlimsollError: The token cannot be read, or what was kept.
    """

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        clock: Clock,
        live: Books,
        counted: Callable[[str], None] = lambda _account: None,
    ) -> None:
        self._clock, self._live = clock, live
        self._missed: dict[str, MissedEnds] = {}
        self._closing: dict[str, ClosingOrders] = {}
        self._ledger = Ledger(database, config.accounts, clock=clock, counted=counted)
        token_file = config.rejections.token_file
        token = None if token_file is None else read_secret(token_file)
        self.reports = Reports(
            token=token,
            ledger=self._ledger,
            accounts=frozenset(config.accounts),
            positions=lambda account, symbol: _position(live(account), symbol),
        )
        self._followers = followers(config.rejections.logs, self._ledger, clock=clock, reported=token is not None)

    def hearing(
        self, account: str, sink: AccountSink, book: Callable[[], Book | None], reader: AccountReader
    ) -> AccountSink:
        """A sink in the place of another, so that the account's stream is heard.

        Args:
            account: Its name.
            sink: Everything is passed on to it.
            book: What the account holds, believed or not.
            reader: Reads when the weight budget has room.

        Raises:
            StateError: What was kept cannot be read.
        """
        ends = OrderEnds(account, self._ledger)
        missed = MissedEnds(
            account, ends, ledger=self._ledger, reader=reader, book=lambda: self._live(account), clock=self._clock
        )
        self._missed[account] = missed
        self._closing[account] = ends.closing
        return Hearing(sink, ends, book, missed)

    def counts(self, account: str) -> OrderCounts:
        """How the orders of an account ended until now; frozen."""
        return self._ledger.shown(account)

    def shown(self, view: ExporterView) -> ExporterView:
        """A view with the counts of now."""
        accounts = (replace(each, order_counts=self._ledger.shown(each.config.name)) for each in view.accounts)
        return replace(view, accounts=tuple(accounts))

    @property
    def tasks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What runs beside the accounts, by a name for the log."""
        logs = {f"log {number}": follower.run for number, follower in enumerate(self._followers, 1)}
        missed = {f"{name}: missed orders": found.run for name, found in self._missed.items()}
        return {**logs, **missed, "ended orders": self._keep_retrying}

    def close(self) -> None:
        """Write what waits, once more."""
        self._ledger.retry()

    async def _keep_retrying(self) -> None:
        while True:
            self._ledger.retry()
            self._look()
            await self._clock.sleep(RETRY_SECONDS)

    def _look(self) -> None:
        """Look for closing orders that no stream told of."""
        for account, closing in self._closing.items():
            try:
                closing.look(self._live(account), self._clock.now())
            except Exception:
                log.exception("%s: closing orders are not kept by a fault of ours", account)


def _position(book: Book | None, symbol: str) -> Decimal | None:
    return held(book, symbol) if symbol else None
