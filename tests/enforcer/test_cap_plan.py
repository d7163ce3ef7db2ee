"""What lowering a leverage setting binds: positions, resting orders, both legs of a hedge."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import order, position
from plimsoll.model.account import PositionReport, SymbolSettings, Wallet
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, MarginMode, OrderBook, PositionSide
from plimsoll_enforcer.button.cap_plan import Holdings, available_text, find_excesses, too_little_left

TRADABLE = {"BTCUSDT", "ETHUSDT", "ADAUSDT"}


def report(amount: str, side: PositionSide = PositionSide.BOTH, isolated: str | None = None) -> PositionReport:
    """A position in BTCUSDT at a mark of 100."""
    return PositionReport(
        position=position("BTCUSDT", amount, position_side=side, isolated_wallet=isolated),
        mark_price=Decimal(100),
        liquidation_price=None,
        maintenance_margin=Decimal(1),
        position_margin=Decimal(10),
        unrealized_pnl=Decimal(0),
    )


def at(**leverage: int) -> list[SymbolSettings]:
    """Settings by symbol."""
    return [
        SymbolSettings(symbol=symbol, leverage=setting, margin_mode=MarginMode.CROSS)
        for symbol, setting in leverage.items()
    ]


def buy(symbol: str, quantity: str, price: str) -> Order:
    """A resting buy."""
    return order(symbol=symbol, direction=Direction.BUY, quantity=quantity, price=price)


def test_only_what_is_above_the_cap_and_can_be_traded():
    """A setting at the cap is fine, and one of a contract that nobody can trade binds nobody."""
    found = find_excesses(
        5,
        at(BTCUSDT=20, ETHUSDT=5, ADAUSDT=6, GONEUSDT=50),
        Holdings(positions=(report("1"),), orders=()),
        tradable=TRADABLE,
    )
    assert [(one.symbol, one.flat, one.extra) for one in found] == [("ADAUSDT", True, 0), ("BTCUSDT", False, 15)]


@pytest.mark.parametrize(
    ("positions", "orders", "extra"),
    [
        ((report("-2"),), (), 20),
        ((), (buy("BTCUSDT", "1", "90"),), 9),
        ((report("1"),), (buy("BTCUSDT", "1", "90"),), 19),
        ((report("-1"),), (buy("BTCUSDT", "1", "90"),), 10),
        ((report("2", PositionSide.LONG), report("-1", PositionSide.SHORT)), (), 30),
    ],
)
def test_what_is_bound_besides(positions: tuple, orders: tuple, extra: int):
    """From 10 to 5 each row binds another tenth of the larger exposure that it could come to."""
    found = find_excesses(5, at(BTCUSDT=10), Holdings(positions=positions, orders=orders), tradable=TRADABLE)
    assert [(one.extra, one.flat, one.isolated) for one in found] == [(extra, False, False)]


def test_a_conditional_order_leaves_a_symbol_flat():
    """Conditional orders bind nothing before they trigger."""
    waiting = order(symbol="BTCUSDT", book=OrderBook.ALGO)
    found = find_excesses(5, at(BTCUSDT=10), Holdings(positions=(), orders=(waiting,)), tradable=TRADABLE)
    assert found[0].flat


def test_isolated_positions_are_marked():
    """The exchange refuses to lower a setting under one."""
    held = Holdings(positions=(report("1", isolated="30"),), orders=())
    assert find_excesses(5, at(BTCUSDT=10), held, tradable=TRADABLE)[0].isolated


def wallet(available: str, equity: str = "1000") -> Wallet:
    """A reading of the account."""
    return Wallet(
        balances=(),
        margin_balances={},
        margin_balance=Decimal(equity),
        initial_margin=Decimal(0),
        maintenance_margin=Decimal(0),
        available=Decimal(available),
    )


def test_a_tenth_must_stay():
    """Exactly a tenth is enough, a cent less is not."""
    assert not too_little_left(wallet("150"), Decimal(50))
    assert too_little_left(wallet("150"), Decimal("50.01"))


def test_the_balance_in_words():
    """With its part of the equity, where there is any equity."""
    assert (
        available_text(wallet("1234.5", "10000"), Decimal("34.5"))
        == "1,200.00 USD, 12.0% of the equity of 10,000.00 USD"
    )
    assert available_text(wallet("0", "0")) == "0.00 USD"
