"""The flows of one account: which are booked, which wait to be booked, and what the income history says about both.

A flow waits while equity, its rate or another part of the wallet is unknown; then all that wait are booked together,
each valued with the later ones still outside. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.config.model import AccountConfig
from plimsoll.model.account import Income
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.matching import NEAR_MS, Confirmed, Matching, match
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.watching import Watched
from plimsoll.state.book import Book
from plimsoll.state.income_rows import Row
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.flow_booking import Booked, Waiting, book_together, values_of

KEPT_FOUND = 1000
"""How many flows of the history are remembered for events that come later still."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an answer of the income history changes.

    Attributes:
        confirmed: Booked flows before and after their confirmation.
        found: Rows that are flows nobody told, whose money the wallet holds; they wait to be booked.
        unknown: Types of rows that this product does not know.
        held_ms: Time of the oldest row that is not in the wallet yet as we know it; ``None`` where all are.
    """

    confirmed: tuple[tuple[Flow, Flow], ...]
    found: tuple[Row, ...]
    unknown: frozenset[str]
    held_ms: int | None


class FlowBook:
    """Flows booked and waiting.

    Args:
        flows: All that were booked.
    """

    def __init__(self, flows: Iterable[Flow] = ()) -> None:
        listed = tuple(flows)
        self._keys = {flow.transaction for flow in listed if flow.transaction}
        self._provisional = [flow for flow in listed if not flow.transaction and flow.source is FlowSource.EVENT]
        self._found: list[Flow] = []  # whose events were not told, as far as this process knows
        self.newest_ms = max((flow.time_ms for flow in listed), default=0)
        self.waiting: list[Waiting] = []

    def answer(
        self,
        rows: Sequence[Income],
        *,
        counted: Collection[str] | None,
        in_wallet_ms: Mapping[str, int],
        seen: Callable[[str, float], float],
        explained: Collection[str] = frozenset(),
    ) -> Answer:
        """Take in every row of a part of the history.

        Args:
            rows: All of them, of whatever type.
            counted: Assets whose money is equity; all where it is ``None``.
            in_wallet_ms: Up to which time the wallet is known to hold what moved, by asset; others nothing.
            seen: Gives the exchange time from which the wallet held what moved of an asset at a time, in seconds.
            explained: Keys of rows that explained the wallet, and so are in it whatever their time.
        """
        told = [item.flow for item in self.waiting if not item.undoes and item.flow.source is FlowSource.EVENT]
        listed = {item.flow.transaction for item in self.waiting}
        found = match([*self._provisional, *told], rows, booked=self._keys | listed, counted=counted)
        held = [
            row
            for row in found.new
            if row.key not in explained and row.income.time_ms > in_wallet_ms.get(row.income.asset, 0)
        ]
        confirmed = tuple(after for pair in found.confirmed for after in self._confirm(pair))
        self._contradict(found)
        new = [row for row in found.new if row not in held]
        self._found = [*self._found, *map(_flow_of, new)][-KEPT_FOUND:]
        for row in new:
            at = seen(row.income.asset, row.income.time_ms / 1000)
            self.waiting.append(Waiting(flow=_flow_of(row), late_at=at))
        times = [row.income.time_ms for row in held]
        return Answer(
            confirmed=confirmed,
            found=tuple(new),
            unknown=found.unknown,
            held_ms=min(times, default=None),
        )

    def found_before(self, told: Flow) -> bool:
        """Whether the history told a flow before its event does; each such flow is given once."""
        for flow in self._found:
            near = abs(flow.time_ms - told.time_ms) <= NEAR_MS
            if near and (flow.asset, flow.amount) == (told.asset, told.amount):
                self._found.remove(flow)
                return True
        return False

    def worth(self, book: Book, market: MarketState) -> Decimal:
        """USD that all waiting flows brought; 0 where a rate is unknown, as then none is booked."""
        return sum(values_of([item for item in self.waiting if not item.undoes], book, market) or (), ZERO)

    def book(
        self, watched: Watched, config: AccountConfig, book: Book, market: MarketState, *, equity: Decimal, now: float
    ) -> Booked | None:
        """Book all that wait; ``None`` where a rate is unknown.

        Args:
            watched: The account before.
            config: Its rules.
            book: What it holds now, every waiting flow in its wallet.
            market: Prices of now.
            equity: Of the book, in USD.
            now: Unix time.
        """
        booked = book_together(self.waiting, watched, config, book, market, equity=equity, now=now)
        if booked is not None:
            self._note(booked.flows)
            self.waiting = []
        return booked

    def _note(self, flows: Iterable[Flow]) -> None:
        for flow in flows:
            if flow.transaction:
                self._keys.add(flow.transaction)
            elif flow.source is FlowSource.EVENT:
                self._provisional.append(flow)
            self.newest_ms = max(self.newest_ms, flow.time_ms)

    def _confirm(self, pair: Confirmed) -> Iterable[tuple[Flow, Flow]]:
        """Give a flow that the history confirms its key; yields it where it is booked already."""
        after = replace(pair.flow, transaction=pair.row.key)
        if pair.flow in self._provisional:
            self._provisional.remove(pair.flow)
            self._keys.add(pair.row.key)
            yield pair.flow, after
            return
        index = next(number for number, item in enumerate(self.waiting) if item.flow == pair.flow)
        self.waiting[index] = replace(self.waiting[index], flow=after)

    def _contradict(self, found: Matching) -> None:
        """Take back, or forget, flows that were none."""
        for flow in found.contradicted:
            if flow in self._provisional:
                self._provisional.remove(flow)
                self.waiting.append(Waiting(flow=flow, undoes=True))
            else:
                self.waiting.remove(next(item for item in self.waiting if item.flow == flow))


def _flow_of(row: Row) -> Flow:
    income = row.income
    return Flow(
        asset=income.asset,
        amount=income.amount,
        usd=ZERO,
        time_ms=income.time_ms,
        kind=income.kind,
        source=FlowSource.INCOME,
        transaction=row.key,
        booked_at=0.0,
    )
