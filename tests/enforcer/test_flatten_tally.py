"""What a run counts: fills and their prices, what was cancelled, the weight it may read with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import builders
from fake_trader import BOTH
from flatten_scenes import BTC, ETH, report
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.budget import CAPACITY, FULL_WEIGHT, REFILL, Purse
from plimsoll_enforcer.flatten.ladder import FRESH
from plimsoll_enforcer.flatten.reading import Reading
from plimsoll_enforcer.flatten.tally import STILL_OPEN, Tally
from plimsoll_enforcer.trading.port import CloseOrder, Placed

D = Decimal
EMPTY = Reading(positions=(), plain=(), algo=())


def order(number: int, symbol: str = BTC, quantity: str = "1") -> CloseOrder:
    """A closing order."""
    return CloseOrder(
        symbol=symbol,
        position_side=BOTH,
        direction=Direction.SELL,
        quantity=D(quantity),
        client_id=f"plim-abcd1234-{number}",
    )


def placed(number: int, executed: str, price: str = "0") -> Placed:
    """What became of it."""
    return Placed(
        order_id=number,
        client_id=f"plim-abcd1234-{number}",
        symbol=BTC,
        status="FILLED",
        executed=D(executed),
        average_price=D(price),
    )


def test_a_row_for_each_leg_that_was_open():
    """Amount at the beginning, what we closed, at what average price, what is left and why."""
    tally = Tally()
    tally.saw((report(BTC, "3"), report(ETH, "-2")))
    tally.saw((report(BTC, "1"),))
    tally.closed(order(1), placed(1, "1", "100"))
    tally.closed(order(2), placed(2, "1", "104"))
    reading = replace(EMPTY, positions=(report(BTC, "1"),))
    standings = {(BTC, BOTH): replace(FRESH, why="margin is short")}
    result = tally.result(reading, standings, flat_after=None, confirmed=False)
    btc, eth = result.positions
    assert (btc.amount, btc.closed, btc.average_price, btc.left) == (3, 2, 102, 1)
    assert btc.why_left == "margin is short"
    assert (eth.amount, eth.closed, eth.average_price, eth.left, eth.why_left) == (-2, 0, None, 0, "")
    assert not result.flat
    assert result.residual_exposure_usd == 100


def test_what_an_earlier_life_closed_was_held_at_the_beginning():
    """A look-up at the start counts to the amount that there was before it."""
    tally = Tally()
    tally.closed(order(1), placed(1, "2", "100"))
    tally.saw((report(BTC, "1"),))
    assert tally.amounts[BTC, BOTH] == 3
    tally = Tally()
    tally.closed(order(1), placed(1, "2", "100"))
    tally.saw((report(BTC, "-1"),))
    assert tally.amounts[BTC, BOTH] == -3


def test_why_something_is_left_is_always_told():
    """Without a refusal it is simply not closed yet; without a reading of positions nobody knows."""
    tally = Tally()
    tally.saw((report(),))
    reading = replace(EMPTY, positions=(report(),))
    assert tally.result(reading, {}, flat_after=None, confirmed=False).positions[0].why_left == STILL_OPEN
    fresh = tally.result(reading, {(BTC, BOTH): FRESH}, flat_after=None, confirmed=False)
    assert fresh.positions[0].why_left == STILL_OPEN
    blind = tally.result(replace(EMPTY, positions=None), {}, flat_after=None, confirmed=False)
    assert blind.positions[0].left == 1
    assert "could not be read" in blind.positions[0].why_left
    assert blind.residual_exposure_usd is None
    partly = tally.result(replace(EMPTY, partly=True), {}, flat_after=None, confirmed=False)
    assert partly.positions[0].left == 1


def test_prices_that_came_later_count():
    """Orders without a price are asked for, and those that rested, whatever their answer said."""
    tally = Tally()
    tally.saw((report(BTC, "3"),))
    tally.closed(order(1), placed(1, "1", "100"))
    tally.closed(order(2), placed(2, "1"))
    tally.closed(order(3), placed(3, "0"))
    tally.closed(order(4), placed(4, "0"))
    tally.rested.add("plim-abcd1234-4")
    assert tally.unpriced() == ((BTC, "plim-abcd1234-2"), (BTC, "plim-abcd1234-4"))
    tally.priced("plim-abcd1234-2", placed(2, "1", "103"))
    tally.priced("plim-abcd1234-4", placed(4, "1"))
    row = tally.result(EMPTY, {}, flat_after=1.5, confirmed=True).positions[0]
    assert row.closed == 3
    assert row.average_price == D("101.5")
    tally.priced("plim-abcd1234-4", placed(4, "0"))
    assert tally.result(EMPTY, {}, flat_after=1.5, confirmed=True).positions[0].closed == 3


def test_flat_is_what_the_reading_said():
    """The result tells when, whether a second look agreed, and what was cancelled."""
    tally = Tally()
    tally.cancelled |= {builders.order(order_id=1).key, builders.stop(order_id=1).key}
    result = tally.result(EMPTY, {}, flat_after=0.25, confirmed=True)
    assert (result.flat, result.seconds_to_flat, result.confirmed) == (True, 0.25, True)
    assert (result.orders_cancelled, result.orders_left) == (2, 0)
    left = replace(EMPTY, plain=(builders.order(),))
    assert tally.result(left, {}, flat_after=None, confirmed=False).orders_left == 1


def test_the_purse_holds_a_few_whole_readings_and_fills_slowly():
    """A run may read at once what it needs; one that goes on for long reads at a rate."""
    purse = Purse(0.0)
    assert purse.affords(CAPACITY, 0.0)
    purse.spend(CAPACITY)
    assert not purse.affords(1, 0.0)
    assert purse.seconds_until(FULL_WEIGHT, 0.0) == FULL_WEIGHT / REFILL
    assert purse.affords(FULL_WEIGHT, FULL_WEIGHT / REFILL)
    assert purse.seconds_until(1, 10.0) == 0
    assert not purse.affords(CAPACITY + 1, 10**6)
