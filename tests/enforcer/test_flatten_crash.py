"""A flatten killed between any two of its steps, and begun again with the same record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from fake_trader import BOTH, LONG, SHORT, FakeTrader
from fake_trader_faults import Fault, refusal, unknown
from memory_log import MemoryLog
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from virtual_time import VirtualClock, play, running, until

BUY, SELL = Direction.BUY, Direction.SELL
Scene = Callable[[], FakeTrader]


def one_position() -> FakeTrader:
    """A long and its stop."""
    trader = FakeTrader()
    trader.hold("BTCUSDT", "1")
    trader.stop("BTCUSDT", SELL, "1")
    return trader


def without_answer() -> FakeTrader:
    """A long whose close is carried out without an answer."""
    trader = one_position()
    trader.faults = [Fault(call="place", error=unknown(), executed=True)]
    return trader


def refused_first() -> FakeTrader:
    """A short with plain orders, whose first close is refused."""
    trader = FakeTrader(faults=[Fault(call="place", error=refusal(-4131))])
    trader.hold("BTCUSDT", "-2")
    trader.rest("BTCUSDT", BUY, "1")
    return trader


def hedged() -> FakeTrader:
    """Both legs of a pair, and another symbol with one."""
    trader = FakeTrader(hedge=True)
    trader.hold("BTCUSDT", "3", side=LONG)
    trader.hold("BTCUSDT", "-1", side=SHORT)
    trader.hold("ETHUSDT", "-5", side=SHORT)
    return trader


SCENES = (one_position, without_answer, refused_first, hedged)
ORDERS = {one_position: 1, without_answer: 1, refused_first: 2, hedged: 8}
"""Closing orders that each scene takes at most; a pair that is read again in the middle is cut anew."""


async def life(trader: FakeTrader, log: MemoryLog) -> FlattenResult:
    """One life of the program."""
    return await Flattener(trader, trader, VirtualClock()).flatten(log)


async def turns_of(trader: FakeTrader) -> int:
    """How many turns of the loop a whole life takes."""
    await life(trader, MemoryLog())
    return running().turns


async def killed(trader: FakeTrader, log: MemoryLog, turn: int) -> FlattenResult:
    """A life that ends at a turn, and one that goes on from there."""
    first = asyncio.ensure_future(life(trader, log))
    running().at_turn(turn, first.cancel)
    await asyncio.gather(first, return_exceptions=True)
    result = await life(trader, log)
    await trader.arrived()
    return result


@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_any_point(scene: Scene):
    """It goes on where it was: the account ends flat, and nothing is sent twice, whenever it was killed."""
    before = dict(scene().amounts)
    for turn in range(1, play(turns_of(scene()))):
        trader, log = scene(), MemoryLog()
        result = play(killed(trader, log, turn))
        assert result.confirmed, turn
        assert trader.flat, turn
        assert trader.offences == [], turn
        reached = [order for order in trader.sent if order.client_id in trader.placed]
        assert len(trader.sent) <= ORDERS[scene] + 1, turn
        for key, amount in before.items():
            mine = [order for order in reached if (order.symbol, order.position_side) == key]
            assert sum((order.quantity for order in mine), Decimal(0)) == abs(amount), turn
        assert log.unanswered() == (), turn


def test_an_earlier_order_that_did_arrive_is_found():
    """What an earlier life left without an answer is looked up before anything is sent for its symbol."""
    trader, log = one_position(), MemoryLog()

    async def both() -> FlattenResult:
        first = asyncio.ensure_future(life(trader, log))
        await until(lambda: bool(trader.placed))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        return await life(trader, log)

    result = play(both())
    assert len(trader.sent) == 1
    placed, _, _ = log.answers["plim-abcd1234-1"]
    assert placed is not None
    assert placed.executed == 1
    # Nothing was open any more when the second life looked first.
    assert result.positions == ()


def test_an_earlier_order_that_never_arrived_is_noted():
    """What an earlier life never got out is found absent, noted, and sent anew under another number."""
    trader, log = one_position(), MemoryLog()
    trader.told = {("BTCUSDT", BOTH): Decimal(1)}

    async def both() -> FlattenResult:
        first = asyncio.ensure_future(life(trader, log))
        await until(lambda: bool(log.sent))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        for arriving in list(trader._later):  # noqa: SLF001 - what was on its way is lost
            arriving.cancel()
        return await life(trader, log)

    assert play(both()).confirmed
    assert log.answers["plim-abcd1234-1"] == (None, "it never arrived", None)
    assert log.answers["plim-abcd1234-2"][0] is not None
    assert trader.flat
