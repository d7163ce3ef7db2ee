"""Reading one account over REST: whole after every gap, then again and again to catch what the stream did not tell.

A difference is believed when two readings in a row show it; it is then adopted, and the stream is distrusted if it does
not tell the same in its time (``doubts``). A reading that may lag behind a row proves it only as of when it was told,
so that the next one comes earlier. All of these readings go before sweeps and orders in the weight budget: the
promise of how old a lost event may get depends on them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Mapping

from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import AccountReader
from plimsoll.model.account import PositionReport, Wallet
from plimsoll.model.market import Bracket
from plimsoll.risk.crosscheck import crosscheck
from plimsoll.state import apply as moves
from plimsoll.state import compare
from plimsoll.state.book import Book
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.waiting import persist, wait_until

FIRST_RECONCILE_SECONDS = 5.0
"""The first reconcile after a sync comes early: it catches what went wrong in the sync itself."""

CONFIRM_SECONDS = 1.5
"""Time between the two readings that must agree before a difference is believed: events are on their way meanwhile."""

MOST_READINGS = 3
"""Readings of one reconcile: the third is for what changed between those of the first, balances and then positions."""

APART_SECONDS = 5.0
"""The shortest time between two readings, whatever asks for the next one."""

SUSPICION_SECONDS = 5.0
"""The same while the stream is suspicious; doubled while readings find nothing."""

RESTART_SECONDS = 5.0
"""The shortest time between two syncs over the same open stream, whatever it tells."""

BRACKET_SECONDS = 86400.0


class AccountReading:
    """Seeds and reconciles the live book.

    Attributes:
        reconciled_at: Monotonic time at which the last reading that agreed, or was adopted, began; or at which the
            earliest of those rows was told behind which it may have lagged.
        work: Set it when there is something to do at once.
    """

    def __init__(self, shared: Shared, *, reader: AccountReader, work: asyncio.Event) -> None:
        self._reader, self._live, self._doubts = reader, shared.live, shared.doubts
        self._account = shared.account
        self._market, self._schedule, self._sources = shared.market, shared.schedule, shared.sources
        self._clock, self._exchange_clock = shared.clock, shared.exchange_clock
        self._brackets: Mapping[str, tuple[Bracket, ...]] = {}
        self._brackets_read_at = float("-inf")
        self._due = float("inf")
        self._began_at = float("-inf")  # of the last reading that was compared
        self._unproven: frozenset[Hashable] = frozenset()  # rows behind which that may have lagged
        self._synced_at = float("-inf")
        self._suspicion = SUSPICION_SECONDS
        self._computed_otherwise: set[tuple[str, Hashable]] = set()
        self.reconciled_at = float("-inf")
        self.work = work

    async def run(self) -> None:
        """Read whenever it is due, until cancelled."""
        await persist(self._step, self._clock)

    async def _step(self) -> None:
        await self._read_what_is_due()
        if self._live.synced or not self._live.connected:
            await wait_until(self.work, self._next(), self._clock)

    async def _read_what_is_due(self) -> None:
        if not self._live.connected:
            return
        if not self._live.synced:
            await self._sync()
        elif self._clock.monotonic() >= self._next():
            await self._reconcile_suspecting()

    def _next(self) -> float:
        if not self._live.connected:
            return self._clock.monotonic() + self._schedule.plan.reconcile
        due = self._schedule.due(self._account, self._due, self.reconciled_at)
        due = min(due, self.reconciled_at + self._suspicion) if self._live.suspected else due
        return max(due, self._began_at + APART_SECONDS)

    async def _reconcile_suspecting(self) -> None:
        """Reconcile; what made us suspicious is forgotten only when that went well."""
        suspected = self._live.suspected
        self._live.suspected = False
        try:
            adopted = await self._reconcile()
        except ExchangeError:
            self._live.suspected |= suspected
            raise
        in_vain = suspected and not adopted
        self._suspicion = min(2 * self._suspicion, self._schedule.plan.reconcile) if in_vain else SUSPICION_SECONDS

    async def _sync(self) -> None:
        if self._live.restarted:
            await self._clock.sleep(self._synced_at + RESTART_SECONDS - self._clock.monotonic())
        generation, began = self._live.generation, self._clock.monotonic()
        with self._sources.blame("account"):
            await self._market.ready()
            settings, symbol_settings = await asyncio.gather(self._reader.settings(), self._reader.symbol_settings())
            wallet = await self._reader.wallet()
        with self._sources.blame("positions"):
            reports = await self._reader.positions()
        with self._sources.blame("brackets"):
            brackets = await self._current_brackets(frozenset(report.position.symbol for report in reports))
        if generation != self._live.generation:
            return
        self._sources.succeeded("account")
        self._sources.succeeded("positions")
        self._sources.mended("brackets")
        fresh = moves.seed(
            wallet=wallet, reports=reports, settings=settings, symbol_settings=symbol_settings, brackets=brackets
        )
        self._synced_at = self._clock.monotonic()
        self._live.told(wallet.symbols)
        self._live.seeded(fresh)
        self._compared(self._live.book or fresh, wallet, reports)
        self._prove(began)
        self._due = self._synced_at + FIRST_RECONCILE_SECONDS

    async def _current_brackets(self, held: frozenset[str]) -> Mapping[str, tuple[Bracket, ...]]:
        """The margin tables; read again where they are old, were contradicted or lack a symbol that is held."""
        old = self._clock.monotonic() - self._brackets_read_at > BRACKET_SECONDS
        if old or not held <= self._brackets.keys():
            self._brackets = await self._reader.brackets()
            self._brackets_read_at = self._clock.monotonic()
        return self._brackets

    async def _reconcile(self) -> bool:
        """Read and compare; gives whether anything was adopted."""
        generation, began = self._live.generation, self._clock.monotonic()
        adopted = await self._settle_differences()
        if generation != self._live.generation:
            return adopted
        first = self.reconciled_at <= self._synced_at
        interval = self._schedule.plan.reconcile * (self._schedule.stagger() if first else 1)
        self._prove(began)
        self._due = self.reconciled_at + interval
        await self._renew_tables()
        return adopted

    def _prove(self, began: float) -> None:
        """A reading that began then was compared: note since when nothing can have been lost."""
        self._began_at = began
        self.reconciled_at = max(self.reconciled_at, self._live.telling.proven(began, self._unproven))

    def _compared(
        self, book: Book, wallet: Wallet, reports: tuple[PositionReport, ...], found: Iterable[compare.Difference] = ()
    ) -> None:
        """Note the rows that differ from a reading without being found: it may lag behind them."""
        unlike = compare.account_unlike(book, wallet.balances, reports)
        self._unproven = frozenset(item.key for item in unlike) - {item.key for item in found}

    async def _settle_differences(self) -> bool:
        """Read until what differs was adopted or is no more; gives whether anything was adopted.

        What the second reading confirms is adopted only when nothing else came up meanwhile: a trade between the
        balances and the positions of the first would else be half adopted, and the figures of no moment shown.
        """
        suspects, adopted = await self._compare(frozenset())
        for reading in range(2, MOST_READINGS + 1):
            if not suspects or adopted:
                break
            await self._clock.sleep(CONFIRM_SECONDS)
            suspects, adopted = await self._compare(suspects, last=reading == MOST_READINGS)
        return adopted

    async def _renew_tables(self) -> None:
        book = self._live.book
        held = frozenset(symbol for symbol, _ in book.positions) if book is not None else frozenset[str]()
        with self._sources.blame("brackets"):
            self._live.tables_read(await self._current_brackets(held))
        self._sources.mended("brackets")

    async def _compare(
        self, suspects: frozenset[compare.Difference], *, last: bool = False
    ) -> tuple[frozenset[compare.Difference], bool]:
        """Read once; where the suspects still differ the exchange's rows are adopted from this reading.

        Unless it is the last one, nothing is adopted while something differs that was no suspect yet. Gives what is
        worth another reading, and whether anything was adopted.
        """
        generation = self._live.generation
        with self._sources.blame("account"):
            wallet = await self._reader.wallet()
        self._sources.succeeded("account")
        with self._sources.blame("positions"):
            reports = await self._reader.positions()
        self._sources.succeeded("positions")
        book = self._live.book
        if book is None or generation != self._live.generation:
            return frozenset(), False
        self._live.told(wallet.symbols)
        now_ms = self._exchange_clock.now_ms()
        found = compare.account_differences(book, wallet.balances, reports, now_ms=now_ms)
        self._compared(book, wallet, reports, found)
        confirmed = compare.lasting(found, suspects)
        if confirmed and not last and found - confirmed:
            return found, False
        if confirmed:
            self._live.adopted(compare.adopt_account(book, wallet.balances, reports, confirmed, now_ms=now_ms))
            self._doubts.adopted(confirmed)
        elif not found:
            self._check_figures(wallet, reports)
        return frozenset() if suspects else found, bool(confirmed)

    def _check_figures(self, wallet: Wallet, reports: tuple[PositionReport, ...]) -> None:
        """Compare what we compute with what the exchange computes; where they part, its tables may have changed."""
        book = self._live.book
        if book is None:
            return
        computed = crosscheck(book, self._market.state(), wallet, reports)
        if any(item.field == "leverage" for item in computed):
            self._live.doubt_settings()
        found = {(item.field, item.key): item for item in computed if item.field != "leverage"}
        if fresh := found.keys() - self._computed_otherwise:
            self._live.count([found[key] for key in fresh], "computed otherwise by the exchange")
            self._brackets_read_at = float("-inf")
        self._computed_otherwise = set(found)
