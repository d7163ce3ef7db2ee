"""What the red button prints, word by word."""

from __future__ import annotations

from decimal import Decimal

from builders import order, position, stop
from plimsoll.model.account import Position, PositionReport
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.button.tables import Plan, action_of, plan_text, result_text
from plimsoll_enforcer.flatten.result import Closed, FlattenResult


def report(held: Position, mark: str, pnl: str) -> PositionReport:
    """A position with what the exchange says of it."""
    return PositionReport(
        position=held,
        mark_price=Decimal(mark),
        liquidation_price=None,
        maintenance_margin=Decimal(1),
        position_margin=Decimal(1),
        unrealized_pnl=Decimal(pnl),
    )


def test_the_plan_names_each_position_largest_first_and_the_orders_by_symbol():
    """Side, quantity, prices, what it is worth, and with which side it is closed."""
    plan = Plan(
        account="eon",
        positions=(
            report(position("ETHUSDT", "-2.50", "2000"), "2100", "-250"),
            report(position("BTCUSDT", "0.300", "90000"), "91000", "300"),
        ),
        plain=(order(symbol="BTCUSDT"), order(symbol="BTCUSDT")),
        algo=(stop(symbol="ETHUSDT"),),
    )
    text = plan_text(plan)
    lines = [line for line in text.splitlines() if "USDT" in line and "orders" not in line]
    assert [line.split() for line in lines] == [
        ["BTCUSDT", "long", "0.3", "90000", "91000", "27,300.00", "300.00", "sell"],
        ["ETHUSDT", "short", "2.5", "2000", "2100", "5,250.00", "-250.00", "buy"],
    ]
    assert "Exposure: 32,550.00 USD in 2 position(s)" in text
    assert "Open plain orders: 2 (BTCUSDT 2)" in text
    assert "Open conditional orders: 1 (ETHUSDT 1)" in text
    assert "unknown" not in text


def test_an_empty_account_is_said_to_be_empty():
    """Nothing to close is told, and no table is shown."""
    plan = Plan(account="eon", positions=(), plain=(), algo=())
    assert plan.empty
    assert "There is no position and no order now." in plan_text(plan)


def test_what_could_not_be_read_is_never_shown_as_nothing():
    """Each unread part is told as unknown, with the exchange's reason."""
    plan = Plan(account="eon", positions=None, plain=(), algo=None, faults=("positions (no answer)",))
    text = plan_text(plan)
    assert not plan.empty
    assert "Positions: unknown; they are read again while closing." in text
    assert "Open conditional orders: unknown" in text
    assert "plain orders" not in text
    assert "Could not be read: positions (no answer)" in text
    assert "There is no position" not in text


def test_the_result_says_what_was_closed_at_what_price_and_that_it_is_flat():
    """A clean end names the time and the second look."""
    result = FlattenResult(
        flat=True,
        seconds_to_flat=0.42,
        confirmed=True,
        residual_exposure_usd=Decimal(0),
        positions=(
            Closed(
                symbol="BTCUSDT",
                position_side=PositionSide.BOTH,
                amount=Decimal("0.300"),
                closed=Decimal("0.300"),
                average_price=Decimal("90950.10"),
                left=Decimal(0),
            ),
            Closed(
                symbol="ETHUSDT",
                position_side=PositionSide.SHORT,
                amount=Decimal(-2),
                closed=Decimal(0),
                average_price=None,
                left=Decimal(0),
            ),
        ),
        orders_cancelled=3,
        orders_left=0,
    )
    lines = result_text("eon", result).splitlines()
    assert lines[1].split() == ["BTCUSDT", "long", "0.3", "0.3", "90950.1", "0"]
    assert lines[2].split() == ["ETHUSDT", "short", "2", "0", "-", "0"]
    assert "Orders cancelled: 3; orders left: 0" in lines
    assert lines[-1] == (
        "FLAT: account eon was read back without any position or order after 0.4 s, and a second look agreed."
    )


def test_a_result_that_is_not_flat_says_so_first_and_never_flat():
    """What is left is named, an exposure that could not be read is unknown."""
    left = Closed(
        symbol="BTCUSDT",
        position_side=PositionSide.BOTH,
        amount=Decimal(3),
        closed=Decimal(1),
        average_price=Decimal(100),
        left=Decimal(2),
        why_left="the market is closed (-4141)",
    )
    result = FlattenResult(
        flat=False,
        seconds_to_flat=None,
        confirmed=False,
        residual_exposure_usd=None,
        positions=(left,),
        orders_cancelled=0,
        orders_left=1,
    )
    text = result_text("eon", result)
    assert "the market is closed (-4141)" in text
    assert text.splitlines()[-1] == "NOT FLAT: account eon still holds something; exposure left: unknown."
    assert "\nFLAT" not in text


def test_a_direction_is_told_in_plain_words():
    """As a trader says it."""
    assert [action_of(Direction.SELL), action_of(Direction.BUY)] == ["sell", "buy"]
