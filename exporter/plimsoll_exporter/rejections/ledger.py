"""The ledger of ended orders: judges what is the same event, and counts in the transaction that remembers it.

What a bot reports and what its log says are written before they are acknowledged; their sources keep and repeat what
could not be written. What a stream told has no such source: it waits in memory until it can be written.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.database.change import Change
from plimsoll.database.closing import ClosingOrder
from plimsoll.database.database import Database
from plimsoll.database.orders import KEPT, EndedOrder
from plimsoll.database.values import FilePosition, Seen
from plimsoll.errors import StateError
from plimsoll.risk.rejections import Intent
from plimsoll_exporter.count import Count
from plimsoll_exporter.rejections.counts import BY_SOURCE, BY_SYMBOL, LABELS, ORDERS, REJECTIONS, OrderCounts
from plimsoll_exporter.rejections.told import Told

log = logging.getLogger(__name__)

SAME_EVENT_MS = 5000
"""A log line with the code of a report of the same account and no further from it is the same event."""

REPORT, ORDER, PROTECTIVE_END, SLIPPED = "rejection-report", "order-end", "protective-end", "stop-slippage"
"""Kinds of keys that count once."""

WORKING = "algo-working"
"""Kind of the keys of conditional orders that work; forgotten one by one."""

_DAY_MS = 86_400_000
KEPT_MS = {REPORT: 60 * _DAY_MS, ORDER: 10 * _DAY_MS, PROTECTIVE_END: 10 * _DAY_MS, SLIPPED: 10 * _DAY_MS}
"""How long keys are remembered: longer than a bot's spool, or the exchange's histories, may bring them again."""

PAIRING_MS = 10 * _DAY_MS
"""How long reports and lines are remembered for each other: an exporter that was away reads old lines late."""

PRUNE_SECONDS = 3600.0
RETRY_SECONDS = 1.0
"""Pause between two tries while the database cannot be written."""

WAITING = 100_000
"""Changes that streams told and that may wait for the disk."""

Step = Callable[["Entry"], None]


class Entry:
    """One transaction of the ledger, and what of it is to be shown once it is written."""

    def __init__(self, change: Change, database: Database, now: float) -> None:
        self.change, self.now = change, now
        self._database = database
        self.counted: dict[tuple[str, str, tuple[str, ...]], Count] = {}
        self.ended: list[tuple[str, EndedOrder]] = []

    def once(self, account: str, kind: str, key: str, time_ms: int | None = None) -> bool:
        """Whether a key is new; it is remembered by the time given, else by that of its coming: clocks may be wrong."""
        time_ms = int(self.now * 1000) if time_ms is None else time_ms
        return self.change.mark_seen(Seen(account=account, kind=kind, key=key, time_ms=time_ms))

    def near(self, account: str, kind: str, time_ms: int, within_ms: int = SAME_EVENT_MS) -> tuple[str, ...]:
        """Keys of a kind close to a time."""
        return self._database.seen_between(account, kind, from_ms=time_ms - within_ms, to_ms=time_ms + within_ms)

    def count(self, account: str, name: str, values: tuple[str, ...], by: Decimal | int = 1) -> None:
        """Count one; with ``by`` 0 only its time moves."""
        labels = dict(zip(LABELS[name], values, strict=True))
        value = self.change.count(account, name, labels, by, at=self.now)
        self.counted[(account, name, values)] = Count(value=value, last_at=self.now)

    def add(self, account: str, order: EndedOrder) -> None:
        """Keep an ended order in the list of the last ones."""
        self.change.add_ended_order(account, order)
        self.ended.append((account, order))

    def reject(self, told: Told) -> None:
        """Count a rejection that no other source told."""
        reason, intent = told.reason.value, told.intent.value
        self.count(told.account, REJECTIONS, (reason, intent))
        self.count(told.account, BY_SOURCE, (told.source.value,))
        self.count(told.account, ORDERS, ("rejected", intent))
        if told.symbol:
            self.count(told.account, BY_SYMBOL, (told.symbol, reason, intent))
        self.add(told.account, told.ended(self.now))


class Ledger:
    """Counts ended orders of all accounts; use it from the thread that opened the database.

    Args:
        database: Opened by this process.
        accounts: Their names.
        clock: Time.
        counted: Told the name of an account right after something of it was counted.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(
        self,
        database: Database,
        accounts: Iterable[str],
        *,
        clock: Clock,
        counted: Callable[[str], None] = lambda _account: None,
    ) -> None:
        self._database, self._clock, self._counted = database, clock, counted
        self._shown = {name: _kept(database, name) for name in accounts}
        self._waiting: deque[Step] = deque()
        self._failing, self._retry_at = False, 0.0
        self._prune_at = clock.monotonic()

    def shown(self, account: str) -> OrderCounts:
        """How orders of an account ended until now; frozen."""
        return self._shown.get(account, OrderCounts())

    def report(self, told: Told) -> bool:
        """Count what a bot reported; whether it is a new event.

        Raises:
            StateError: It could not be written; the bot must report it again.
        """
        new: list[bool] = []
        self._write([lambda entry: new.append(_report(entry, told))])
        return new[-1]

    def log(self, lines: Sequence[Told], position: FilePosition) -> None:
        """Count what a log told, and remember how far it is read.

        Raises:
            StateError: Nothing of it could be written; the log must be read again from where it was.
        """

        def read(entry: Entry) -> None:
            for line in lines:
                _line(entry, line)
            entry.change.save_file_position(position)

        self._write([read])

    def put(self, step: Step) -> None:
        """Write what a stream told, now or when it can be written."""
        if len(self._waiting) >= WAITING:
            log.error("an ended order is not counted: too many wait for the state database")
            return
        self._waiting.append(step)
        self.retry()

    def retry(self) -> None:
        """Write what waits, and now and then forget keys that cannot come again."""
        now = self._clock.monotonic()
        if now < (self._retry_at if self._waiting else self._prune_at):
            return
        try:
            self._write(list(self._waiting))
        except StateError as error:
            if not self._failing:
                log.warning("%d ended orders wait to be counted: %s", len(self._waiting), error)
            self._failing, self._retry_at = True, now + RETRY_SECONDS
            return
        except Exception:
            # A fault of ours in one step would come again for ever, and hold up all others.
            self._waiting.clear()
            raise
        self._waiting.clear()
        self._failing, self._retry_at = False, 0.0

    def working(self, account: str) -> frozenset[str]:
        """The conditional orders of an account that were last known to work, as ``keep_working`` was given them.

        Raises:
            StateError: It cannot be read.
        """
        return frozenset(seen.key for seen in self._database.seen(account, WORKING))

    def working_closing_orders(self, account: str) -> tuple[ClosingOrder, ...]:
        """The closing orders of an account that were last known to work.

        Raises:
            StateError: It cannot be read.
        """
        return self._database.working_closing_orders(account)

    def keep_working(self, account: str, *, news: Iterable[str], gone: Iterable[str]) -> None:
        """Remember which conditional orders work; whoever reads it after a restart asks how the others ended."""
        began, ended = tuple(news), tuple(gone)

        def step(entry: Entry) -> None:
            for key in began:
                entry.once(account, WORKING, key)
            for key in ended:
                entry.change.forget_seen(account, WORKING, key)

        self.put(step)

    def file_positions(self) -> dict[str, FilePosition]:
        """How far every followed log is read.

        Raises:
            StateError: It cannot be read.
        """
        return self._database.file_positions()

    def _write(self, steps: Sequence[Step]) -> None:
        with self._database.change() as change:
            entry = Entry(change, self._database, self._clock.now())
            for step in steps:
                step(entry)
            self._prune(change)
        self._show(entry)

    def _prune(self, change: Change) -> None:
        if self._clock.monotonic() < self._prune_at:
            return
        self._prune_at = self._clock.monotonic() + PRUNE_SECONDS
        now_ms = int(self._clock.now() * 1000)
        for kind, kept in KEPT_MS.items():
            change.prune_seen(kind, before_ms=now_ms - kept)
        for kind in self._database.seen_kinds("rejection-near-"):
            change.prune_seen(kind, before_ms=now_ms - PAIRING_MS)

    def _show(self, entry: Entry) -> None:
        for (account, name, values), count in entry.counted.items():
            shown = self.shown(account)
            named = {**shown.counts.get(name, {}), values: count}
            self._shown[account] = replace(shown, counts={**shown.counts, name: named})
        for account, order in entry.ended:
            if order.outcome == "rejected":
                _tell(account, order)
            shown = self.shown(account)
            self._shown[account] = replace(shown, ended=_latest((order, *shown.ended)))
        for account in dict.fromkeys(account for account, _name, _values in entry.counted):
            self._counted(account)


def _report(entry: Entry, told: Told) -> bool:
    """Count a report, unless it came before or a line of a log told the event."""
    time_ms = int(told.time * 1000)
    if not entry.once(told.account, REPORT, told.key):
        return False
    entry.once(told.account, _near("report", told), told.key, time_ms)
    used = set(entry.near(told.account, _near("used", told), time_ms, 2 * SAME_EVENT_MS))
    lines = [key for key in entry.near(told.account, _near("line", told), time_ms) if key not in used]
    if not lines:
        entry.reject(told)
        return True
    entry.once(told.account, _near("used", told), lines[0], time_ms)
    if told.intent is not Intent.UNKNOWN:
        # The event is counted; that it was a close, say, is news all the same, and pages are made from the time.
        entry.count(told.account, REJECTIONS, (told.reason.value, told.intent.value), 0)
    return False


def _line(entry: Entry, told: Told) -> None:
    """Count a line of a log, unless a report told the event."""
    time_ms = int(told.time * 1000)
    if not entry.near(told.account, _near("report", told), time_ms):
        entry.once(told.account, _near("line", told), told.key, time_ms)
        entry.reject(told)


def _tell(account: str, order: EndedOrder) -> None:
    """Say in the log that an order was rejected; a close is worse than an entry."""
    log.log(
        logging.ERROR if order.intent == Intent.CLOSE.value else logging.WARNING,
        "%s: order rejected (%s): %s, code %s: %s; intent %s, told by %s",
        account,
        order.reason,
        " ".join(word for word in (order.type, order.direction, order.quantity, order.symbol) if word)
        or "unknown order",
        "none" if order.code is None else order.code,
        order.message,
        order.intent,
        order.source,
    )


def _near(what: str, told: Told) -> str:
    """Kind of the keys by which reports and lines of one code find each other."""
    return f"rejection-near-{what}|{told.code}"


def _kept(database: Database, account: str) -> OrderCounts:
    counts: dict[str, dict[tuple[str, ...], Count]] = {}
    for name, labels in LABELS.items():
        for counter in database.counters(name):
            if counter.account == account:
                values = tuple(counter.labels.get(label, "") for label in labels)
                counts.setdefault(name, {})[values] = Count(value=counter.value, last_at=counter.last_at)
    return OrderCounts(counts=counts, ended=database.ended_orders(account))


def _latest(orders: Iterable[EndedOrder]) -> tuple[EndedOrder, ...]:
    """The last of each kind, as the database keeps them."""
    left = {True: KEPT, False: KEPT}
    kept = []
    for order in orders:
        rejected = order.outcome == "rejected"
        if left[rejected]:
            left[rejected] -= 1
            kept.append(order)
    return tuple(kept)
