"""How positions are cut into orders, and on which prices those stand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from fake_rules import instrument
from plimsoll.model.market import ANY, Grid
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.pieces import MOST_PIECES, Bounds, Leg, band_price, bounds, cut, mark_price, pair
from plimsoll_enforcer.trading.port import OrderForm

BTC = instrument("BTCUSDT")
D = Decimal


def test_market_orders_have_bounds_of_their_own():
    """The narrower of LOT_SIZE and MARKET_LOT_SIZE binds a market order, LOT_SIZE alone any other."""
    coarse = replace(BTC, market_quantity=Grid(least=D("0.1"), most=D(120), step=D("0.01")))
    assert bounds(coarse, OrderForm.MARKET) == Bounds(least=D("0.1"), most=D(120), step=D("0.01"))
    assert bounds(coarse, OrderForm.LIMIT_AT_BAND) == Bounds(least=D("0.001"), most=D(1000), step=D("0.001"))


def test_without_rules_nothing_binds():
    """Unknown rules stop nobody: the whole position is one order."""
    assert bounds(None, OrderForm.MARKET) == Bounds()
    assert cut(D("1.23"), Bounds()) == (D("1.23"),)
    bare = replace(builders.instrument("BTCUSDT", step_size=None), quantity=ANY)
    assert bounds(bare, OrderForm.MARKET).step is None


def test_what_refusals_taught_binds():
    """A smaller order and a coarser step hold where the exchange asked for them."""
    assert bounds(BTC, OrderForm.MARKET, most=D(5)).most == 5
    assert bounds(BTC, OrderForm.MARKET, coarser=2).step == D("0.100")
    assert bounds(None, OrderForm.MARKET, coarser=1).step == D("1e-7")
    assert bounds(BTC, OrderForm.MARKET, coarser=3, most=D("0.5")).step == D("0.001")


@pytest.mark.parametrize(
    ("quantity", "within", "pieces"),
    [
        ("10", Bounds(most=D(4), step=D(1), least=D(1)), "4 3 3"),
        ("10", Bounds(most=D(5), step=D(1)), "5 5"),
        ("10.7", Bounds(step=D(1)), "10"),
        ("0.7", Bounds(step=D(1)), ""),
        ("0.5", Bounds(least=D(1), step=D("0.1")), "0.5"),
        ("10", Bounds(most=D(3)), "3 3 2 2"),
        ("10.0", Bounds(most=D(3)), "2.5 2.5 2.5 2.5"),
        ("1", Bounds(most=D("0.5")), "0.5 0.5"),
        ("10", Bounds(most=D("0.5"), step=D(1)), "10"),
    ],
)
def test_cut(quantity: str, within: Bounds, pieces: str):
    """Pieces are about equal, on the step, and never more than the whole."""
    assert cut(D(quantity), within) == tuple(D(piece) for piece in pieces.split())


def test_cut_at_least():
    """More pieces than needed where they are wanted and can be had."""
    assert cut(D(10), Bounds(step=D(1)), at_least=2) == (D(5), D(5))
    assert cut(D(1), Bounds(step=D(1)), at_least=2) == (D(1),)
    assert cut(D(3), Bounds(least=D(2), step=D(1)), at_least=2) == (D(3),)
    assert cut(D("3.0"), Bounds(), at_least=2) == (D("1.5"), D("1.5"))


def test_too_many_pieces_are_cut_short():
    """What would take too many orders is begun with, and read again in the middle."""
    pieces = cut(D(1000), Bounds(most=D(1), step=D(1)))
    assert len(pieces) == MOST_PIECES
    assert set(pieces) == {D(1)}


def test_a_pair_closes_its_excess_first():
    """The larger leg comes down to the smaller one, then both go turn about."""
    within = Bounds(most=D(120), step=D(1), least=D(1))
    rows = pair(Leg(quantity=D(4), within=within), Leg(quantity=D(10), within=within))
    assert rows == ((False, D(6)), (False, D(2)), (True, D(2)), (False, D(2)), (True, D(2)))


def test_a_pair_of_odd_legs():
    """Legs with bounds of their own have numbers of pieces of their own; each closes whole."""
    rows = pair(Leg(quantity=D(9), within=Bounds(most=D(3), step=D(1))), Leg(quantity=D(9), within=Bounds(step=D(1))))
    assert rows == ((False, D(5)), (True, D(3)), (False, D(4)), (True, D(3)), (True, D(3)))


sizes = st.decimals(min_value="0.001", max_value=5000, places=3)
grids = st.builds(
    Bounds,
    least=st.none() | st.just(D("0.001")),
    most=st.none() | st.decimals(min_value="0.5", max_value=500, places=1),
    step=st.none() | st.sampled_from([D("0.001"), D("0.1"), D("0.25")]),
)


@given(quantity=sizes, within=grids)
def test_pieces_never_hold_more_than_the_whole(quantity: Decimal, within: Bounds):
    """Whatever the bounds, pieces are above zero, within them, on the step, and together at most the whole."""
    pieces = cut(quantity, within)
    assert sum(pieces) <= quantity
    for piece in pieces:
        assert piece > 0
        assert within.most is None or piece <= within.most
        assert within.step is None or piece % within.step == 0
    if len(pieces) < MOST_PIECES:
        assert quantity - sum(pieces) < (within.step or D("1e-9"))


@given(long=sizes, short=sizes, of_long=grids, of_short=grids)
def test_a_pair_never_closes_more_than_it_holds(long: Decimal, short: Decimal, of_long: Bounds, of_short: Bounds):
    """Each leg's pieces are together at most the leg."""
    rows = pair(Leg(quantity=long, within=of_long), Leg(quantity=short, within=of_short))
    assert sum((piece for mine, piece in rows if mine), D(0)) <= long
    assert sum((piece for mine, piece in rows if not mine), D(0)) <= short


def test_band_edge_is_rounded_inwards():
    """A limit at the edge of the band stands on the tick, just inside."""
    assert band_price(BTC, Direction.SELL, D("99.99")) == D("95.0")
    assert band_price(BTC, Direction.BUY, D("99.99")) == D("104.9")


def test_mark_is_rounded_towards_the_taker():
    """A limit at the mark stands on the tick, on the side that is more easily filled."""
    assert mark_price(BTC, Direction.SELL, D("99.97")) == D("99.9")
    assert mark_price(BTC, Direction.BUY, D("99.91")) == D("100.0")


def test_prices_stay_within_the_price_filter():
    """A price is never below the least or above the greatest that the exchange takes."""
    narrow = replace(BTC, price=Grid(least=D(98), most=D(102)))
    assert band_price(narrow, Direction.SELL, D(100)) == 98
    assert band_price(narrow, Direction.BUY, D(100)) == 102
    open_ended = replace(BTC, price=ANY)
    assert band_price(open_ended, Direction.SELL, D(100)) == 95
    assert mark_price(open_ended, Direction.SELL, D("0.01")) is None


def test_without_rules_there_is_no_price():
    """An unknown tick or band gives none, rather than a guess."""
    no_tick, no_band = builders.instrument(tick_size=None), builders.instrument()
    for direction in Direction:
        assert band_price(None, direction, D(100)) is None
        assert band_price(no_tick, direction, D(100)) is None
        assert band_price(no_band, direction, D(100)) is None
        assert mark_price(None, direction, D(100)) is None
        assert mark_price(no_tick, direction, D(100)) is None
