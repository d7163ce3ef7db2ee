"""Maintenance margin by bracket and the margin ratio: worst of every pool and every isolated position."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, bracket, market, position, rate
from plimsoll.risk.assess import assess
from plimsoll.risk.brackets import bracket_at, maintenance_margin
from plimsoll.risk.unknown import INFINITY

TABLE = (
    bracket("0", "50000", maintenance_ratio="0.004"),
    bracket("50000", "600000", maintenance_ratio="0.005", deduction="50"),
    bracket("600000", "3000000", maintenance_ratio="0.0065", deduction="950"),
)


@pytest.mark.parametrize(
    ("notional", "expected"),
    [
        ("0", "0"),
        ("49999", "199.996"),
        ("50000", "200"),
        ("-50000", "200"),
        ("600000", "2950"),
        ("3000000", "18550"),
        ("4000000", "25050"),
    ],
)
def test_maintenance_margin_by_bracket(notional: str, expected: str) -> None:
    """The floor belongs to its bracket, the cap to the next; the last one holds beyond; shorts count alike."""
    assert maintenance_margin(TABLE, Decimal(notional)) == Decimal(expected)


def test_maintenance_margin_is_unknown_without_table_or_notional() -> None:
    """No brackets read yet, or no mark: unknown, not zero."""
    assert bracket_at((), Decimal(1)) is None
    assert maintenance_margin((), Decimal(1)) is None
    assert maintenance_margin(TABLE, None) is None


def test_missing_brackets_leave_everything_else_known() -> None:
    """Without the table maintenance, ratio and liquidation are unknown; exposure, equity and initial margin are not."""
    account = assess(book([position()], brackets={}), market())
    row = account.positions[0]
    assert (account.maintenance_margin, account.margin_ratio, row.maintenance_margin) == (None, None, None)
    assert (row.liquidation_price, row.liquidation_distance) == (None, None)
    assert (account.equity, account.leverage, account.initial_margin) == (1000, Decimal("0.1"), 10)


def test_cross_ratio_is_taken_for_each_margin_asset() -> None:
    """A loaded USDC wallet is not saved by a full USDT wallet."""
    held = [position("BTCUSDT"), position("ETHUSDC", "10", "100")]
    account = assess(
        book(held, [balance("USDT", "1000"), balance("USDC", "8")]), market({"BTCUSDT": "100", "ETHUSDC": "100"})
    )
    assert account.maintenance_margin == Decimal("4.4")
    assert account.margin_ratio == Decimal("0.5")


def test_multi_assets_ratio_is_maintenance_over_equity() -> None:
    """All assets back all positions."""
    held = [position("BTCUSDT"), position("ETHUSDC", "10", "100")]
    rows = [balance("USDT", "100"), balance("BTC", "1")]
    prices = market({"BTCUSDT": "100", "ETHUSDC": "100"}, rates=[rate("BTC", "120")])
    account = assess(book(held, rows, multi=True), prices)
    assert account.equity == 220
    assert account.margin_ratio == Decimal("0.02")


def test_isolated_position_stands_alone_and_the_worst_counts() -> None:
    """An isolated wallet of 8 against a maintenance margin of 4 is half gone, whatever the cross wallet holds."""
    held = [position("BTCUSDT", "10", "100", isolated_wallet="8"), position("ETHUSDT")]
    rows = [balance(wallet="1008", cross_wallet="1000")]
    account = assess(book(held, rows), market({"BTCUSDT": "100", "ETHUSDT": "100"}))
    assert account.margin_ratio == Decimal("0.5")
    worse_cross = [balance(wallet="8.5", cross_wallet="0.5")]
    assert assess(book(held, worse_cross), market({"BTCUSDT": "100", "ETHUSDT": "100"})).margin_ratio == Decimal("0.8")


@pytest.mark.parametrize("isolated", [None, "50"])
def test_ratio_on_a_balance_at_or_below_zero_is_infinite(isolated: str | None) -> None:
    """A loss as large as the money behind it leaves nothing to divide by."""
    held = position(entry="150", isolated_wallet=isolated)
    account = assess(book([held], [balance(wallet="50", cross_wallet="50" if isolated is None else "0")]), market())
    assert account.margin_ratio == INFINITY


def test_unmarked_isolated_position_makes_the_ratio_unknown() -> None:
    """The worst of several is unknown while one of them is."""
    held = [position(isolated_wallet="10"), position("ETHUSDT", isolated_wallet="10")]
    assert assess(book(held), market()).margin_ratio is None


def test_pool_without_money_or_balance_row_carries_zero() -> None:
    """A position may settle in an asset that the wallet has no row of: there is no money of it."""
    account = assess(book([position("ETHUSDC")]), market({"ETHUSDC": "100"}))
    assert account.margin_ratio == INFINITY
