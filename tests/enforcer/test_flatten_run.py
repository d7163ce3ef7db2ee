"""The flattener against a made-up exchange, in a time of its own."""

from __future__ import annotations

from decimal import Decimal

from fake_trader import LONG, SHORT, FakeTrader
from fake_trader_faults import Fault, refusal, unknown
from memory_log import MemoryLog
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from virtual_time import VirtualClock, play

BUY, SELL = Direction.BUY, Direction.SELL


def flatten(trader: FakeTrader, log: MemoryLog | None = None) -> FlattenResult:
    """A whole run."""
    return play(Flattener(trader, trader, VirtualClock()).flatten(log or MemoryLog()))


def test_an_account_with_everything_ends_flat():
    """Positions, plain orders and both kinds of conditional orders are gone at the end."""
    trader = FakeTrader(round_trip=0.25)
    for number in range(5):
        symbol = f"S{number}USDT"
        trader.hold(symbol, "1.5" if number % 2 else "-2.5")
        trader.rest(symbol, BUY, "1")
        trader.stop(symbol, SELL, "1.5")
        trader.stop(symbol, BUY, "1", reduce_only=False)
    result = flatten(trader)
    assert trader.flat
    assert result.flat
    assert result.confirmed
    assert result.seconds_to_flat is not None
    assert result.seconds_to_flat <= 2.0
    assert result.orders_cancelled == 15
    assert trader.offences == []


def test_a_hedged_account_ends_flat():
    """Both legs are closed, each by its side."""
    trader = FakeTrader(hedge=True)
    trader.hold("BTCUSDT", "10", side=LONG)
    trader.hold("BTCUSDT", "-4", side=SHORT)
    result = flatten(trader)
    assert trader.flat
    assert [str(order.quantity) for order in trader.sent] == ["6", "2", "2", "2", "2"]
    assert [row.closed for row in result.positions] == [Decimal(10), Decimal(4)]


def test_an_unknown_execution_is_looked_up():
    """A 503 that says nothing leads to a look-up, not to a second order."""
    trader = FakeTrader(faults=[Fault(call="place", error=unknown(), executed=True)])
    trader.hold("BTCUSDT", "1")
    flatten(trader)
    assert trader.flat
    assert len(trader.sent) == 1


def test_the_ladder_is_climbed():
    """A market order that finds no price in the band becomes a limit order at its edge."""
    trader = FakeTrader(faults=[Fault(call="place", error=refusal(-4131))])
    trader.hold("BTCUSDT", "1")
    flatten(trader)
    assert trader.flat
    assert [order.form.value for order in trader.sent] == ["market", "limit-at-band"]
