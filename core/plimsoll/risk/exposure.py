"""How much is held: notionals, gross and net.

Notional of a position: N = amount x mark price, signed (short is negative), in quote units.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.risk.unknown import total


def signed_notional(position: Position, mark: Decimal | None) -> Decimal | None:
    """N = amount x mark price, in quote units; unknown without a mark."""
    return None if mark is None else position.amount * mark


def gross_exposure(notionals: Iterable[Decimal | None]) -> Decimal | None:
    """Sum of |N| over all positions, in USD: both sides of a hedge count."""
    return total([None if notional is None else abs(notional) for notional in notionals])


def net_exposure(notionals: Iterable[Decimal | None]) -> Decimal | None:
    """Sum of N over all positions, in USD: positive is long. It says something only where prices move together."""
    return total(notionals)
