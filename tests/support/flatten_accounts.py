"""Accounts at the made-up exchange, and a flatten of them in a time of its own."""

from __future__ import annotations

from decimal import Decimal

from fake_trader import FakeTrader
from fake_trader_faults import Fault
from memory_log import MemoryLog
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from virtual_time import VirtualClock, play

BUY, SELL = Direction.BUY, Direction.SELL
D = Decimal
FOR_EVER = 10**9


def flatten(trader: FakeTrader, log: MemoryLog | None = None) -> FlattenResult:
    """A whole run; nobody may have been offended by it."""
    result = play(Flattener(trader, trader, VirtualClock()).flatten(log or MemoryLog()))
    assert trader.offences == []
    return result


def long(*faults: Fault, quantity: str = "1", **more: object) -> FakeTrader:
    """A long of BTCUSDT and its stop."""
    trader = FakeTrader(faults=list(faults), **more)  # type: ignore[arg-type]
    trader.hold("BTCUSDT", quantity)
    trader.stop("BTCUSDT", SELL, quantity)
    return trader


def assert_flat(trader: FakeTrader, result: FlattenResult) -> None:
    """Flat, by its own word and in truth."""
    assert trader.flat
    assert result.flat
    assert result.confirmed
    assert result.orders_left == 0
    assert result.residual_exposure_usd == 0
    assert {row.left for row in result.positions} <= {D(0)}
    assert {row.why_left for row in result.positions} <= {""}


def busy_account(round_trip: float) -> FakeTrader:
    """Five positions, each with a plain order, a stop, and a conditional order that could open."""
    trader = FakeTrader(round_trip=round_trip)
    for number in range(5):
        symbol = f"S{number}USDT"
        trader.hold(symbol, "1.5" if number % 2 else "-2.5")
        trader.rest(symbol, BUY, "1")
        trader.stop(symbol, SELL, "1.5")
        trader.stop(symbol, BUY, "1", reduce_only=False)
    return trader
