"""The scenarios: their figures and their repeatability."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from plimsoll_simulator.control.truth import truth
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.scenarios import SCENARIOS, play, prepare
from plimsoll_simulator.scenarios.scenario import UnknownScenario
from plimsoll_simulator.world import SteppedClock, World

_A_DAY_MS = 86_400_000


def played(scenario: str, seconds: int, seed: int = 1) -> tuple[World, list[tuple[str, object]]]:
    """A world after some seconds of a scenario, and every event on the way."""
    clock = SteppedClock()
    world, heard = World(clock=clock, seed=seed), []
    world.listeners.append(lambda account, event: heard.append((account, event)))
    story = prepare(world, scenario)
    for second in range(1, seconds + 1):
        clock.advance(1)
        story.step(world, second)
    return world, heard


def test_calm_plays_the_same_way_every_time():
    """Two runs with one seed are equal, in the end and event by event; another seed plays otherwise."""
    (one, events), (other, other_events) = played("calm", 500), played("calm", 500)
    assert truth(one) == truth(other)
    assert events == other_events
    assert len(events) > 30
    assert truth(played("calm", 500, seed=2)[0]) != truth(one)


def relative(content: object, began: int) -> object:
    """An event with its times counted from the beginning of the world."""
    if isinstance(content, Mapping):
        return {name: relative(value, began) for name, value in content.items()}
    if isinstance(content, list):
        return [relative(each, began) for each in content]
    return content - began if isinstance(content, int) and abs(content - began) < _A_DAY_MS else content


def at_hour(hour: float) -> list[object]:
    """Every event of some minutes of ``calm`` and of what the exchange does beside it, begun at an hour of the day."""
    clock = SteppedClock(now=1_795_132_800.0 + hour * 3600)
    world, heard = World(clock=clock, seed=3), []
    exchange, began = Exchange(world), world.time_ms()
    world.listeners.append(lambda account, event: heard.append((account, relative(event, began))))
    story = prepare(world, "calm")
    for second in range(1, 301):
        clock.advance(1)
        play(world, story, second)
        exchange.each_second(second)
    return heard


def test_the_hour_makes_no_difference():
    """One seed tells the same events in the same order whether or not the day's funding hours fall into the run."""
    assert at_hour(15.98) == at_hour(12) == at_hour(23.99)


def test_calm_stays_calm():
    """In an hour no price reaches a stop, positions stay what they were but for little, and accounts stay near."""
    world, _ = played("calm", 3600)
    for name, money in (("source", 400_000), ("eon", 50_000), ("live", 5_000)):
        account = world.accounts[name]
        total = account_figures(account, world.market).total
        assert abs(total.margin_balance / money - 1) < Decimal("0.03")
        for order in account.open_algo_orders():
            mark = world.market.quotes[order.symbol].mark
            assert mark > order.trigger_price if order.side == "SELL" else mark < order.trigger_price


def test_calm_leaves_every_position_covered():
    """Whatever is filled, no position is ever larger than its stop: a calm demo has nothing to warn of."""
    clock = SteppedClock()
    world = World(clock=clock, seed=1)
    story = prepare(world, "calm")
    for second in range(1, 601):
        clock.advance(1)
        story.step(world, second)
        for account in world.accounts.values():
            stops = {order.symbol: order.quantity for order in account.open_algo_orders()}
            for position in account.positions.values():
                assert abs(position.amount) <= stops[position.symbol], (second, account.name, position.symbol)


NOVEMBER = {
    "BNBUSDT": ("1966.73", "-20.67"),
    "BTCUSDT": ("1201.41", "-11.79"),
    "SOLUSDT": ("335.54", "-1.92"),
    "DOTUSDT": ("808.22", "5.72"),
}


def cents(value: object) -> Decimal:
    """Rounded as the record is."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_november_stops_is_the_record():
    """The account shows the figures of the incident to the digits given there, and stays so."""
    world, events = played("november-stops", 30)
    live = truth(world)["accounts"]["live"]
    totals = tuple(cents(live[name]) for name in ("wallet", "equity", "unrealized_pnl", "gross_exposure"))
    assert totals == (Decimal(5000), Decimal("4971.34"), Decimal("-28.66"), Decimal("4311.90"))
    found = {
        each["symbol"]: (str(cents(each["notional"].lstrip("-"))), str(cents(each["unrealized_pnl"])))
        for each in live["positions"]
    }
    assert found == NOVEMBER
    # The four conditional orders placed while the scene was set are all that ever happens.
    assert [event["e"] for _, event in events] == ["ALGO_UPDATE"] * 4


def test_november_stops_protects_three_of_four():
    """Three stops that only reduce, and a take-profit for DOT; the plain order list is empty."""
    world, _ = played("november-stops", 1)
    live = world.accounts["live"]
    orders = {order.symbol: (order.type, order.side, order.reduce_only) for order in live.open_algo_orders()}
    assert orders == {
        "BNBUSDT": ("STOP_MARKET", "BUY", True),
        "BTCUSDT": ("STOP_MARKET", "BUY", True),
        "SOLUSDT": ("STOP_MARKET", "BUY", True),
        "DOTUSDT": ("TAKE_PROFIT_MARKET", "SELL", False),
    }
    assert live.open_orders() == []
    for order in live.open_algo_orders():
        mark = world.market.quotes[order.symbol].mark
        assert mark < order.trigger_price


def test_november_stops_leaves_the_others_flat():
    """The world holds source and eon as well, without positions."""
    accounts = truth(played("november-stops", 1)[0])["accounts"]
    assert [(name, accounts[name]["equity"], accounts[name]["positions"]) for name in ("source", "eon")] == [
        ("source", "400000", []),
        ("eon", "50000", []),
    ]


def test_crowd_is_as_large_as_asked():
    """The option names accounts and positions."""
    world, _ = played("crowd:3x4", 2)
    assert list(world.accounts) == ["a001", "a002", "a003"]
    assert {len(account.open_positions()) for account in world.accounts.values()} == {4}


def test_crowd_says_what_its_option_looks_like():
    """An option that is no size, or asks for more positions than there are symbols, is answered with the form."""
    for option in ("axb", "0x1", "2x13"):
        with pytest.raises(UnknownScenario, match="ACCOUNTSxPOSITIONS with at most 12 positions"):
            prepare(World(clock=SteppedClock()), f"crowd:{option}")


@pytest.mark.parametrize("text", ["clam", "calm:fast", "crowd:many", "crowd:2x13", "november-stops:overrun"])
def test_an_unknown_scenario_or_option_lists_the_known_ones(text: str):
    """The message names what was asked for and what there is."""
    with pytest.raises(UnknownScenario) as refused:
        prepare(World(clock=SteppedClock()), text)
    name, _, option = text.partition(":")
    assert repr(option or name) in str(refused.value)
    assert option or all(known in str(refused.value) for known in SCENARIOS)
