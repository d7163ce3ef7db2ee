"""Flows that events told against the income history, which is the ledger.

A multiset on asset, amount and time: two equal transfers in one second are two. Rows come late, twice and in any order;
each is booked exactly once, by its key.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Income
from plimsoll.model.flows import Flow
from plimsoll.risk.flows import REBATES, Nature, event_nature, income_flows, income_nature
from plimsoll.risk.unknown import ZERO
from plimsoll.state.income_rows import Row, keyed

NEAR_MS = 10_000
"""Milliseconds by which event and income row of one flow may differ."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """A flow that an event told and the income history confirms."""

    flow: Flow
    row: Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Matching:
    """What the income history says about the flows.

    Attributes:
        confirmed: Pairs of a provisional flow and its row.
        new: Flows that no event told, oldest first.
        contradicted: Provisional flows that were performance: to be reversed.
        unknown: Types of rows that this product does not know; they count as performance.
    """

    confirmed: tuple[Confirmed, ...]
    new: tuple[Row, ...]
    contradicted: tuple[Flow, ...]
    unknown: frozenset[str]


def match(
    provisional: Sequence[Flow],
    rows: Sequence[Income],
    *,
    booked: Collection[str] = frozenset(),
    counted: Collection[str] | None = None,
) -> Matching:
    """Hold the flows that only an event told against a part of the income history.

    Args:
        provisional: Flows without a transaction.
        rows: Every row of the part that was read, whatever its type: equal rows must not be left out.
        booked: Keys of rows that are booked already.
        counted: The assets whose money is equity; all where it is ``None``.
    """
    inside = {row.asset for row in rows} if counted is None else counted
    listed = [row for row in keyed(rows) if row.key not in booked]
    flowing = Counter(income_flows(rows, inside))
    flows = [row for row in listed if flowing[row.income]]
    unknown = [row for row in listed if income_nature(row.income.kind) is Nature.UNKNOWN]
    rebates = [row for row in listed if row.income.kind in REBATES] + unknown

    sure = [flow for flow in provisional if event_nature(flow.kind) is not Nature.PROVISIONAL]
    doubtful = [flow for flow in provisional if event_nature(flow.kind) is Nature.PROVISIONAL]
    confirmed = _paired(sure, flows)
    confirmed += _paired(_without(sure, confirmed), unknown)
    taken = {pair.row.key for pair in confirmed}
    performance = _paired(doubtful, [row for row in rebates if row.key not in taken])
    rest = _without(doubtful, performance)
    confirmed += _paired(rest, [row for row in flows if row.key not in taken])
    taken = {pair.row.key for pair in (*confirmed, *performance)}
    bundled = _bundled(_without(rest, confirmed), [row for row in rebates if row.key not in taken])
    return Matching(
        confirmed=tuple(confirmed),
        new=tuple(row for row in flows if row.key not in taken),
        contradicted=(*(pair.flow for pair in performance), *bundled),
        unknown=frozenset(row.income.kind for row in unknown),
    )


def _paired(flows: Iterable[Flow], rows: Iterable[Row]) -> list[Confirmed]:
    """As many pairs as can be made, and of those ways the one whose times agree best."""
    by_amount: defaultdict[tuple[str, Decimal], tuple[list[Flow], list[Row]]] = defaultdict(lambda: ([], []))
    for flow in flows:
        by_amount[flow.asset, flow.amount][0].append(flow)
    for row in rows:
        by_amount[row.income.asset, row.income.amount][1].append(row)
    pairs: list[Confirmed] = []
    for told, listed in by_amount.values():
        told.sort(key=lambda flow: flow.time_ms)
        listed.sort(key=lambda row: row.income.time_ms)
        pairs += _best(told, listed)
    return pairs


def _best(flows: Sequence[Flow], rows: Sequence[Row]) -> list[Confirmed]:
    """Pairs among flows and rows of one amount, both by time: some best way crosses no pair over another.

    Each step holds, for the first so many flows and rows, what is unpaired, by how much times differ, and the pairs.
    """
    best: list[tuple[int, int, tuple[Confirmed, ...]]] = [(0, 0, ())] * (len(rows) + 1)
    for flow in flows:
        above, best = best, best[:1]
        for index, row in enumerate(rows):
            choices = [above[index + 1], best[index]]
            apart = abs(flow.time_ms - row.income.time_ms)
            if apart <= NEAR_MS:
                missing, sum_apart, pairs = above[index]
                choices.append((missing - 1, sum_apart + apart, (*pairs, Confirmed(flow=flow, row=row))))
            best.append(min(choices, key=lambda choice: choice[:2]))
    return list(best[-1][2])


def _without(flows: Iterable[Flow], pairs: Iterable[Confirmed]) -> list[Flow]:
    """The flows that are in no pair; of equal ones as many as are left."""
    paired = Counter(pair.flow for pair in pairs)
    left: list[Flow] = []
    for flow in flows:
        if paired[flow]:
            paired[flow] -= 1
        else:
            left.append(flow)
    return left


def _bundled(flows: Iterable[Flow], rebates: Iterable[Row]) -> list[Flow]:
    """The flows that are the sum of all rebates around them: the exchange pays those out in bundles."""
    listed = list(rebates)
    found: list[Flow] = []
    for flow in flows:
        near = [
            row
            for row in listed
            if row.income.asset == flow.asset and abs(row.income.time_ms - flow.time_ms) <= NEAR_MS
        ]
        if near and sum((row.income.amount for row in near), ZERO) == flow.amount:
            found.append(flow)
            listed = [row for row in listed if row not in near]
    return found
