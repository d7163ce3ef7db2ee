"""What a ledger counter shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """What one ledger counter stands at, and when it was last counted (Unix time; ``None`` where never)."""

    value: Decimal = ZERO
    last_at: float | None = None
