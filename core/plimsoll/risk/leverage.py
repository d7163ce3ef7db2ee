"""Effective leverage: how much is held on how much money.

This is what the market can do to the account, not the exchange's per-symbol leverage *setting*, which only says how
much margin an order binds.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.risk.unknown import share


def effective_leverage(exposure: Decimal | None, equity: Decimal | None) -> Decimal | None:
    """Gross exposure / equity, for the account, one symbol (both sides together) or one position.

    0 without exposure, whatever equity is; Infinity with exposure on equity at or below zero.
    """
    return share(exposure, equity)
