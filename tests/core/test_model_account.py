"""What an account's values say of themselves, and what their constructors refuse."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from decimal import Decimal

import pytest

from plimsoll.model.account import Balance, Position
from plimsoll.model.terms import MarginMode, PositionSide, Side

LONG = Position(
    symbol="SOLUSDT",
    position_side=PositionSide.BOTH,
    amount=Decimal(40),
    entry_price=Decimal("182.4"),
    margin_mode=MarginMode.CROSS,
    margin_asset="USDT",
)


def test_a_long_position():
    """A positive amount is long."""
    assert (LONG.side, LONG.quantity, LONG.key) == (Side.LONG, 40, ("SOLUSDT", PositionSide.BOTH))


def test_a_short_position():
    """A negative amount is short, its quantity absolute, in one-way and in hedge mode."""
    for side in (PositionSide.BOTH, PositionSide.SHORT):
        short = replace(LONG, amount=Decimal("-1.5"), position_side=side)
        assert (short.side, short.quantity, short.key) == (Side.SHORT, Decimal("1.5"), ("SOLUSDT", side))


def test_defaults_of_a_position():
    """A position without further word is cross margined, with nothing set aside."""
    assert (LONG.isolated_wallet, LONG.updated_ms) == (0, 0)
    assert Balance(asset="USDT", wallet=Decimal(1), cross_wallet=Decimal(1)).updated_ms == 0


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("amount", Decimal(0), "position of zero"),
        ("amount", Decimal("-0.0"), "position of zero"),
        ("entry_price", Decimal(0), "entry price 0 is not above zero"),
        ("entry_price", Decimal(-1), "entry price -1 is not above zero"),
        ("position_side", PositionSide.SHORT, "amount 40 on the short side"),
    ],
)
def test_what_is_no_position_is_refused(field: str, value: object, fault: str):
    """Nothing held, no price or the wrong side: no position."""
    with pytest.raises(ValueError, match=f"SOLUSDT: .*{fault}"):
        replace(LONG, **{field: value})


def test_a_negative_amount_on_the_long_side_is_refused():
    """In hedge mode the sign of the amount agrees with the side."""
    with pytest.raises(ValueError, match="amount -40 on the long side"):
        replace(LONG, amount=Decimal(-40), position_side=PositionSide.LONG)


def test_values_cannot_be_changed():
    """A value, once made, stays."""
    with pytest.raises(FrozenInstanceError):
        LONG.amount = Decimal(1)  # type: ignore[misc]  # the very thing that must fail
