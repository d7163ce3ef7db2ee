"""The scenarios ``flash-crash``, ``deposit-withdraw`` and ``stream-outage``: events, figures and repeatability."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator.account import Account
from plimsoll_simulator.control.truth import truth
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.scenarios import play, prepare
from plimsoll_simulator.scenarios.flash_crash import level
from plimsoll_simulator.streams.hub import Subscriber
from plimsoll_simulator.streams.routes import plan
from plimsoll_simulator.world import SteppedClock, World

Events = list[tuple[str, dict]]


def played(scenario: str, seconds: int, seed: int = 1) -> tuple[World, Events]:
    """A world after some seconds of a scenario, and every event on the way."""
    clock, heard = SteppedClock(), []
    world = World(clock=clock, seed=seed)
    story = prepare(world, scenario)
    world.listeners.append(lambda name, event: heard.append((name, dict(event))))
    for second in range(1, seconds + 1):
        clock.advance(1)
        play(world, story, second)
    return world, heard


@pytest.mark.parametrize(
    ("scenario", "seconds"), [("flash-crash", 50), ("deposit-withdraw", 80), ("stream-outage", 60)]
)
def test_a_story_is_the_same_every_time(scenario: str, seconds: int):
    """One seed gives one story, event by event; another seed another one."""
    (one, events), (other, other_events) = played(scenario, seconds), played(scenario, seconds)
    assert truth(one) == truth(other)
    assert events == other_events
    assert truth(played(scenario, seconds, seed=2)[0]) != truth(one)


def orders(events: Events, account: str, prefix: str) -> list[dict]:
    """The order events of an account whose client id begins so."""
    rows = [event["o"] for name, event in events if name == account and event["e"] == "ORDER_TRADE_UPDATE"]
    return [row for row in rows if row["c"].startswith(prefix)]


def test_the_crash_falls_and_comes_half_way_back():
    """12 % down in six seconds, half of it back half a minute later."""
    assert [level(second) for second in (1, 10, 16, 46, 99)] == [1, 1, *map(Decimal, ("0.88", "0.94", "0.94"))]
    world, _ = played("flash-crash", 16)
    assert abs(world.market.quotes["BTCUSDT"].mark / 92000 - Decimal("0.88")) < Decimal("0.002")


@pytest.mark.parametrize(("name", "symbol"), [("source", "BTCUSDT"), ("live", "BNBUSDT")])
def test_stops_fill_past_their_triggers(name: str, symbol: str):
    """Each stop of a long triggers on the way down and fills up to 3 % below its trigger."""
    world, _ = played("flash-crash", 50)
    account = world.accounts[name]
    stop = next(each for each in account.algo_orders.values() if each.symbol == symbol)
    assert stop.status == "FINISHED"
    assert stop.trigger_price * Decimal("0.97") < stop.actual_price < stop.trigger_price * Decimal("0.999")
    assert not account.position(symbol).amount


def test_the_crash_liquidates_one_account():
    """``eon`` gets a margin call or not, is sold once by an autoclose order, and is left without position and debts."""
    world, events = played("flash-crash", 50)
    assert [row["x"] for row in orders(events, "eon", "autoclose-")] == ["NEW", "CALCULATED"]
    assert [event for name, event in events if name != "eon" and event["e"] == "MARGIN_CALL"] == []
    eon = world.accounts["eon"]
    assert (eon.open_positions(), eon.liquidating) == ([], False)
    assert 0 <= eon.wallets["USDT"] < 5000
    assert orders(events, "source", "autoclose-") == orders(events, "live", "autoclose-") == []


def test_the_crash_deleverages_the_winner():
    """Seven of the twelve ETH that ``source`` is short are taken at a gain."""
    world, events = played("flash-crash", 50)
    placed, done = orders(events, "source", "adl_autoclose")
    assert (placed["x"], done["x"], done["S"], done["z"]) == ("NEW", "CALCULATED", "BUY", "7.000")
    assert Decimal(done["rp"]) > 1500
    assert world.accounts["source"].position("ETHUSDT").amount == -5


def equity(world: World, account: Account) -> Decimal:
    """The account's margin balance now."""
    return account_figures(account, world.market).total.margin_balance


def test_half_the_equity_comes_and_goes():
    """A deposit of half makes one and a half, a withdrawal of half leaves half of that; with several assets too."""
    for name, paid_in, paid_out in (("source", 5, 15), ("eon", 25, 35)):
        sizes = []
        for second in (paid_in - 1, paid_in, paid_out - 1, paid_out):
            world, _ = played("deposit-withdraw", second)
            sizes.append(equity(world, world.accounts[name]))
        assert sizes[1] / sizes[0] == pytest.approx(Decimal("1.5"), abs=Decimal("0.01"))
        assert sizes[3] / sizes[2] == pytest.approx(Decimal("0.5"), abs=Decimal("0.01"))
    assert set(world.accounts["eon"].wallets) == {"USDT", "BTC"}


def test_transfers_tell_what_they_are():
    """Equal twins differ in their number alone; one has no event; a rejected withdrawal is told both ways."""
    world, events = played("deposit-withdraw", 80)
    rows = world.accounts["live"].income
    flows = [(row.type, int(row.amount)) for row in rows]
    assert flows == [
        ("TRANSFER", 250),
        ("TRANSFER", 250),
        ("TRANSFER", 1000),
        ("TRANSFER", -500),
        ("TRANSFER", 500),
        ("INTERNAL_TRANSFER", 300),
        ("COIN_SWAP_DEPOSIT", 120),
        ("COIN_SWAP_WITHDRAW", -120),
        ("WELCOME_BONUS", 10),
        ("COMMISSION_REBATE", 1),
    ]
    assert rows[0].time == rows[1].time
    assert rows[0].transaction_id != rows[1].transaction_id
    told = [event["a"] for name, event in events if name == "live" and event["e"] == "ACCOUNT_UPDATE"]
    assert [each["m"] for each in told] == [
        "DEPOSIT",
        "DEPOSIT",
        "WITHDRAW",
        "WITHDRAW_REJECT",
        "DEPOSIT",
        "COIN_SWAP_DEPOSIT",
        "COIN_SWAP_WITHDRAW",
        "ADMIN_DEPOSIT",
        "ADMIN_DEPOSIT",
    ]
    # The balance tells of the lost one: it is in the next event's wallet balance.
    assert Decimal(told[2]["B"][0]["wb"]) == Decimal(told[1]["B"][0]["wb"]) + 1000 - 500


def outages(seconds: int) -> dict[str, list[int]]:
    """In which seconds which streams are out of order, and when connections were cut."""
    world = World(clock=SteppedClock())
    story, found = prepare(world, "stream-outage"), {}
    exchange = Exchange(world)
    faults = exchange.stream_faults
    for second in range(1, seconds + 1):
        route = plan("/market/ws/btcusdt@markPrice", "")
        assert route is not None
        subscriber = Subscriber(route)
        exchange.hub.join(subscriber)
        play(world, story, second)
        story.disturb(exchange, second)
        state = {
            "live silent": faults.is_silent("live"),
            "market silent": faults.is_silent("market"),
            "late": faults.delay_of("source") > 0,
            "refused": faults.is_refused("eon"),
            "cut": subscriber.cut.is_set(),
        }
        exchange.hub.leave(subscriber)
        for name, on in state.items():
            if on:
                found.setdefault(name, []).append(second)
    return found


def test_streams_fail_in_turn_while_fills_go_on():
    """Cut, silent, late, refused: each in its time, and again two minutes later; fills happen in all of them."""
    assert outages(135) == {
        "cut": [10, 95, 130],
        "live silent": list(range(20, 35)),
        "market silent": list(range(45, 60)),
        "late": list(range(70, 85)),
        "refused": list(range(95, 110)),
    }
    world, _ = played("stream-outage", 119)
    assert sum(len(account.trades) for account in world.accounts.values()) == 17
