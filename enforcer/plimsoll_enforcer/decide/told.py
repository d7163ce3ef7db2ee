"""``Told``: what the exporter's own interface says of a rule of an account.

It is compared with what an alert says and with the re-read, and weighed instead of an alert that is incomplete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One rule of an account as the exporter tells it now; of one that is not live, what it remembers.

    Attributes:
        live: The account is; else its equity is unknown, and neither breach nor unexplained money is told.
        equity_usd: ``None`` where it knows none.
        reference_usd: ``None`` before the rule has begun.
        reference_at: Unix time at which the reference was set; ``None`` where it does not say.
        flows_until: As in ``Claim``.
        unexplained: Money moved that nothing explains yet.
        breached: It holds the limit for crossed.
    """

    equity_usd: Decimal | None
    reference_usd: Decimal | None
    flows_until: float | None
    unexplained: bool
    breached: bool
    live: bool = True
    reference_at: float | None = None


def live_only(rules: Mapping[str, Told]) -> dict[str, Told]:
    """The rules of an account that is live; of another one, none."""
    return {name: told for name, told in rules.items() if told.live}
