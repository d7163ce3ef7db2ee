"""The algo service: when conditional orders trigger and what becomes of them, event by event."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.algo.conditions import is_reached
from plimsoll_simulator.algo.faults import Rejection, Scope
from plimsoll_simulator.algo.following import release
from plimsoll_simulator.algo.placing import cancel, place
from plimsoll_simulator.algo.request import AlgoRequest
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.living import pass_second, wake
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.engine import amend, submit
from plimsoll_simulator.trading.engine import cancel as cancel_plain
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.world import SteppedClock, World

Heard = list[dict]


@pytest.fixture
def world() -> World:
    """A world that stands still, with an account that is long 0.1 BTC at 92,000."""
    world = World(clock=SteppedClock())
    account = world.add_account("a", {"USDT": Decimal(5000)})
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.1"), price=Decimal(92000))
    wake(world)
    return world


def stop(**changes: object) -> AlgoRequest:
    """A stop below the market that sells the position, changed as wanted."""
    fields: dict = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": Decimal("0.1"),
        "trigger_price": Decimal(90000),
        "reduce_only": True,
    }
    return AlgoRequest(**(fields | changes))


def story(events: Heard) -> list[str]:
    """Events in a word each."""
    names = {"ALGO_UPDATE": "X", "ORDER_TRADE_UPDATE": "X"}
    return [event["o"][names[event["e"]]] if event["e"] in names else event["e"] for event in events]


def algo(events: Heard) -> list[dict]:
    """The bodies of the algo events."""
    return [event["o"] for event in events if event["e"] == "ALGO_UPDATE"]


@pytest.mark.parametrize(
    ("kind", "side", "below", "at", "above"),
    [
        ("STOP_MARKET", "SELL", True, True, False),
        ("STOP", "BUY", False, True, True),
        ("TAKE_PROFIT", "SELL", False, True, True),
        ("TAKE_PROFIT_MARKET", "BUY", True, True, False),
    ],
)
def test_the_side_of_the_price_that_triggers(kind: str, side: str, below: bool, at: bool, above: bool):  # noqa: FBT001 - a table
    """Stops sell when the price falls to the trigger and buy when it rises; take-profits the other way round."""
    found = tuple(is_reached(kind, side, Decimal(100), Decimal(price)) for price in (99, 100, 101))
    assert found == (below, at, above)


def test_a_stop_runs_its_course(world: World, account: Account, heard: Heard):
    """NEW, then TRIGGERING and TRIGGERED, the order in the engine, and FINISHED with what it filled."""
    order = place(world, account, stop())
    world.market.set_price("BTCUSDT", Decimal(89990))
    told = story(heard)
    assert told[:4] == ["NEW", "TRIGGERING", "TRIGGERED", "NEW"]
    assert sorted(told[4:]) == sorted(["TRADE_LITE", "ACCOUNT_UPDATE", "FILLED", "FINISHED"])
    placed, triggering, triggered, finished = algo(heard)
    assert {"ap", "aq", "act"}.isdisjoint(placed | triggering)
    assert (triggering["ai"], triggered["act"], triggered["aq"]) == ("", "MARKET", "0")
    filled = next(event["o"] for event in heard if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "TRADE")
    assert str(filled["i"]) == triggered["ai"] == finished["ai"] == str(order.actual_order_id)
    assert (filled["ot"], filled["o"], filled["R"]) == ("STOP_MARKET", "MARKET", True)
    assert (finished["ap"], finished["aq"]) == ("89990", "0.100")
    assert finished["tt"] > 0
    assert account.open_positions() == []


@pytest.mark.parametrize(
    ("working", "prices"), [("MARK_PRICE", ("89990", "90010")), ("CONTRACT_PRICE", ("90010", "89990"))]
)
def test_a_stop_watches_its_own_price(world: World, account: Account, working: str, prices: tuple[str, str]):
    """The mark price or the last price alone decides."""
    order = place(world, account, stop(working_type=working))
    mark, last = map(Decimal, prices)
    world.market.set_price("BTCUSDT", last, mark)
    assert order.status == "NEW"
    world.market.set_price("BTCUSDT", mark, last)
    assert order.status == "FINISHED"


def test_a_stop_limit_that_is_skipped_rests(world: World, account: Account, heard: Heard):
    """The price jumps past the limit: the order stands as a limit order until somebody ends it, with nothing filled."""
    order = place(world, account, stop(type="STOP", price=Decimal(89900)))
    world.market.set_price("BTCUSDT", Decimal(89000))
    actual = account.orders[order.actual_order_id or 0]
    assert (order.status, actual.status, actual.type, actual.price) == ("TRIGGERED", "NEW", "LIMIT", 89900)
    cancel_plain(world, account, actual)
    assert (algo(heard)[-1]["X"], algo(heard)[-1]["aq"], algo(heard)[-1]["act"]) == ("FINISHED", "0", "LIMIT")


def test_a_trailing_stop_follows(world: World, account: Account, heard: Heard):
    """Activation is told by a second NEW; it triggers when the price comes back by the rate from its best."""
    order = place(
        world,
        account,
        stop(
            type="TRAILING_STOP_MARKET",
            trigger_price=Decimal(0),
            activate_price=Decimal(93000),
            callback_rate=Decimal(1),
        ),
    )
    for price in ("92500", "91000"):
        world.market.set_price("BTCUSDT", Decimal(price))
    assert [(each["X"], each["ia"]) for each in algo(heard)] == [("NEW", False)]
    for price in ("93100", "94000", "93061"):
        world.market.set_price("BTCUSDT", Decimal(price))
    assert [(each["X"], each["ia"]) for each in algo(heard)] == [("NEW", False), ("NEW", True)]
    world.market.set_price("BTCUSDT", Decimal(93060))
    assert order.status == "FINISHED"
    assert order.actual_price == 93060


def test_a_trailing_stop_without_activation_price_is_active_at_once(world: World, account: Account, heard: Heard):
    """It trails from the price of its placement."""
    place(world, account, stop(type="TRAILING_STOP_MARKET", trigger_price=Decimal(0), callback_rate=Decimal("0.5")))
    assert [each["ia"] for each in algo(heard)] == [False, True]
    world.market.set_price("BTCUSDT", Decimal(91540))
    assert account.open_positions() == []


def test_reduce_only_without_a_position_is_rejected(world: World, account: Account, heard: Heard):
    """Nothing reaches the order list; the algo event alone says why."""
    order = place(world, account, stop())
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.1"), event=False)
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert story(heard) == ["NEW", "TRIGGERING", "REJECTED"]
    last = algo(heard)[-1]
    assert (last["rm"], last["ai"], last["act"], last["aq"]) == ("Reduce Only reject", "", "0", "0")
    assert order.status == "REJECTED"


def test_margin_is_asked_for_at_the_trigger_alone(world: World, account: Account, heard: Heard):
    """An entry far beyond the margin is taken as a conditional order, and rejected when it triggers."""
    entry = stop(side="BUY", quantity=Decimal(5), trigger_price=Decimal(93000), reduce_only=False)
    place(world, account, entry)
    world.market.set_price("BTCUSDT", Decimal(93100))
    assert story(heard) == ["NEW", "TRIGGERING", "REJECTED"]
    assert algo(heard)[-1]["rm"] == "Margin is insufficient."


def test_a_closing_stop_takes_all_there_is(world: World, account: Account):
    """A closing stop closes what the position has become by then."""
    place(world, account, stop(quantity=Decimal(0), reduce_only=False, close_position=True))
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.05"))
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert account.open_positions() == []


def test_orders_that_live_with_a_position_end_with_it(world: World, account: Account, heard: Heard):
    """Closing stops expire when the position is gone; a limit order of theirs in the engine with reason 6."""
    place(world, account, stop(quantity=Decimal(0), reduce_only=False, close_position=True))
    limit = place(world, account, stop(type="STOP", price=Decimal(91500), trigger_price=Decimal(91000),
                                       time_in_force="GTE_GTC"))  # fmt: skip
    plain = place(world, account, stop(trigger_price=Decimal(80000)))
    world.market.set_price("BTCUSDT", Decimal(90900))
    assert limit.status == "TRIGGERED"
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.1"))
    expired = [each["tp"] for each in algo(heard) if each["X"] == "EXPIRED"]
    assert (expired, limit.status, plain.status) == (["90000"], "FINISHED", "NEW")
    assert account.orders[limit.actual_order_id or 0].status == "EXPIRED"


def test_price_protection_waits(world: World, account: Account):
    """While mark and last price are more than 5 % apart the order does not trigger."""
    order = place(world, account, stop(price_protect=True))
    world.market.set_price("BTCUSDT", Decimal(92000), Decimal(87000))
    assert order.status == "NEW"
    world.market.set_price("BTCUSDT", Decimal(89000), Decimal(88900))
    assert order.status == "FINISHED"


def test_a_date_ends_an_order(world: World, account: Account, heard: Heard):
    """A GTD order expires at its time."""
    place(world, account, stop(time_in_force="GTD", good_till=world.time_ms() + 700_000))
    pass_second(world)
    world.clock.advance(701)  # type: ignore[attr-defined] # a stepped clock
    pass_second(world)
    assert story(heard) == ["NEW", "EXPIRED"]


def test_faults_hold_reject_and_stall(world: World, account: Account, heard: Heard):
    """A held order stays NEW past its trigger; a stalled one hangs and cannot be cancelled; a rejection says why."""
    faults, scope = world.trigger_faults, Scope(account="a", symbol="BTCUSDT")
    faults.held.add(scope)
    order = place(world, account, stop())
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert order.status == "NEW"
    faults.stalled.add(scope)
    faults.held.clear()
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert story(heard) == ["NEW", "TRIGGERING"]
    with pytest.raises(Refused) as refused:
        cancel(world, account, order)
    assert refused.value.code == -4117
    faults.rejections.append(Rejection(scope=Scope(account="a", symbol=None), reason="No."))
    release(world, account, "BTCUSDT")
    assert algo(heard)[-1]["rm"] == "No."


def test_a_closing_stop_that_comes_too_late_has_nothing_to_reduce(world: World, account: Account, heard: Heard):
    """One that hung on its way while its position was closed is rejected like a reduce-only order without position."""
    world.trigger_faults.stalled.add(Scope(account="a", symbol=None))
    place(world, account, stop(quantity=Decimal(0), reduce_only=False, close_position=True))
    world.market.set_price("BTCUSDT", Decimal(89000))
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.1"), event=False)
    release(world, account, None)
    assert (algo(heard)[-1]["X"], algo(heard)[-1]["rm"]) == ("REJECTED", "Reduce Only reject")


def test_a_world_without_triggers(world: World, account: Account):
    """Switched off, no price triggers anything; switched on again, the next price does."""
    world.triggering = False
    order = place(world, account, stop())
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert order.working
    world.triggering = True
    world.market.set_price("BTCUSDT", Decimal(89000))
    assert not order.working


def test_an_end_without_event_is_noticed(world: World, account: Account):
    """An order in the engine that ended silently finishes its conditional order at the next second."""
    order: AlgoOrder = place(world, account, stop(type="STOP", price=Decimal(89900)))
    world.market.set_price("BTCUSDT", Decimal(89000))
    cancel_plain(world, account, account.orders[order.actual_order_id or 0], event=False)
    assert order.status == "TRIGGERED"
    pass_second(world)
    assert order.status == "FINISHED"


def test_a_triggered_stop_limit_binds_margin_while_it_rests(world: World, account: Account):
    """Skipped by the price it is a limit order like any other, when it rests and when it is amended."""
    place(world, account, stop(type="STOP", side="BUY", trigger_price=Decimal(92500), price=Decimal(92400),
                               reduce_only=False))  # fmt: skip
    bound = account_figures(account, world.market).total.order_margin
    assert bound == 0
    world.market.set_price("BTCUSDT", Decimal(92600))
    (resting,) = account.open_orders()
    assert (resting.type, resting.stop_price) == ("LIMIT", 92500)
    figures = account_figures(account, world.market)
    assert figures.positions["BTCUSDT", "BOTH"].bids == Decimal("9240.0")
    assert figures.total.order_margin == Decimal(462)
    account.wallets["USDT"] = Decimal(1150)
    amend(world, account, resting, Decimal("0.11"), Decimal(92400))
    with pytest.raises(Refused) as refused:
        amend(world, account, resting, Decimal("0.9"), Decimal(92400))
    assert refused.value.code == -2019


def test_a_waiting_stop_of_the_old_list_binds_no_margin(world: World, account: Account):
    """A conditional order that stands among the plain ones has not triggered, so it reserves nothing."""
    old = Order(order_id=0, client_id="", symbol="BTCUSDT", side="BUY", type="STOP", quantity=Decimal(1),
                price=Decimal(95000), stop_price=Decimal(94900))  # fmt: skip
    outside.rest_order(world, account, old)
    assert account_figures(account, world.market).total.order_margin == 0


def test_price_protection_is_kept_after_the_trigger(world: World, account: Account, heard: Heard):
    """The order in the engine tells that it came of a protected one."""
    place(world, account, stop(price_protect=True))
    world.market.set_price("BTCUSDT", Decimal(89990))
    orders = [event["o"]["pP"] for event in heard if event["e"] == "ORDER_TRADE_UPDATE"]
    assert orders == [True, True]
    assert list(account.orders.values())[-1].price_protect


@pytest.mark.parametrize("first", [True, False])
def test_stops_may_be_told_to_expire_before_the_close(world: World, account: Account, heard: Heard, first: bool):  # noqa: FBT001 - a test's parameter
    """With the option the stops of a position expire before the order that closes it is NEW; else after the fill."""
    account.stops_first = first
    for kind, trigger in (("STOP_MARKET", 90000), ("TAKE_PROFIT_MARKET", 95000)):
        place(world, account, stop(type=kind, trigger_price=Decimal(trigger), quantity=Decimal(0),
                                   reduce_only=False, close_position=True))  # fmt: skip
    place(world, account, stop(trigger_price=Decimal(89000)))
    del heard[:]
    close = OrderRequest(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=Decimal("0.1"), reduce_only=True)
    submit(world, account, close)
    told = story(heard)
    closing = ["NEW", "TRADE_LITE", "ACCOUNT_UPDATE"]
    both = ["EXPIRED"] * 2
    assert told == ([*both, *closing, "FILLED"] if first else [*closing, *both, "FILLED"])
    assert [order.trigger_price for order in account.open_algo_orders()] == [89000]


def test_a_partial_close_ends_no_stop_first(world: World, account: Account, heard: Heard):
    """What leaves some of the position leaves its stops; the stop that closes it does not end itself."""
    account.stops_first = True
    bound = place(world, account, stop(quantity=Decimal(0), reduce_only=False, close_position=True))
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.04"))
    assert bound.working
    del heard[:]
    world.market.set_price("BTCUSDT", Decimal(89990))
    assert story(heard) == ["TRIGGERING", "TRIGGERED", "NEW", "TRADE_LITE", "ACCOUNT_UPDATE", "FILLED", "FINISHED"]


def test_a_limit_order_that_came_of_a_bound_stop_ends_first_too(world: World, account: Account, heard: Heard):
    """A resting GTE order ends with reason 6 before the order that closes the position."""
    account.stops_first = True
    place(world, account, stop(type="STOP", price=Decimal(90500), time_in_force="GTE_GTC"))
    world.market.set_price("BTCUSDT", Decimal(89990))
    assert len(account.open_orders()) == 1
    del heard[:]
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.1"))
    assert (heard[0]["o"]["x"], heard[0]["o"]["er"]) == ("EXPIRED", "6")
    assert story(heard)[:3] == ["EXPIRED", "FINISHED", "NEW"]


def test_a_closing_stop_on_the_opening_side_has_no_position_to_close(world: World, account: Account):
    """In one-way mode closePosition on the side that would add is refused as if flat: -4509."""
    with pytest.raises(Refused) as refused:
        place(world, account, stop(side="BUY", trigger_price=Decimal(95000), quantity=Decimal(0), reduce_only=False,
                                   close_position=True))  # fmt: skip
    assert refused.value.code == -4509
