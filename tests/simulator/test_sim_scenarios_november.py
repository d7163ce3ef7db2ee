"""The variants of ``november-stops``: what the simulator itself does in each, from the base table on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator.account import Account, AlgoOrder
from plimsoll_simulator.control.truth import truth
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.scenarios import play, prepare
from plimsoll_simulator.world import SteppedClock, World

Events = list[tuple[str, dict]]
Play = tuple[World, Account, Events]
EQUITY = Decimal("4971.34")


def played(option: str, seconds: int = 8) -> Play:
    """A world, its account ``live`` and every event, some seconds into a variant; the table is checked on the way."""
    clock = SteppedClock()
    world, heard = World(clock=clock), []
    story = prepare(world, f"november-stops:{option}")
    live = world.accounts["live"]
    world.listeners.append(lambda name, event: heard.append((name, dict(event))))
    for second in range(1, seconds + 1):
        clock.advance(1)
        play(world, story, second)
        if second < 5:
            assert account_figures(live, world.market).total.margin_balance.quantize(Decimal("0.01")) == EQUITY
            assert heard == []
    return world, live, heard


def stop(account: Account, symbol: str) -> AlgoOrder:
    """The newest conditional order of a symbol."""
    return [each for each in account.algo_orders.values() if each.symbol == symbol][-1]


def statuses(events: Events) -> list[str]:
    """What the algo events said."""
    return [event["o"]["X"] for _, event in events if event["e"] == "ALGO_UPDATE"]


def test_overrun_mark():
    """BTC's stop watches the last price, 93,300, below its trigger; the mark price is past it; nothing triggers."""
    world, live, events = played("overrun-mark")
    order, quote = stop(live, "BTCUSDT"), world.market.quotes["BTCUSDT"]
    assert (order.status, order.working_type) == ("NEW", "CONTRACT_PRICE")
    assert quote.last < order.trigger_price < quote.mark
    assert statuses(events) == ["CANCELED", "NEW"]
    assert len(live.open_positions()) == 4


def test_overrun_watched():
    """Both prices are past BTC's trigger and the order stays working, without an event."""
    world, live, events = played("overrun-watched")
    order, quote = stop(live, "BTCUSDT"), world.market.quotes["BTCUSDT"]
    assert order.status == "NEW"
    assert order.trigger_price == Decimal("93339.10") < min(quote.mark, quote.last)
    assert events == []


def test_gap():
    """BNB's stop triggers at the jump and fills at 921.00, 0.68 % past its trigger; the position is gone."""
    world, live, events = played("gap")
    order = stop(live, "BNBUSDT")
    assert (order.status, order.actual_price, order.actual_quantity) == ("FINISHED", 921, Decimal("2.17"))
    slippage = (order.actual_price / order.trigger_price - 1) * 100
    assert slippage.quantize(Decimal("0.01")) == Decimal("0.68")
    assert world.market.quotes["BNBUSDT"].mark == 921
    assert statuses(events) == ["TRIGGERING", "TRIGGERED", "FINISHED"]
    assert sorted(each.symbol for each in live.open_positions()) == ["BTCUSDT", "DOTUSDT", "SOLUSDT"]


def test_rejected():
    """BNB's stop triggers and the engine refuses it: no order, the position unprotected."""
    _, live, events = played("rejected")
    assert statuses(events) == ["TRIGGERING", "REJECTED"]
    assert events[-1][1]["o"]["rm"] == "Margin is insufficient."
    assert live.position("BNBUSDT").amount == Decimal("-2.17")
    assert live.open_algo_orders("BNBUSDT") == []


def test_partial():
    """The position is twice what the stop covers."""
    _, live, _ = played("partial")
    assert live.position("BNBUSDT").amount == Decimal("-4.34")
    assert stop(live, "BNBUSDT").quantity == Decimal("2.17")


def test_plain_stop():
    """The same stop stands in the old list once, and in the algo service no more; it binds no margin."""
    _, live, _ = played("plain-stop")
    (order,) = live.open_orders()
    assert (order.type, order.stop_price, order.quantity, order.reduce_only) == (
        "STOP_MARKET",
        Decimal("914.74"),
        Decimal("2.17"),
        True,
    )
    assert live.open_algo_orders("BNBUSDT") == []
    assert len(live.open_algo_orders()) == 3


def test_source_down():
    """From the fifth second on every read of the open conditional orders fails; nothing else does."""
    world = World(clock=SteppedClock())
    story, exchange = prepare(world, "november-stops:source-down"), Exchange(world)
    failed: list[bool] = []
    for second in range(1, 9):
        play(world, story, second)
        story.disturb(exchange, second)
        failed.append(exchange.rest_faults.take("GET", "/fapi/v1/openAlgoOrders", "live") is not None)
    assert failed == [False] * 4 + [True] * 4
    assert exchange.rest_faults.take("GET", "/fapi/v1/openOrders", "live") is None


@pytest.mark.parametrize("option", ["overrun-mark", "overrun-watched", "gap", "rejected", "partial", "plain-stop"])
def test_variants_play_the_same_way_every_time(option: str):
    """Two runs are equal, in the end and event by event."""
    (one, _, events), (other, _, other_events) = played(option), played(option)
    assert truth(one) == truth(other)
    assert events == other_events
