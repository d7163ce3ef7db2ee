"""What a fill does to a position: pure arithmetic, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.digits import SMALLEST, ZERO

TAKER_RATE = Decimal("0.0005")
MAKER_RATE = Decimal("0.0002")
_FINEST = Decimal("1E-12")


def taker_fee(notional: Decimal) -> Decimal:
    """What a taker pays for a fill of an absolute ``notional``, in the quote asset."""
    return (notional * TAKER_RATE).quantize(SMALLEST)


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


def entry_fees_after(fees: Decimal, amount: Decimal, after: Decimal, paid: Decimal) -> Decimal:
    """The fees that opened what a position holds after a fill that cost ``paid``: more, or their share, or afresh."""
    if after == 0:
        return ZERO
    if amount * after < 0:
        return paid * abs(after) / (abs(after) + abs(amount))
    if abs(after) >= abs(amount):
        return fees + paid
    return fees * abs(after) / abs(amount)


def break_even(amount: Decimal, entry: Decimal, fees: Decimal) -> Decimal:
    """The price at which closing an ``amount``, free of charge, earns the fees of its entry back."""
    return (entry + fees / amount).quantize(_FINEST) if amount else ZERO


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
