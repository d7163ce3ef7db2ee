"""What one account remembers: its drawdown references, flows, income and occurrences, in memory and in the database.

Events and answers of the income history come in as they do for the wallet's explanation, in the same step: a flow that
explains money is booked with it, before any sample can see that money without it. ``look`` takes the samples.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig
from plimsoll.database.draft import Draft, Step
from plimsoll.database.rule_changes import rule_changes
from plimsoll.database.values import AuditEntry, RebaseRequest
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.account import Income
from plimsoll.model.events import AccountEvent, AccountUpdate, OrderUpdate
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.model.terms import AssetMode
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.flows import Nature, event_flows, event_nature
from plimsoll.risk.standing import Sample, Standing
from plimsoll.risk.valuation import worth
from plimsoll.risk.watching import Watched, begin, is_counting, sampled, untrusted, watch
from plimsoll.state import explain
from plimsoll.state.book import Book
from plimsoll.state.explain_history import after_flow
from plimsoll.state.income_rows import Row
from plimsoll.state.market import MarketState
from plimsoll_exporter.count import Count
from plimsoll_exporter.keeper.border import Border, single_counted
from plimsoll_exporter.keeper.flow_booking import Waiting
from plimsoll_exporter.keeper.flow_writing import booking_drafts, confirming_draft, unbooked
from plimsoll_exporter.keeper.flowbook import FlowBook
from plimsoll_exporter.keeper.forgiving import Forgiving
from plimsoll_exporter.keeper.income import OVERLAP_MS, IncomeCount
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.occurrences import Occurrences
from plimsoll_exporter.keeper.rebases import Rebases
from plimsoll_exporter.keeper.records import Records
from plimsoll_exporter.keeper.store import BEGUN, MULTI, PROVEN, READ, Store
from plimsoll_exporter.keeper.tally import FLOW_USD, FORCED_CLOSES, INCOME_USD, MARGIN_CALLS, Tally
from plimsoll_exporter.view import LedgerView

log = logging.getLogger(__name__)

LAG_MS = 10_000
"""How far behind a reading may lag: what moved so long before it began is in it."""

SWITCH_KIND = "BORDER"
"""Kind of the flow that is booked when other money counts as equity than before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What the keeper knows when it looks.

    Attributes:
        figures: What the account holds now; ``None`` unless it is live.
        market: Prices of now.
        trusted: It is live, and what is unexplained may pass.
        read_ms: Exchange time at which the last reading that agreed began; ``None`` before the first.
        given_up_at: Monotonic time at which unexplained money was last given up.
    """

    figures: AccountFigures | None
    market: MarketState
    trusted: bool
    read_ms: int | None
    given_up_at: float | None


class Ledger:
    """Keeps the memory of one account.

    Args:
        config: The account and its rules.
        live: Its book; it is told the wallets of last time, and whoever runs it tells its events.
        market: Prices.
        store: Where it is kept.
        clock: For intervals.
        exchange_clock: For the times of samples.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(
        self,
        config: AccountConfig,
        *,
        live: LiveBook,
        market: MarketKeeper,
        store: Store,
        clock: Clock,
        exchange_clock: ExchangeClock,
    ) -> None:
        self._config, self._name, self._live, self._market = config, config.name, live, market
        self._clock, self._exchange_clock = clock, exchange_clock
        kept = store.remembered(config.name)
        self.watched = None if kept.standing is None else watch(kept.standing)
        self._records = Records(config.name, store, kept)
        self._cursors = self._records.cursors
        self._tally = Tally(config.name, kept.counters)
        self._flows = FlowBook(kept.flows)
        self._income = IncomeCount(config.name, self._tally, kept.seen)
        self._occurrences = Occurrences(config.name, self._tally, kept.seen)
        self._rebases = Rebases(config)
        self._border = Border(_mode(kept.cursors.get(MULTI)))
        self._forgiving = Forgiving(self.watched, clock.monotonic())
        self._unknown: set[str] = set()
        self._read_ms: int | None = None
        live.last_wallets = {asset: (wallet.balance, wallet.updated_ms) for asset, wallet in kept.wallets.items()}

    def event(self, event: AccountEvent) -> None:
        """One event, after the book took it in."""
        counted = self._occurrences.event(event, self._clock.now())
        if counted is not None:
            self._write(counted)
        if self.watched is None:
            return
        if isinstance(event, OrderUpdate) and event.fill is not None and self._live.book is not None:
            settled_in = explain.settled_in(self._live.book, event.order.symbol, self._market.instruments)
            self._records.accrue(self._income.fill(event, settled_in, self._value))
        elif isinstance(event, AccountUpdate):
            self._records.accrue(self._income.funding(event, self._value, after_ms=self._cursors[BEGUN]))
            self._flows.waiting += self._told(event)
        self._book(accepted=False)

    def history(self, rows: Sequence[Income], *, asked_ms: int, asked_at: float, start_ms: int) -> None:
        """Every row of the income history from ``start_ms`` on.

        Args:
            rows: In the order of the answer.
            asked_ms: Exchange time before the question.
            asked_at: The same by the monotonic clock.
            start_ms: From when on was asked.
        """
        book = self._live.book
        if self.watched is None or book is None or not self._live.synced:
            return
        begun, read = self._cursors[BEGUN], self._cursors[READ]
        mine = [row for row in rows if row.time_ms > begun]
        single = single_counted(book, self._market.state())
        in_single = book.settings.asset_mode is AssetMode.SINGLE
        answer = self._flows.answer(
            mine if in_single else [row for row in mine if self._was_equity(row, single)],
            counted=single if in_single else None,
            in_wallet_ms=self._in_wallet(book),
            seen=self._forgiving.seen,
            explained=frozenset(self._live.unexplained.rows),
        )
        self._explain(answer.found, since_ms=start_ms)
        for kind in answer.unknown:
            self._remark(kind, "income of this unknown type counts as performance")
        income, unvalued_ms = self._income.rows(mine, self._value, after_ms=max(begun, read - OVERLAP_MS))
        self._records.accrue(income.merged(confirming_draft(self._name, answer.confirmed)))
        self._book(accepted=False)
        if start_ms <= self.history_start_ms:
            times = [answer.held_ms, unvalued_ms, *(item.flow.time_ms for item in self._flows.waiting)]
            self._cursors[READ] = max(read, min([asked_ms, *(time_ms - 1 for time_ms in times if time_ms is not None)]))
            self._records.accrue(self._income.prune(self._cursors[READ] - 2 * OVERLAP_MS))
            self._forgiving.answered(asked_at)
        self._write()

    def _explain(self, found: Iterable[Row], *, since_ms: int) -> None:
        """Flows that only the history tells explain the wallet, the largest first: each is booked with its money."""
        for item in sorted(found, key=lambda item: abs(item.income.amount), reverse=True):
            self._live.unexplained = after_flow(self._live.unexplained, item, since_ms=since_ms)

    @property
    def history_start_ms(self) -> int:
        """From when on the income history has to be asked next; only once ``begun``."""
        return max(self._cursors[READ] - OVERLAP_MS, self._cursors[BEGUN])

    @property
    def begun(self) -> bool:
        """Whether a first sample was taken, now or in an earlier life."""
        return self.watched is not None

    def settled(self) -> bool:
        """Whether every flow that the wallet holds is booked, so that drawdown may be told."""
        book = self._live.book
        return not self._flows.waiting and book is not None and self._border.as_before(book)

    def look(self, looked: Looked) -> None:
        """Book what waits, and take a sample where it can be trusted."""
        known = self._live.unexplained
        self._read_ms = looked.read_ms
        self._forgiving.note(known, self._exchange_clock.now())
        if self.watched is not None:
            self._book(accepted=looked.trusted)
        equity = None if looked.figures is None else looked.figures.equity
        book = self._live.book
        if not looked.trusted or equity is None or book is None or self._flows.waiting:
            self.watched = None if self.watched is None else untrusted(self.watched)
            return
        sample = Sample(
            time=self._exchange_clock.now(),
            elapsed=self._clock.monotonic(),
            equity=equity,
            flat=not book.positions,
            priced_ms=_priced_ms(book, looked.market),
        )
        if self.watched is None:
            if known.whole:
                self._begin(sample, book, looked.market)
        elif self._keep_border(self.watched, book, looked.market, equity):
            self._sample(sample, book, looked.given_up_at)

    def requested(self, requests: Iterable[RebaseRequest]) -> None:
        """Take over the open requests for a rebase."""
        self._rebases.requested(requests)

    def draft(self) -> Draft:
        """All that is not written yet, for a batch; it counts as written then."""
        return self._records.take(self._standing, self._live, explained=self._explained)

    def view(self, *, trusted: bool) -> LedgerView:
        """What is shown; ``trusted`` where the account is live and explained."""
        until = self._cursors.get(PROVEN)
        calls = self._tally.counts(MARGIN_CALLS)
        return LedgerView(
            watched=self.watched,
            trusted=trusted and self.settled(),
            flows_until=None if until is None else until / 1000,
            flow_usd={direction: count.value for direction, count in self._tally.counts(FLOW_USD).items()},
            income_usd={kind: count.value for kind, count in self._tally.counts(INCOME_USD).items()},
            margin_calls=calls.get("", Count()),
            forced_closes=self._tally.counts(FORCED_CLOSES),
        )

    def _told(self, event: AccountUpdate) -> list[Waiting]:
        """The flows of an event that the wallet did not hold before it, as its explanation sees it."""
        book = self._live.book
        if event_nature(event.reason) is Nature.UNKNOWN:
            self._remark(event.reason, "changes of the wallet with this unknown reason count as performance")
        counted = None if book is None else counted_assets(book, self._market.state())
        if counted is None:
            counted = frozenset(change.asset for change in event.balances)
        included = self._live.unexplained.included_ms
        flows = [
            unbooked(change.asset, change.change, event.time_ms, event.reason, FlowSource.EVENT)
            for change in event_flows(event, counted)
            if event.time_ms > included.get(change.asset, 0)
        ]
        return [Waiting(flow=flow) for flow in flows if not self._told_twice(flow)]

    def _told_twice(self, flow: Flow) -> bool:
        """Whether the history told it before: then its event explains nothing more."""
        if not self._flows.found_before(flow):
            return False
        self._live.unexplained = explain.lessened(self._live.unexplained, flow.asset, -flow.amount)
        return True

    def _book(self, *, accepted: bool) -> None:
        """Book what waits, where equity is known and nothing else is unexplained, or ``accepted`` all the same."""
        book, watched = self._live.book, self.watched
        if not self._flows.waiting or watched is None or book is None or not self._live.synced:
            return
        if not accepted and not self._live.unexplained.whole:
            return
        market = self._market.shown()
        last = watched.last.equity + self._flows.worth(book, market)
        book, equity = self._border.by_last_mode(book, market, last)
        if equity is None:
            return
        booked = self._flows.book(watched, self._config, book, market, equity=equity, now=self._clock.now())
        if booked is not None:
            self.watched = booked.watched
            self._cursors[PROVEN] = max(self._cursors.get(PROVEN, 0), self._flows.newest_ms)
            self._write(*booking_drafts(self._name, booked, self._tally, at=self._clock.now()))

    def _begin(self, sample: Sample, book: Book, market: MarketState) -> None:
        """The account's first sample ever: the ledger begins with what it holds now."""
        limits = self._config.limits
        self.watched = begin(limits.drawdown, sample, min_equity=limits.min_equity_usd)
        begun = max([int(sample.time * 1000), *(balance.updated_ms for balance in book.balances.values())])
        self._cursors |= {BEGUN: begun, READ: begun, PROVEN: begun}
        self._note_border(book, market)
        self._write(self._audit(None, self.watched.standing, sample.time))

    def _sample(self, sample: Sample, book: Book, given_up_at: float | None) -> None:
        watched = self.watched
        if watched is None:
            return
        admitted = self._forgiving.admit(watched, self._live.unexplained, sample.elapsed, given_up_at)
        if admitted is None:
            return
        if is_counting(watched.standing) and not is_counting(admitted.standing):
            self._live.unexplained = replace(self._live.unexplained, given_up={})
        limits = self._config.limits
        after = sampled(admitted, limits.drawdown, sample, min_equity=limits.min_equity_usd)
        after, rebases = self._rebases.carry_out(after, sample, self._clock.now())
        self.watched = after
        self._prove(book)
        audit = self._audit(watched.standing, after.standing, sample.time)
        if rebases is not None or audit.steps or self._records.is_urgent(after.standing):
            self._write(audit, rebases or Draft())

    def _keep_border(self, watched: Watched, book: Book, market: MarketState, equity: Decimal) -> bool:
        """Book what a moved border of equity brought in or left out; whether all is booked."""
        usd = self._border.moved_by(book, market, equity, watched.last.equity)
        self._note_border(book, market)
        if usd:
            flow = unbooked("USD", usd, self._exchange_clock.now_ms(), SWITCH_KIND, FlowSource.SWITCH)
            self._flows.waiting.append(Waiting(flow=flow))
            self._book(accepted=True)
        return not self._flows.waiting

    def _note_border(self, book: Book, market: MarketState) -> None:
        """Remember which money is equity, the asset mode over restarts too."""
        self._border.keep(book, market)
        multi = book.settings.asset_mode is AssetMode.MULTI
        if MULTI not in self._cursors or bool(self._cursors[MULTI]) is not multi:
            self._cursors[MULTI] = self._exchange_clock.now_ms() if multi else 0

    def _prove(self, book: Book) -> None:
        """Note up to when every flow is known: whatever the wallet held then is explained and booked."""
        if not self._live.unexplained.whole:
            return
        told = [balance.updated_ms for balance in book.balances.values()]
        read = [] if self._read_ms is None else [self._read_ms - LAG_MS]
        self._cursors[PROVEN] = max([self._cursors.get(PROVEN, 0), self._flows.newest_ms, *told, *read])

    def _in_wallet(self, book: Book) -> dict[str, int]:
        """Up to which time the wallet is known to hold what moved, by asset."""
        read_ms = 0 if self._read_ms is None else self._read_ms - LAG_MS
        return {asset: max(balance.updated_ms, read_ms) for asset, balance in book.balances.items()}

    def _was_equity(self, row: Income, single: frozenset[str] | None) -> bool:
        """Whether a row was of money that is equity: before the switch to multi-assets mode not all of it was.

        What the others brought before the switch is in the flow that the switch itself is.
        """
        switched = self._border.mode is not AssetMode.SINGLE and row.time_ms > self._cursors.get(MULTI, 0)
        return switched or single is None or row.asset in single

    def _value(self, asset: str, amount: Decimal) -> Decimal | None:
        book = self._live.book
        return None if book is None else worth(amount, asset, book.settings.asset_mode, self._market.shown())

    def _audit(self, before: Standing | None, after: Standing, time: float) -> Draft:
        entries = rule_changes(self._name, before, after, time=time)
        for entry in entries:
            level = logging.INFO if before is None else logging.WARNING
            log.log(level, "%s: rule %s: %s", self._name, entry.rule, entry.reason)
        return Draft(steps=tuple(_note(entry) for entry in entries))

    def _remark(self, word: str, sentence: str) -> None:
        """Say something about a word of the exchange's, loudly, once."""
        if word not in self._unknown:
            self._unknown.add(word)
            log.error("%s: %r: %s", self._name, word, sentence)

    def _write(self, *drafts: Draft) -> None:
        """Write these, and all that is not written yet."""
        for draft in drafts:
            self._records.accrue(draft)
        self._records.write(self._standing, self._live, explained=self._explained)

    @property
    def _standing(self) -> Standing | None:
        return None if self.watched is None else self.watched.standing

    @property
    def _explained(self) -> bool:
        """Whether every change of the wallets is explained and booked; those of the last such moment are kept."""
        return self._live.unexplained.whole and not self._flows.waiting


def _priced_ms(book: Book, market: MarketState) -> int | None:
    """The exchange's time of the oldest mark price that values a position; ``None`` without any."""
    marks = (market.marks.get(symbol) for symbol, _ in book.positions)
    return min((mark.time_ms for mark in marks if mark is not None), default=None)


def _mode(multi: int | None) -> AssetMode | None:
    if multi is None:
        return None
    return AssetMode.MULTI if multi else AssetMode.SINGLE


def _note(entry: AuditEntry) -> Step:
    return lambda change: change.audit(entry)
