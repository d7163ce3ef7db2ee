"""All figures together: the worked example of the facts sheet and both incidents, to the digits told there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from builders import order
from plimsoll.model.terms import Direction
from plimsoll.risk.assess import assess
from risk_examples import account_values, figures, november_stops, october_mirror, worked_example


def cents(value: Decimal | None) -> Decimal:
    """Rounded as the incident tables are."""
    assert value is not None
    return round(value, 2)


def test_worked_example_equals_what_the_exchange_tells() -> None:
    """Every number of the example's ``GET /fapi/v3/account`` comes out exactly."""
    account = assess(*worked_example())
    assert account.wallet == Decimal(8250)
    assert account.unrealized_pnl == Decimal("134.356")
    assert account.equity == Decimal("8384.356")
    assert account.initial_margin == Decimal("2704.0491")
    assert account.available == Decimal("5680.3069")
    assert account.maintenance_margin == Decimal("79.854684")
    assert account.gross_exposure == Decimal("19963.671")
    assert account.net_exposure == Decimal("7610.031")
    assert account.leverage is not None
    assert account.margin_ratio is not None
    assert (round(account.leverage, 3), round(account.margin_ratio, 4)) == (Decimal("2.381"), Decimal("0.0095"))


def test_worked_example_position_by_position() -> None:
    """Notional, PnL and maintenance margin of each position as the example's positionRisk has them."""
    rows = figures(*worked_example())
    assert [(row.notional, row.unrealized_pnl, row.maintenance_margin) for row in rows.values()] == [
        (Decimal("13786.851"), Decimal("100.776"), Decimal("55.147404")),
        (Decimal("6176.82"), Decimal("33.58"), Decimal("24.70728")),
    ]


@pytest.mark.parametrize(
    ("symbol", "notional", "pnl"),
    [
        ("BNBUSDT", "1966.73", "-20.67"),
        ("BTCUSDT", "1201.41", "-11.79"),
        ("SOLUSDT", "335.54", "-1.92"),
        ("DOTUSDT", "808.22", "5.72"),
    ],
)
def test_november_stops_position_table(symbol: str, notional: str, pnl: str) -> None:
    """The four positions show the notionals and losses of the incident."""
    row = figures(*november_stops())[symbol]
    assert (cents(row.notional), cents(row.unrealized_pnl)) == (Decimal(notional), Decimal(pnl))


def test_november_stops_account() -> None:
    """Equity 4,971.34, unrealised PnL -28.66, gross exposure 4,311.90."""
    account = assess(*november_stops())
    assert cents(account.equity) == Decimal("4971.34")
    assert cents(account.unrealized_pnl) == Decimal("-28.66")
    assert cents(account.gross_exposure) == Decimal("4311.90")


def test_october_mirror_after_three_fills() -> None:
    """3.4x in BTC, 1.7x in ETH, 5.1x in all; 42,500 bound, about 7,400 left: too little for the next entry's 14,167."""
    account = assess(*october_mirror())
    leverages = {row.symbol: row.leverage for row in account.symbols}
    assert account.initial_margin == 42_500
    assert account.available == Decimal("7372.5")
    assert {symbol: round(value or 0, 1) for symbol, value in leverages.items()} == {
        "BTCUSDT": Decimal("3.4"),
        "ETHUSDT": Decimal("1.7"),
    }
    assert account.leverage is not None
    assert round(account.leverage, 1) == Decimal("5.1")


@pytest.mark.parametrize(
    ("symbol", "direction", "quantity", "price", "more"),
    [
        ("BTCUSDT", Direction.BUY, "1", "85000", 14167),
        ("BTCUSDT", Direction.SELL, "5", "85000", 14167),
        ("ETHUSDT", Direction.SELL, "75", "3400", 14167),
        ("SOLUSDT", Direction.SELL, "607.142857", "140", 14167),
        ("BTCUSDT", Direction.SELL, "4", "85000", 0),
    ],
    ids=["entry", "oversized close of BTC", "oversized close of ETH", "hedge", "close of twice the position"],
)
def test_october_mirror_margin_of_each_refused_order(
    symbol: str, direction: Direction, quantity: str, price: str, more: int
) -> None:
    """Why the exchange refused: what each order needs beyond what is bound; a right close needs nothing."""
    account, prices = october_mirror()
    row = order(symbol, direction, quantity, price)
    before, after = assess(account, prices), assess(replace(account, orders={row.key: row}), prices)
    assert before.initial_margin is not None
    assert after.initial_margin is not None
    assert round(after.initial_margin - before.initial_margin) == more


def test_order_of_the_book_does_not_show() -> None:
    """Positions and symbols come sorted, so two books with the same rows give the same figures."""
    account, prices = november_stops()
    turned = replace(account, positions=dict(reversed(account.positions.items())))
    assert assess(turned, prices) == assess(account, prices)
    assert account_values(assess(account, prices))["net_exposure"] is not None
