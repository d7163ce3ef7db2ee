"""The flows of one account: which are booked, which wait to be booked, and what the income history says about both.

A flow waits while equity, its rate or another part of the wallet is unknown; then all that wait are booked together,
each valued with the later ones still outside. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.config.model import AccountConfig
from plimsoll.model.account import Income
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.booking import flowed
from plimsoll.risk.flows import flow_value
from plimsoll.risk.matching import Confirmed, Matching, match
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.watching import Watched
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll.state.rows import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A flow that is not booked yet.

    Attributes:
        flow: Its ``usd`` is 0 until it is booked, but for a switch of the asset mode.
        late_at: For one that the history told: exchange time from which the wallet held it unexplained, in seconds;
            ``None`` for one that was told when it moved.
        undoes: The flow is none: ``flow`` takes back what was booked.
    """

    flow: Flow
    late_at: float | None = None
    undoes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """What was booked together.

    Attributes:
        watched: The account after it.
        flows: With their values, in the order of booking.
        undone: Provisional flows that were none.
    """

    watched: Watched
    flows: tuple[Flow, ...]
    undone: tuple[Flow, ...]


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

    def worth(self, book: Book, market: MarketState) -> Decimal:
        """USD that all waiting flows brought; 0 where a rate is unknown, as then none is booked."""
        return sum(_values([item for item in self.waiting if not item.undoes], book, market) or (), ZERO)

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
        late = sorted((item for item in self.waiting if item.late_at is not None), key=lambda item: item.late_at or 0.0)
        told = [item for item in self.waiting if item.late_at is None and not item.undoes]
        undone = [item for item in self.waiting if item.undoes]
        values = _values([*late, *told], book, market)
        if values is None:
            return None
        flat = not book.positions
        before = equity - sum(values, ZERO)
        for usd, time, is_late in _groups(late, told, values, watched.standing.sampled_at):
            before += usd
            watched = flowed(
                watched,
                config.limits.drawdown,
                usd,
                before,
                flow_time=time,
                flat=flat,
                min_equity=config.limits.min_equity_usd,
                late=is_late,
            )
        for item in undone:
            watched = flowed(
                watched,
                config.limits.drawdown,
                -item.flow.usd,
                equity - item.flow.usd,  # as if it left again; the next sample finds it as performance
                flow_time=item.flow.time_ms / 1000,
                flat=flat,
                min_equity=config.limits.min_equity_usd,
                late=False,
            )
        pairs = zip([*late, *told], values, strict=True)
        flows = tuple(replace(item.flow, usd=usd, booked_at=now) for item, usd in pairs)
        self._note(flows)
        self.waiting = []
        return Booked(watched=watched, flows=flows, undone=tuple(item.flow for item in undone))

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


def _groups(
    late: Sequence[Waiting], told: Sequence[Waiting], values: Sequence[Decimal], sampled_at: float
) -> Iterator[tuple[Decimal, float, bool]]:
    """What is booked as one: value, time, and whether it may have passed for performance.

    What the last sample held unexplained is one; so is what came unseen since then: it was in no sample.
    """
    count = sum(1 for item in late if (item.late_at or 0.0) <= sampled_at)
    for first, end in ((0, count), (count, len(late))):
        if first < end:
            yield sum(values[first:end], ZERO), late[first].late_at or 0.0, True
    for item, usd in zip(told, values[len(late) :], strict=True):
        yield usd, item.flow.time_ms / 1000, False


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


def _values(items: Sequence[Waiting], book: Book, market: MarketState) -> list[Decimal] | None:
    """What each flow is worth, with those after it not yet in the wallet; ``None`` where a rate is unknown."""
    values: list[Decimal] = []
    for item in reversed(items):
        flow = item.flow
        if flow.source is FlowSource.SWITCH:
            values.append(flow.usd)
            continue
        usd = flow_value(flow.asset, flow.amount, book, market)
        if usd is None:
            return None
        values.append(usd)
        balance = book.balances.get(flow.asset)
        if balance is not None:
            earlier = replace(balance, wallet=balance.wallet - flow.amount)
            book = replace(book, balances={**book.balances, flow.asset: earlier})
    return values[::-1]
