"""How orders of one account ended, as shown: frozen counts, every known combination from 0 on, and the last orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from plimsoll.database.orders import EndedOrder
from plimsoll.risk.protective_ends import Outcome
from plimsoll.risk.rejections import Intent, Reason
from plimsoll_exporter.count import Count
from plimsoll_exporter.rejections.told import Source

REJECTIONS = "order_rejections"
BY_SYMBOL = "order_rejections_by_symbol"
BY_SOURCE = "order_rejections_by_source"
ORDERS = "orders"
PROTECTIVE = "protective_orders_ended"
SLIPPAGE = "stop_slippage"
SLIPPAGE_SUM = "stop_slippage_sum"
"""Names of the ledger's counters."""

BOUNDS = ("0", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "Infinity")
"""Upper bounds of slippage, each by itself in the ledger; an account's stops mostly slip by less than 0.1 %."""

LABELS = {
    REJECTIONS: ("reason", "intent"),
    BY_SYMBOL: ("symbol", "reason", "intent"),
    BY_SOURCE: ("source",),
    ORDERS: ("outcome", "intent"),
    PROTECTIVE: ("outcome",),
    SLIPPAGE: ("le",),
    SLIPPAGE_SUM: (),
}
"""Their labels besides ``account``, in order."""

CLOSED = {
    REJECTIONS: tuple(product([each.value for each in Reason], [each.value for each in Intent])),
    BY_SOURCE: tuple((each.value,) for each in Source),
    ORDERS: tuple(product([each.value for each in Outcome], [each.value for each in Intent])),
    PROTECTIVE: tuple((each.value,) for each in Outcome),
    SLIPPAGE: tuple((bound,) for bound in BOUNDS),
    SLIPPAGE_SUM: ((),),
}
"""The label values that are known beforehand; symbols are not."""

LabelValues = tuple[str, ...]


def bound_of(slippage: Decimal) -> str:
    """The bound that a slippage is counted under."""
    return next(bound for bound in BOUNDS if slippage <= Decimal(bound))


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCounts:
    """Everything about how orders of one account ended.

    Attributes:
        counts: By name and label values.
        ended: The last orders that ended, newest first.
    """

    counts: Mapping[str, Mapping[LabelValues, Count]] = field(default_factory=dict)
    ended: tuple[EndedOrder, ...] = ()

    def of(self, name: str) -> Mapping[LabelValues, Count]:
        """Every count of a name: all known combinations, at 0 where nothing was counted."""
        return {**dict.fromkeys(CLOSED.get(name, ()), Count()), **self.counts.get(name, {})}
