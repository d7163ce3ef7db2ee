"""``Told``: what the exporter's own interface says of a rule of an account.

It is compared with what an alert says and with the re-read, and weighed instead of an alert that is incomplete.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One rule of a live account as the exporter tells it now.

    Attributes:
        equity_usd: ``None`` where it knows none.
        reference_usd: ``None`` before the rule has begun.
        flows_until: As in ``Claim``.
        unexplained: Money moved that nothing explains yet.
        breached: It holds the limit for crossed.
    """

    equity_usd: Decimal | None
    reference_usd: Decimal | None
    flows_until: float | None
    unexplained: bool
    breached: bool
