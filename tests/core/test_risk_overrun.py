"""Whether a price has reached a stop that is still working."""

from __future__ import annotations

from decimal import Decimal

import pytest

import builders
from plimsoll.model.account import Position
from plimsoll.model.market import LastPrice
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PriceKind
from plimsoll.risk.assess import assess
from plimsoll.risk.overrun import Overrun, overrun

LONG = builders.position("BTCUSDT", "2", "100")
SHORT = builders.position("BTCUSDT", "-2", "100")


def passed(
    *orders: Order, mark: str | None = "100", last: str | None = None, position: Position = LONG, known: bool = True
) -> Overrun:
    """What has passed the stops of a position at a mark and a last price."""
    market = builders.market({} if mark is None else {"BTCUSDT": mark}, instruments=[builders.instrument()])
    lasts = {} if last is None else {"BTCUSDT": LastPrice(symbol="BTCUSDT", price=Decimal(last), time_ms=0)}
    figures = assess(builders.book([position], orders=orders if known else None), market)
    return overrun(figures.positions[0], figures.protection.positions[0], lasts)


@pytest.mark.parametrize(("mark", "reached"), [("90.01", False), ("90", True), ("89", True)])
def test_a_stop_of_a_long_is_reached_from_above(mark: str, *, reached: bool):
    """The exchange triggers at the price, not only beyond it."""
    stop = builders.stop(trigger="90", watches=PriceKind.MARK)
    assert passed(stop, mark=mark) == Overrun(watched=reached, mark=reached)


@pytest.mark.parametrize(("mark", "reached"), [("109.99", False), ("110", True), ("111", True)])
def test_a_stop_of_a_short_is_reached_from_below(mark: str, *, reached: bool):
    """Mirrored for a short."""
    stop = builders.stop(direction=Direction.BUY, trigger="110", watches=PriceKind.MARK)
    assert passed(stop, mark=mark, position=SHORT) == Overrun(watched=reached, mark=reached)


def test_the_mark_may_pass_a_stop_that_watches_the_last_price():
    """Liquidation follows the mark: that it passed is told apart from the watched price."""
    stop = builders.stop(trigger="90", watches=PriceKind.LAST)
    assert passed(stop, mark="89", last="91") == Overrun(watched=False, mark=True)
    assert passed(stop, mark="91", last="90") == Overrun(watched=True, mark=False)


def test_a_price_that_is_not_known_makes_the_answer_unknown():
    """Without the last price nobody knows whether a stop that watches it was reached."""
    stop = builders.stop(trigger="90", watches=PriceKind.LAST)
    assert passed(stop, mark="89") == Overrun(watched=None, mark=True)
    assert passed(stop, mark=None, last="89") == Overrun(watched=True, mark=None)


def test_one_stop_that_was_reached_settles_it():
    """A reached stop counts whatever is unknown of another."""
    marked = builders.stop(trigger="90", watches=PriceKind.MARK)
    blind = builders.stop(trigger="80", watches=PriceKind.LAST, order_id=2)
    assert passed(marked, blind, mark="89") == Overrun(watched=True, mark=True)
    assert passed(marked, blind, mark="95") == Overrun(watched=None, mark=False)


def test_where_there_is_no_stop_nothing_is_passed():
    """No stop, or a trailing one whose trigger is not told, is never overrun; unknown orders are unknown."""
    assert passed(mark="1") == Overrun(watched=False, mark=False)
    trailing = builders.order(type_="TRAILING_STOP_MARKET", direction=Direction.SELL)
    assert passed(trailing, mark="1") == Overrun(watched=False, mark=False)
    assert passed(mark="1", known=False) == Overrun(watched=None, mark=None)
