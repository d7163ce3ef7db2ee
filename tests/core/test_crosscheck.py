"""Our maintenance margin and liquidation price against the exchange's, on the exchange's own marks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import builders
from plimsoll.model.account import Position, PositionReport, Wallet
from plimsoll.risk.assess import assess
from plimsoll.risk.crosscheck import crosscheck
from plimsoll.state.book import Book
from plimsoll.state.compare import Difference
from plimsoll.state.market import MarketState

POSITION = builders.position(amount="50")
BOOK = builders.book([POSITION])
MARKET = builders.market({"BTCUSDT": "77"})


def report(position: Position = POSITION, mark: str = "100", book: Book = BOOK) -> PositionReport:
    """What the exchange says when it agrees with us at that mark."""
    (figures,) = assess(book, builders.market({"BTCUSDT": mark})).positions
    return PositionReport(
        position=position,
        mark_price=Decimal(mark),
        liquidation_price=figures.liquidation_price,
        maintenance_margin=figures.maintenance_margin or Decimal(0),
        position_margin=abs(position.amount) * Decimal(mark) / book.leverage[position.symbol],
        unrealized_pnl=Decimal(0),
    )


def checked(book: Book, market: MarketState, reports: list[PositionReport], equity: str = "") -> tuple[Difference, ...]:
    """What the cross-check finds, with a wallet that agrees on equity unless another one is given."""
    marks = {
        item.position.symbol: builders.mark(item.position.symbol, str(item.mark_price))
        for item in reports
        if item.mark_price
    }
    agreed = assess(book, replace(market, marks={**market.marks, **marks})).equity or Decimal(0)
    wallet = Wallet(
        balances=tuple(book.balances.values()),
        margin_balances={"USDT": Decimal(equity) if equity else agreed},
        margin_balance=agreed,
        initial_margin=Decimal(0),
        maintenance_margin=Decimal(0),
        available=Decimal(0),
    )
    return crosscheck(book, market, wallet, reports)


def test_the_report_s_own_mark_is_taken():
    """An exchange that computes as we do agrees, though the stream's mark is another by now."""
    assert checked(BOOK, MARKET, [report()]) == ()


def test_figures_beyond_the_tolerance_differ():
    """Half a percent is rounding; more is a difference that names field, row and both values."""
    ours = report()
    theirs = replace(ours, maintenance_margin=ours.maintenance_margin * Decimal("1.02"))
    (margin,) = checked(BOOK, MARKET, [theirs])
    assert (margin.field, margin.key, margin.ours) == ("maintenance_margin", POSITION.key, "20.000")
    assert checked(BOOK, MARKET, [replace(ours, maintenance_margin=ours.maintenance_margin * Decimal("1.004"))]) == ()
    assert ours.liquidation_price is not None
    theirs = replace(ours, liquidation_price=ours.liquidation_price * Decimal("0.9"))
    assert [item.field for item in checked(BOOK, MARKET, [theirs])] == ["liquidation_price"]


def test_unknown_figures_are_not_compared():
    """Where one side tells nothing there is nothing to compare: no liquidation price, no table, no mark."""
    assert checked(BOOK, MARKET, [replace(report(), liquidation_price=None)]) == ()
    assert checked(replace(BOOK, brackets={}), MARKET, [report()]) == ()
    assert checked(BOOK, builders.market({}), [replace(report(), mark_price=Decimal(0))]) == ()


def test_a_late_report_is_not_compared():
    """Where book and report hold different amounts one of them is late: no figure is to blame."""
    assert checked(BOOK, MARKET, [report(replace(POSITION, amount=Decimal(40)))]) == ()
    assert checked(BOOK, MARKET, []) == ()


def test_a_margin_that_our_leverage_setting_does_not_give_is_a_difference():
    """The exchange binds notional / setting: another margin tells that a change of the setting was missed."""
    theirs = replace(report(), position_margin=report().position_margin * 2)
    (found,) = checked(BOOK, MARKET, [theirs])
    assert (found.field, found.key) == ("leverage", theirs.position.key)


def test_a_margin_that_is_not_told_is_not_compared():
    """A margin of zero is no margin; a symbol without a known setting has none to compare with."""
    assert checked(BOOK, MARKET, [replace(report(), position_margin=Decimal(0))]) == ()
    assert checked(replace(BOOK, leverage={}), MARKET, [report()]) == ()


def test_an_equity_that_the_exchange_does_not_see_is_a_difference():
    """Half a percent and a move of the price in between are allowed; more is a figure of ours that is wrong."""
    ours = assess(BOOK, builders.market({"BTCUSDT": "100"}))
    assert ours.equity is not None
    assert ours.gross_exposure is not None
    allowed = ours.equity * Decimal("0.005") + ours.gross_exposure * Decimal("0.002")
    assert checked(BOOK, MARKET, [report()], str(ours.equity + allowed * Decimal("0.99"))) == ()
    (found,) = checked(BOOK, MARKET, [report()], str(ours.equity + allowed * Decimal("1.1")))
    assert (found.field, found.key) == ("equity", "account")


def test_equity_in_multi_assets_mode_is_the_exchange_s_total():
    """There the exchange gives the sum in USD itself."""
    book = builders.book([POSITION], multi=True)
    wallet = Wallet(
        balances=tuple(book.balances.values()),
        margin_balances={},
        margin_balance=Decimal(1),
        initial_margin=Decimal(0),
        maintenance_margin=Decimal(0),
        available=Decimal(0),
    )
    found = crosscheck(book, MARKET, wallet, [report(book=book)])
    assert [item.field for item in found] == ["equity"]


def test_an_equity_that_is_not_known_is_not_compared():
    """Without the exchange's rules nobody can say which assets count."""
    unknown = replace(MARKET, margin_assets=frozenset())
    assert checked(BOOK, unknown, [report()], "7") == ()
