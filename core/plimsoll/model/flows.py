"""External flows: money that comes into an account's equity or leaves it without being won or lost there.

An event books a flow provisionally, the income history is the ledger that confirms it. Times are the exchange's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class FlowSource(StrEnum):
    """How a flow was learned first."""

    EVENT = "event"
    INCOME = "income"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """One flow, booked exactly once.

    Attributes:
        asset: What moved; ``USD`` for a switch of the asset mode, which moves the border of equity and no money.
        amount: Signed, in ``asset``; positive came in.
        usd: Signed value at the rate that equity used when it was booked.
        time_ms: When it moved, by the exchange.
        kind: The exchange's word: the event's reason or the income type.
        source: How it was learned first.
        transaction: Key of the income row that confirmed it; empty while only an event told it.
        booked_at: Unix time at which it was booked.
    """

    asset: str
    amount: Decimal
    usd: Decimal
    time_ms: int
    kind: str
    source: FlowSource
    transaction: str = ""
    booked_at: float
