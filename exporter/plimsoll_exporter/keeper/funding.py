"""Funding that events tell at once and the income history confirms: which of the two were told of one payment.

Each is kept by a key that says its asset, amount and time; the other source's is its partner when these agree. A pair
is used up, so that two equal payments are two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.risk.matching import NEAR_MS

FUNDING = "FUNDING_FEE"
"""Reason of the event, and type of the row."""

EVENT, ROW = "event", "row"
_PREFIX, _PAIRED = "funding", "paired"
_FIELDS = 5
"""Before the name: prefix, source, asset, amount, time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Funding:
    """One payment as one source tells it.

    Attributes:
        source: ``EVENT`` or ``ROW``.
        amount: In the asset; negative was paid.
        name: Tells it from equal ones of its time: the wallet after an event, the key of a row.
    """

    source: str
    asset: str
    amount: Decimal
    time_ms: int
    name: str

    @property
    def key(self) -> str:
        """What it counts by; the same event or row told again has the same."""
        return "|".join((_PREFIX, self.source, self.asset, _plain(self.amount), f"{self.time_ms}|{self.name}"))

    @property
    def paired(self) -> str:
        """The key that says that the other source told it too."""
        return f"{_PAIRED}|{self.key}"


def partner_of(funding: Funding, seen: Mapping[str, int]) -> Funding | None:
    """What the other source told of the same payment and is in no pair yet, the nearest in time within 10 s.

    Args:
        funding: New.
        seen: Times by key of all that was counted or paired.
    """
    other = ROW if funding.source == EVENT else EVENT
    start = "|".join((_PREFIX, other, funding.asset, _plain(funding.amount), ""))
    told = (
        Funding(
            source=other,
            asset=funding.asset,
            amount=funding.amount,
            time_ms=time_ms,
            name=key.split("|", _FIELDS)[-1],
        )
        for key, time_ms in seen.items()
        if key.startswith(start) and abs(time_ms - funding.time_ms) <= NEAR_MS
    )
    free = [one for one in told if one.paired not in seen]
    return min(free, key=lambda one: abs(one.time_ms - funding.time_ms), default=None)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
