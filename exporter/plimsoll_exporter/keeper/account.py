"""One account, kept live: what its stream tells is applied, what REST tells is compared, and the result is judged.

This module only ties the parts together: ``live`` is the book, ``reading`` and ``orders`` read over REST, ``doubts``
weighs what the stream did not tell, ``explaining`` watches the wallet, ``trust`` judges.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig
from plimsoll.errors import ExchangeError
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import AccountReader, AccountSink, PrivateStream
from plimsoll.model.account import Income, KeyPermissions
from plimsoll.model.events import AccountEvent
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state import apply as moves
from plimsoll.state import explain
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.figures import Assess
from plimsoll_exporter.keeper.doubts import Doubts
from plimsoll_exporter.keeper.explaining import Explaining
from plimsoll_exporter.keeper.history import HistoryRoutine
from plimsoll_exporter.keeper.ledger import Ledger, Looked
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.nearness import is_near
from plimsoll_exporter.keeper.openings import OpeningWatch
from plimsoll_exporter.keeper.orders import OrderKeeper
from plimsoll_exporter.keeper.reading import AccountReading
from plimsoll_exporter.keeper.schedule import Schedule
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.sources import Sources
from plimsoll_exporter.keeper.stops import StopWatch
from plimsoll_exporter.keeper.store import Store
from plimsoll_exporter.keeper.trust import Evidence, judge
from plimsoll_exporter.keeper.waiting import persist, wait_until
from plimsoll_exporter.view import AccountView, Status

log = logging.getLogger(__name__)

PERMISSION_SECONDS = 3600.0
PERMISSION_RETRY_SECONDS = 5.0

FAULT = "a fault of ours, see the log"


class AccountKeeper:
    """Keeps one account; an ``AccountSink``. Call ``look`` a few times a second; ``view`` whenever wanted.

    Attributes:
        held: Its book at the last look; ``None`` unless it was live and its figures could be computed.
        ledger: What it remembers.
        moved: Told that its stream brought something.
        near: A drawdown limit was near at the last look.

    Args:
        config: The account.
        reader: Reads at once: syncs and reconciles.
        routine: Reads when the weight budget has room: orders, sweeps, income, permissions.
        open_stream: Makes the private stream that delivers into this keeper.
        market: The prices.
        schedule: How often to read.
        store: Where what it remembers is kept.
        clock: For waits, ages and timestamps.
        exchange_clock: For the age of prices.
        assess: Computes figures; one that keeps them is shared with the pages.
    """

    def __init__(
        self,
        config: AccountConfig,
        *,
        reader: AccountReader,
        routine: AccountReader,
        open_stream: Callable[[AccountSink], PrivateStream],
        market: MarketKeeper,
        schedule: Schedule,
        store: Store,
        clock: Clock,
        exchange_clock: ExchangeClock,
        assess: Assess = assess,
    ) -> None:
        self.config = config
        self._assess = assess
        self._market, self._schedule = market, schedule
        self._clock, self._exchange_clock = clock, exchange_clock
        self._reader = routine
        self._stream = open_stream(self)
        self._sources = Sources(config.name, clock)
        self._live = LiveBook(config.name, market, self._wake, clock)
        self._doubts = Doubts(clock=clock, exchange_clock=exchange_clock)
        shared = Shared(
            account=config.name,
            live=self._live,
            doubts=self._doubts,
            market=market,
            schedule=schedule,
            sources=self._sources,
            clock=clock,
            exchange_clock=exchange_clock,
        )
        self._reading = AccountReading(shared, reader=reader, work=asyncio.Event())
        self._orders = OrderKeeper(shared, routine=routine, work=asyncio.Event())
        self.ledger = Ledger(
            config, live=self._live, market=market, store=store, clock=clock, exchange_clock=exchange_clock
        )
        self._openings = OpeningWatch(config.name, store)
        self._live.onlooker, self._live.on_seeded = self._hear, self._openings.seeded
        self._ledger_failed = False
        self._explaining = Explaining(shared, routine=routine, heard=self._hear_history)
        self._history = HistoryRoutine(config.name, shared, explaining=self._explaining, ledger=self.ledger)
        self._stops = StopWatch(config.limits.stop_coverage)
        self._permissions: dict[str, KeyPermissions] = {}
        self._ask_permissions = asyncio.Event()
        self._key_refused = False
        self._status, self._reason = Status.CONNECTING, ""
        self._trusted_at: float | None = None
        self.was_live = False
        self.moved: Callable[[], None] = lambda: None
        self.near = False
        self.held: Book | None = None

    @property
    def book(self) -> Book | None:
        """Its book as the stream last moved it, live or not; ``None`` before the first reading."""
        return self._live.book

    @property
    def believed_book(self) -> Book | None:
        """The same while the account is live; ``None`` while it is not."""
        return self._live.book if self._status is Status.LIVE else None

    async def run(self) -> None:
        """Keep the account until cancelled; when it ends, the stream ends with it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._stream.run())
                tasks.create_task(self._reading.run())
                tasks.create_task(self._orders.run())
                tasks.create_task(self._explaining.run())
                tasks.create_task(self._history.run())
                tasks.create_task(self._keep_permissions())
        finally:
            self._live.lost()

    def stream_opened(self, form: str) -> None:
        """The private stream is open: everything missed before must be read again."""
        log.info("%s: private stream open (%s form)", self.config.name, form)
        self._sources.mended("stream")
        self._doubts.over()
        self._live.opened()

    def stream_lost(self, reason: str) -> None:
        """The private stream is gone."""
        self._sources.failed("stream", reason)
        self._doubts.over()
        self._live.lost()

    def stream_event(self, event: AccountEvent) -> None:
        """One event."""
        self._sources.succeeded("stream")
        self._doubts.event(event)
        self._live.event(event)
        self.moved()

    def look(self, market: MarketState) -> None:
        """Judge the stream and the account; note whether its sample is trusted and when its key is refused.

        Its figures are made of the prices that may be shown, as those of pages are, so that both share them.
        """
        shown = self._market.shown()
        self._judge_stream()
        trusted = self._judge(market)
        figures = self._figures(shown)
        if self._sample(figures, market, trusted=trusted):
            self._trusted_at = self._clock.now()
        self.near = is_near(self.ledger.watched, self.config.limits.drawdown)
        if self._schedule.hasten(self.config.name, near=self.near):
            self._wake()
        self.held = None if figures is None else self._live.book
        self._stops.look(figures, self._market.lasts(), self._clock.now())
        if self._live.book is not None and self._live.synced:
            self._openings.look(self._live.book, self._exchange_clock.now_ms())
        if self._sources.key_refused and not self._key_refused:
            self._permissions.clear()
            self._ask_permissions.set()
        self._key_refused = self._sources.key_refused

    def _judge_stream(self) -> None:
        """Count what the stream did not tell, though it had time to; reopen it where that is its duty."""
        if lost := self._doubts.lost():
            self._live.count(lost, "not told by the stream")
            if any(difference.field != "leverage" for difference in lost):
                self._stream.distrust(f"{len(lost)} change(s) were not told")

    def _judge(self, market: MarketState) -> bool:
        """Whether the account is live and trusted; a fault of ours makes this account stale and touches no other."""
        try:
            return self._judge_soundly(market)
        except Exception as error:
            if self._reason != FAULT:
                log.exception("%s: the account cannot be judged by a fault of ours", self.config.name, exc_info=error)
            self._status, self._reason = Status.STALE, FAULT
            return False

    def _judge_soundly(self, market: MarketState) -> bool:
        exchange_ms = self._exchange_clock.now() * 1000
        status, reason = judge(self._evidence(), self._live.book, market, exchange_ms)
        trusted = self._explaining.look(market)
        if status is not self._status:
            level = logging.WARNING if self._status is Status.LIVE else logging.INFO
            log.log(level, "%s: %s%s", self.config.name, status, f" ({reason})" if reason else "")
        self._status, self._reason = status, reason
        self.was_live = self.was_live or status is Status.LIVE
        if self._live.book is not None:
            self._schedule.tell(self.config.name, len(self._live.book.symbols()))
        return trusted and status is Status.LIVE

    def _hear(self, event: AccountEvent) -> None:
        """Let the ledger hear an event; after a fault of ours the routine question of the history tells it again."""
        self._openings.event(event)
        try:
            self.ledger.event(event)
        except Exception as error:
            log.exception("%s: an event was not remembered by a fault of ours", self.config.name, exc_info=error)

    def _hear_history(self, rows: Sequence[Income], *, asked_ms: int, asked_at: float, start_ms: int) -> None:
        """Let the ledger hear an answer of the income history; after a fault of ours the next one tells it again."""
        try:
            self.ledger.history(rows, asked_ms=asked_ms, asked_at=asked_at, start_ms=start_ms)
        except Exception as error:
            log.exception("%s: the income history was not remembered", self.config.name, exc_info=error)

    def _sample(self, figures: AccountFigures | None, market: MarketState, *, trusted: bool) -> bool:
        """Let the ledger take its sample; gives whether it may be trusted. A fault of ours touches no other account."""
        try:
            self._remember(figures, market, trusted=trusted)
        except Exception as error:
            if not self._ledger_failed:
                log.exception("%s: no sample is taken by a fault of ours", self.config.name, exc_info=error)
            self._ledger_failed = True
            return False
        self._ledger_failed = False
        return trusted and self.ledger.settled()

    def _remember(self, figures: AccountFigures | None, market: MarketState, *, trusted: bool) -> None:
        read_ms = None
        age = self._clock.monotonic() - self._reading.reconciled_at
        if age != float("inf"):
            read_ms = int((self._exchange_clock.now() - age) * 1000)
        self.ledger.look(
            Looked(
                figures=figures,
                market=market,
                trusted=trusted,
                read_ms=read_ms,
                given_up_at=self._explaining.given_up_at,
            )
        )

    def view(self, market: MarketState) -> AccountView:
        """The account at this moment, frozen; two views with nothing happening between them are equal."""
        trusted = self._judge(market)
        book = self._live.book
        return AccountView(
            config=self.config,
            status=self._status,
            reason=self._reason,
            book=self._shown_book(),
            connected=self._live.connected,
            trusted_at=self._trusted_at,
            unexplained_usd=explain.value_usd(self._live.unexplained, market) if book is not None else None,
            unexplained_since=self._explaining.since,
            allowed_age=self._schedule.promise(self.config.name, self._clock.monotonic() - self._reading.reconciled_at),
            sources=self._sources.succeeded_at | self._mark_source(book, market),
            permissions=dict(self._permissions),
            corrections=dict(self._live.corrections),
            stop_times=self._stops.times,
            openings=self._openings.openings,
            ledger=self.ledger.view(trusted=trusted and not self._ledger_failed),
        )

    def _shown_book(self) -> Book | None:
        """The book with its orders unknown while the lists cannot be believed."""
        book = self._live.book
        return moves.without_orders(book) if book is not None and not self._orders.known else book

    def _figures(self, market: MarketState) -> AccountFigures | None:
        """What it holds now; ``None`` unless it is live, and where a fault of ours forbids it, as every page tells."""
        book = self._shown_book()
        if self._status is not Status.LIVE or book is None:
            return None
        try:
            return self._assess(book, market)
        except Exception:  # noqa: BLE001 - told and counted by whoever shows the figures; here it only stops the times
            return None

    def _wake(self) -> None:
        self._reading.work.set()
        self._orders.work.set()

    def _evidence(self) -> Evidence:
        return Evidence(
            connected=self._live.connected,
            synced=self._live.synced,
            was_live=self.was_live,
            reconciled_age=self._clock.monotonic() - self._reading.reconciled_at,
            allowed_age=self._schedule.plan.allowed_age,
            trouble=self._sources.trouble,
        )

    def _mark_source(self, book: Book | None, market: MarketState) -> dict[str, float]:
        """When the oldest mark price that this account needs was made; of any symbol while it holds nothing."""
        held = {symbol for symbol, _ in book.positions} if book is not None else set()
        newest_ms = market.newest_mark_ms
        if newest_ms is None or held - market.marks.keys():
            return {}
        return {"marks": min((market.marks[symbol].time_ms for symbol in held), default=newest_ms) / 1000}

    async def _keep_permissions(self) -> None:
        await persist(self._read_permissions, self._clock, at_least=PERMISSION_RETRY_SECONDS)

    async def _read_permissions(self) -> None:
        try:
            with self._sources.blame("permissions"):
                permissions = await self._reader.key_permissions()
        except ExchangeError:
            self._permissions.clear()
            raise
        self._sources.mended("permissions")
        if permissions is not None:
            self._permissions["read"] = permissions
            self._warn_of(permissions)
        await wait_until(self._ask_permissions, self._clock.monotonic() + PERMISSION_SECONDS, self._clock)

    def _warn_of(self, permissions: KeyPermissions) -> None:
        if permissions.withdraw or permissions.transfer:
            log.critical("%s: the key may move money out of the account: make a read-only key", self.config.name)
        elif permissions.trade:
            log.warning("%s: the key may trade, which the exporter never needs: make a read-only key", self.config.name)
