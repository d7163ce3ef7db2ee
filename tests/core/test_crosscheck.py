"""Our maintenance margin and liquidation price against the exchange's, on the exchange's own marks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import builders
from plimsoll.model.account import Position, PositionReport
from plimsoll.risk.assess import assess
from plimsoll.risk.crosscheck import crosscheck
from plimsoll.state.book import Book

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


def test_the_report_s_own_mark_is_taken():
    """An exchange that computes as we do agrees, though the stream's mark is another by now."""
    assert crosscheck(BOOK, MARKET, [report()]) == ()


def test_figures_beyond_the_tolerance_differ():
    """Half a percent is rounding; more is a difference that names field, row and both values."""
    ours = report()
    theirs = replace(ours, maintenance_margin=ours.maintenance_margin * Decimal("1.02"))
    (margin,) = crosscheck(BOOK, MARKET, [theirs])
    assert (margin.field, margin.key, margin.ours) == ("maintenance_margin", POSITION.key, "20.000")
    assert (
        crosscheck(BOOK, MARKET, [replace(ours, maintenance_margin=ours.maintenance_margin * Decimal("1.004"))]) == ()
    )
    assert ours.liquidation_price is not None
    theirs = replace(ours, liquidation_price=ours.liquidation_price * Decimal("0.9"))
    assert [item.field for item in crosscheck(BOOK, MARKET, [theirs])] == ["liquidation_price"]


def test_unknown_figures_are_not_compared():
    """Where one side tells nothing there is nothing to compare: no liquidation price, no table, no mark."""
    assert crosscheck(BOOK, MARKET, [replace(report(), liquidation_price=None)]) == ()
    assert crosscheck(replace(BOOK, brackets={}), MARKET, [report()]) == ()
    assert crosscheck(BOOK, builders.market({}), [replace(report(), mark_price=Decimal(0))]) == ()


def test_a_late_report_is_not_compared():
    """Where book and report hold different amounts one of them is late: no figure is to blame."""
    assert crosscheck(BOOK, MARKET, [report(replace(POSITION, amount=Decimal(40)))]) == ()
    assert crosscheck(BOOK, MARKET, []) == ()


def test_a_margin_that_our_leverage_setting_does_not_give_is_a_difference():
    """The exchange binds notional / setting: another margin tells that a change of the setting was missed."""
    theirs = replace(report(), position_margin=report().position_margin * 2)
    (found,) = crosscheck(BOOK, MARKET, [theirs])
    assert (found.field, found.key) == ("leverage", theirs.position.key)


def test_a_margin_that_is_not_told_is_not_compared():
    """A margin of zero is no margin; a symbol without a known setting has none to compare with."""
    assert crosscheck(BOOK, MARKET, [replace(report(), position_margin=Decimal(0))]) == ()
    assert crosscheck(replace(BOOK, leverage={}), MARKET, [report()]) == ()
