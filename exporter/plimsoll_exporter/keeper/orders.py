"""Keeping the open orders of one account: plain and conditional ones, two sources that may fail each on its own.

After a gap they are read first for the symbols in use, which is cheap, and then for all, since orphans sit on symbols
without a position. While either source has failed for longer than allowed the orders are unknown, not none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from plimsoll.exchange.port import AccountReader
from plimsoll.model.orders import Order
from plimsoll.state import compare
from plimsoll.state.book import Book
from plimsoll_exporter.keeper.reading import APART_SECONDS, CONFIRM_SECONDS
from plimsoll_exporter.keeper.schedule import ACCOUNT_WEIGHT, SWEEP_WEIGHT, SYMBOL_WEIGHT
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.waiting import persist, wait_until

MODES = frozenset({"position_mode", "asset_mode"})
"""Settings whose change makes the account be read anew."""

NEVER = float("-inf")

PROBE = "BTCUSDT"
"""Symbol that is asked while none is in use: without a question nobody knows whether the sources answer."""


class OrderKeeper:
    """Seeds and reconciles the open orders in the live book.

    Attributes:
        work: Set it when there is something to do at once.
    """

    def __init__(self, shared: Shared, *, routine: AccountReader, work: asyncio.Event) -> None:
        self._routine, self._live, self._doubts = routine, shared.live, shared.doubts
        self._schedule, self._sources, self._account = shared.schedule, shared.sources, shared.account
        self._clock, self._exchange_clock = shared.clock, shared.exchange_clock
        self._read_at = NEVER
        self._began_at = NEVER
        self._due = NEVER
        self._swept_at = NEVER
        self._settings_read_at = NEVER
        self._symbols: frozenset[str] = frozenset()
        self._read_before: frozenset[str] = frozenset()  # since the last gap: their orders are known, or were told
        self._completed = -1  # the generation of which all symbols were read
        self.work = work

    @property
    def known(self) -> bool:
        """Whether a reading of both lists that agreed, or was taken over, began lately enough to be believed.

        Of orders behind which it may have lagged it proves that they were so when they were told.
        """
        return self._clock.monotonic() - self._read_at <= self._schedule.plan.allowed_age

    async def run(self) -> None:
        """Read whenever it is due, until cancelled."""
        await persist(self._step, self._clock)

    async def _step(self) -> None:
        await self._read_what_is_due()
        await wait_until(self.work, self._next(), self._clock)

    async def _read_what_is_due(self) -> None:
        book, now = self._live.book, self._clock.monotonic()
        if book is None or not self._live.synced:
            return
        if book.orders is None:
            await self._read_used(book)
            self._swept_at = NEVER
            self._settings_read_at = now  # the sync before this has read them
            self._due = min(self._due, now + self._schedule.plan.reconcile * self._schedule.stagger())
        elif now - self._swept_at >= self._schedule.plan.sweep and self._schedule.may_sweep(now):
            await self._sweep()
        elif now >= self._due_at() or self._live.orders_doubted:
            await self._read_used(book)
        if self._live.settings_doubted or now - self._settings_read_at >= self._schedule.plan.sweep:
            await self._check_settings()

    async def _read_used(self, book: Book) -> None:
        """Read the orders of the symbols in use, now or at the last reading."""
        self._live.orders_doubted = False
        self._symbols |= book.symbols() | self._live.told_symbols
        used = self._symbols or frozenset({PROBE})
        await self._read(used if SYMBOL_WEIGHT * len(used) < SWEEP_WEIGHT - ACCOUNT_WEIGHT else None)

    def _remember(self) -> None:
        """Note the symbols in use, so that they are asked for once more after they are not, and after a gap."""
        if self._live.book is not None and self._live.book.orders is not None:
            self._symbols = self._live.book.symbols()

    def _due_at(self) -> float:
        return max(self._schedule.due(self._account, self._due, self._read_at), self._began_at + APART_SECONDS)

    def _next(self) -> float:
        plan = self._schedule.plan
        due = min(self._due_at(), self._swept_at + plan.sweep, self._settings_read_at + plan.sweep)
        return max(due, self._clock.monotonic() + 1.0)

    async def _sweep(self) -> None:
        """Read all orders, those of symbols that are not in use too."""
        if await self._read(None):
            self._swept_at = self._clock.monotonic()

    async def _check_settings(self) -> None:
        """Read the switches, not all of which an event tells; believe a difference when a second reading shows it."""
        began = self._clock.monotonic()
        self._live.settings_doubted = False
        if found := await self._settings_differences(frozenset()):
            await self._clock.sleep(CONFIRM_SECONDS)
            await self._settings_differences(found)
        self._settings_read_at = began

    async def _settings_differences(self, suspects: frozenset[compare.Difference]) -> frozenset[compare.Difference]:
        generation = self._live.generation
        with self._sources.blame("settings"):
            settings, symbol_settings = await asyncio.gather(self._routine.settings(), self._routine.symbol_settings())
        self._sources.mended("settings")
        book = self._live.book
        if book is None or generation != self._live.generation or not self._live.synced:
            return frozenset()
        found = compare.settings_differences(book, settings, symbol_settings)
        confirmed = compare.lasting(found, suspects)
        if any(difference.field in MODES for difference in confirmed):
            self._live.count(confirmed, "not told by the stream")
            self._live.restart("the account's mode was changed")
        elif confirmed or not found:
            self._live.adopted(compare.adopt_settings(book, settings, symbol_settings))
            self._doubts.adopted(confirmed)
        return found

    async def _read(self, symbols: frozenset[str] | None) -> bool:
        """Read and take over; false where a gap made the reading worthless meanwhile."""
        generation, began = self._live.generation, self._clock.monotonic()
        orders = await self._orders(symbols)
        book = self._live.book
        if book is None or generation != self._live.generation or not self._live.synced:
            return False
        if book.orders is None:
            self._live.orders_read(orders, complete=symbols is None)
            self._read_before = frozenset()
        elif symbols is None and self._completed != generation:
            self._live.orders_completed(order for order in orders if order.symbol not in self._read_before)
        self._read_before |= symbols or frozenset()
        self._completed = generation if symbols is None else self._completed
        self._remember()
        book = self._live.book or book
        suspects = self._differences(book, orders, symbols)
        lagged = compare.orders_unlike(book, orders, symbols) - suspects
        if suspects:
            await self._clock.sleep(CONFIRM_SECONDS)
            await self._confirm(suspects, symbols, generation)
        proven = self._live.telling.proven(began, (item.key for item in lagged))
        self._began_at, self._read_at = began, max(self._read_at, proven)
        self._due = self._read_at + self._schedule.plan.reconcile
        if generation != self._live.generation:
            return False
        self._live.order_symbols_read(self._read_before)
        return True

    async def _confirm(
        self, suspects: frozenset[compare.Difference], symbols: frozenset[str] | None, generation: int
    ) -> None:
        orders = await self._orders(symbols)
        book = self._live.book
        if book is None or generation != self._live.generation:
            return
        confirmed = compare.lasting(self._differences(book, orders, symbols), suspects)
        if confirmed:
            self._live.adopted(compare.adopt_orders(book, orders, confirmed))
            self._doubts.adopted(confirmed - _moved_on(book, confirmed))
            self._remember()

    def _differences(
        self, book: Book, orders: Iterable[Order], symbols: frozenset[str] | None
    ) -> frozenset[compare.Difference]:
        return compare.order_differences(book, orders, symbols, now_ms=self._exchange_clock.now_ms())

    async def _orders(self, symbols: frozenset[str] | None) -> tuple[Order, ...]:
        wanted: Sequence[str | None] = [None] if symbols is None else sorted(symbols)
        plain = await self._from("orders", self._routine.plain_orders, wanted)
        algo = await self._from("algo_orders", self._routine.algo_orders, wanted)
        return plain + algo

    async def _from(
        self, source: str, read: Callable[[str | None], Awaitable[tuple[Order, ...]]], symbols: Sequence[str | None]
    ) -> tuple[Order, ...]:
        with self._sources.blame(source):
            found = [order for symbol in symbols for order in await read(symbol)]
        self._sources.succeeded(source)
        return tuple(found)


def _moved_on(book: Book, differences: frozenset[compare.Difference]) -> frozenset[compare.Difference]:
    """Those about a conditional order that has triggered and is listed no more: it lives on as the plain order.

    The stream told the trigger, and tells no more of it until that order ends.
    """
    triggered = {key for key, order in (book.orders or {}).items() if order.status == "TRIGGERED"}
    return frozenset(item for item in differences if item.theirs == compare.NONE and item.key in triggered)
