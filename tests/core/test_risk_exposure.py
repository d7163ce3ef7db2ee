"""Exposure and effective leverage: gross, net, per position and per symbol, and their edge at zero equity."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, instrument, market, position
from plimsoll.model.account import Position
from plimsoll.model.terms import PositionSide, Side
from plimsoll.risk.assess import assess
from plimsoll.risk.leverage import effective_leverage
from plimsoll.risk.unknown import INFINITY

PRICES = {"BTCUSDT": "100", "ETHUSDT": "10"}


def hedge(long: str, short: str) -> list[Position]:
    """Both sides of BTCUSDT."""
    return [
        position("BTCUSDT", long, position_side=PositionSide.LONG),
        position("BTCUSDT", f"-{short}", position_side=PositionSide.SHORT),
    ]


def test_gross_adds_sizes_and_net_lets_sides_cancel() -> None:
    """A long of 500 and a short of 200 are 700 gross and 300 net."""
    account = assess(book([position(amount="5"), position("ETHUSDT", "-20", "10")]), market(PRICES))
    assert (account.gross_exposure, account.net_exposure) == (700, 300)
    assert account.leverage == Decimal("0.7")


def test_hedged_symbol_counts_both_sides_in_its_leverage() -> None:
    """Equal sides have no net exposure and the leverage of both together; each side has its own figures."""
    account = assess(book(hedge("10", "10"), hedge=True), market(PRICES))
    assert (account.gross_exposure, account.net_exposure) == (2000, 0)
    assert [(row.side, row.notional, row.leverage) for row in account.positions] == [
        (Side.LONG, 1000, 1),
        (Side.SHORT, 1000, 1),
    ]
    assert [(row.symbol, row.leverage, row.leverage_setting) for row in account.symbols] == [("BTCUSDT", 2, 10)]


@pytest.mark.parametrize(
    ("exposure", "equity", "expected"),
    [
        ("300", "100", Decimal(3)),
        ("0", "100", Decimal(0)),
        ("0", "0", Decimal(0)),
        ("0", "-5", Decimal(0)),
        ("0", None, Decimal(0)),
        ("1", "0", INFINITY),
        ("1", "-5", INFINITY),
        ("1", None, None),
        (None, "100", None),
        (None, "-1", None),
    ],
)
def test_leverage_table(exposure: str | None, equity: str | None, expected: Decimal | None) -> None:
    """Nothing held is 0 on any equity, anything held on none is infinite, unknown stays unknown."""
    held = None if exposure is None else Decimal(exposure)
    assert effective_leverage(held, None if equity is None else Decimal(equity)) == expected


def test_equity_at_or_below_zero_makes_every_leverage_infinite() -> None:
    """Account, symbol and position say so alike; what is available is then a share of 0."""
    account = assess(book([position(entry="200")], [balance(wallet="100")]), market())
    assert account.equity == 0
    assert (account.leverage, account.positions[0].leverage, account.symbols[0].leverage) == (INFINITY,) * 3
    assert account.available_ratio == 0


def test_flat_account_without_money_has_leverage_zero() -> None:
    """Nothing is held, so nothing is wrong: all zeroes, no infinity."""
    account = assess(book([], [balance(wallet="0")]), market())
    assert (account.leverage, account.margin_ratio, account.available_ratio) == (0, 0, 0)
    assert (account.gross_exposure, account.net_exposure, account.initial_margin) == (0, 0, 0)
    assert (account.positions, account.symbols) == ((), ())


def test_position_without_a_mark_is_unknown_and_so_is_what_sums_over_it() -> None:
    """The marked position keeps its own notional; whatever includes the unmarked one is unknown."""
    account = assess(book([position(), position("ETHUSDT")]), market({"BTCUSDT": "100"}))
    marked, unmarked = account.positions
    assert (marked.notional, marked.unrealized_pnl, marked.maintenance_margin) == (100, 0, Decimal("0.4"))
    assert (marked.leverage, marked.liquidation_price) == (None, None)
    assert {
        unmarked.mark_price,
        unmarked.notional,
        unmarked.unrealized_pnl,
        unmarked.leverage,
        unmarked.maintenance_margin,
        unmarked.liquidation_price,
        unmarked.liquidation_distance,
        account.equity,
        account.unrealized_pnl,
        account.gross_exposure,
        account.net_exposure,
        account.leverage,
        account.initial_margin,
        account.maintenance_margin,
        account.margin_ratio,
        account.available,
        account.available_ratio,
    } == {None}
    assert account.wallet == 1000


def test_symbol_without_an_instrument_is_valued_in_its_margin_asset() -> None:
    """A symbol listed a minute ago is not in the rules yet; its margin asset tells the currency."""
    account = assess(book([position()]), market(instruments=[]))
    assert account.gross_exposure == 100


def test_quote_asset_of_the_instrument_decides_the_currency() -> None:
    """A position settled in credits on a USDT symbol has its notional in USDT."""
    held = position(margin_asset="BNFCR")
    account = assess(book([held], [balance("BNFCR", "500")]), market(instruments=[instrument()]))
    assert (account.gross_exposure, account.equity) == (100, 500)
