"""What a fill does to a position: pure arithmetic, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.digits import SMALLEST, ZERO

TAKER_RATE = Decimal("0.0005")
MAKER_RATE = Decimal("0.0002")


def fee(quantity: Decimal, price: Decimal) -> Decimal:
    """What a taker pays for a fill, in the quote asset."""
    return (quantity * price * TAKER_RATE).quantize(SMALLEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A position after a fill: signed amount, entry price, and the profit that the fill realised (before fees)."""

    amount: Decimal
    entry: Decimal
    realised: Decimal


def fill(amount: Decimal, entry: Decimal, change: Decimal, price: Decimal) -> Filled:
    """Apply a signed ``change`` at ``price``: increase at the average, reduce at the old entry, or turn round."""
    after = amount + change
    if amount * change >= 0:
        average = ((amount * entry + change * price) / after).quantize(SMALLEST)
        return Filled(amount=after, entry=average, realised=ZERO)
    closed = min(abs(amount), abs(change)) * (1 if amount > 0 else -1)
    realised = (closed * (price - entry)).quantize(SMALLEST)
    if after == 0:
        return Filled(amount=ZERO, entry=ZERO, realised=realised)
    turned = amount * after < 0
    return Filled(amount=after, entry=price if turned else entry, realised=realised)


def isolated_wallet_after(wallet: Decimal, amount: Decimal, filled: Filled, price: Decimal, leverage: int) -> Decimal:
    """The money of an isolated position after a fill: more for what was added, its share for what was closed."""
    if filled.amount == 0:
        return ZERO
    if amount * filled.amount < 0:
        return abs(filled.amount) * price / leverage
    added = abs(filled.amount) - abs(amount)
    if added >= 0:
        return wallet + added * price / leverage
    return wallet * abs(filled.amount) / abs(amount)
