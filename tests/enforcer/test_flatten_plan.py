"""What is done next with what was read: cancels, closing orders, their order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from fake_rules import instrument
from fake_trader import BOTH, LONG, SHORT
from flatten_scenes import BTC, ETH, NOW, report, scene
from plimsoll.model.market import Grid
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionSide
from plimsoll_enforcer.flatten.closes import unsendable
from plimsoll_enforcer.flatten.ladder import FRESH, LADDER, Standing
from plimsoll_enforcer.flatten.plan import Act, Cancel, CancelKind, Memory, Retry, Scene, plan, wakes_at
from plimsoll_enforcer.flatten.reading import Reading
from plimsoll_enforcer.trading.port import OrderForm

BUY, SELL = Direction.BUY, Direction.SELL
MARKET, BAND, OPPONENT, MARK = LADDER
D = Decimal


def act(of: Scene, symbol: str = BTC) -> Act | None:
    """What is planned for a symbol."""
    return next((each for each in plan(of).acts if each.symbol == symbol), None)


def cancels(of: Scene, symbol: str = BTC) -> list[tuple[CancelKind, tuple[int, ...]]]:
    """The planned cancels of a symbol, with the ids of the orders that they are about."""
    found = act(of, symbol)
    rows = () if found is None else found.cancels
    return [(each.kind, tuple(order.order_id for order in each.orders)) for each in rows]


def pieces(of: Scene, symbol: str = BTC) -> list[tuple[str, str, OrderForm]]:
    """The planned closing orders of a symbol: direction, quantity, form."""
    found = act(of, symbol)
    return [
        (each.direction.value, f"{each.quantity.normalize():f}", each.form) for each in (found.pieces if found else ())
    ]


def remembering(standing: Standing, symbol: str = BTC, side: PositionSide = BOTH) -> Memory:
    """A memory of one leg."""
    return Memory(legs={(symbol, side): standing})


def plain(number: int = 1, symbol: str = BTC, **more: object) -> Order:
    """A plain order."""
    return builders.order(symbol, order_id=number, **more)  # type: ignore[arg-type]


def algo(number: int = 1, symbol: str = BTC, **more: object) -> Order:
    """A protective conditional order."""
    return builders.stop(symbol, order_id=number, **more)  # type: ignore[arg-type]


def test_nothing_there_nothing_to_do():
    """An empty account asks for nothing."""
    assert plan(scene()).acts == ()
    assert not plan(scene()).in_turn


def test_positions_close_against_their_side():
    """A long is sold, a short is bought, whole and at market."""
    both = scene(report(BTC, "1.5"), report(ETH, "-2"))
    assert pieces(both) == [("sell", "1.5", MARKET)]
    assert pieces(both, ETH) == [("buy", "2", MARKET)]


def test_largest_notional_comes_first():
    """Symbols are worked on by size."""
    planned = plan(scene(report(BTC, "1"), report(ETH, "-3")))
    assert [each.symbol for each in planned.acts] == [ETH, BTC]


def test_plain_orders_go_at_once():
    """Every plain order of every symbol is cancelled, protective ones too."""
    one = scene(report(), plain=(plain(1), plain(2, reduce_only=True), plain(3, ETH)))
    assert cancels(one) == [(CancelKind.PLAIN, (1, 2))]
    assert cancels(one, ETH) == [(CancelKind.PLAIN, (3,))]
    found = act(one)
    assert found is not None
    assert found.plain_orders


def test_protective_conditional_orders_stay_while_there_is_a_position():
    """Only those that could open go: neither reduce-only, nor closing all, nor on the hedge's closing side."""
    orders = (
        algo(1),
        algo(2, reduce_only=False),
        algo(3, reduce_only=False, close_position=True),
        algo(4, reduce_only=False, position_side=LONG, direction=SELL),
        algo(5, reduce_only=False, position_side=SHORT, direction=SELL),
    )
    assert cancels(scene(report(), algo=orders)) == [(CancelKind.ALGO_ONE, (2,)), (CancelKind.ALGO_ONE, (5,))]


def test_protective_orders_go_once_the_position_is_gone():
    """Without a position everything conditional is cancelled."""
    assert cancels(scene(algo=(algo(1), algo(2)))) == [(CancelKind.ALGO, (1, 2))]


def test_protective_orders_go_where_the_exchange_refuses_because_of_them():
    """After repeated conflicts they no longer stay."""
    memory = remembering(replace(FRESH, conflicts=2))
    assert cancels(scene(report(), algo=(algo(1),), memory=memory)) == [(CancelKind.ALGO, (1,))]


def test_without_positions_read_only_what_could_open_goes():
    """While nobody knows what is held, protection stays, and nothing is closed."""
    blind = scene(unread=True, algo=(algo(1), algo(2, reduce_only=False)), plain=(plain(3),))
    assert cancels(blind) == [(CancelKind.PLAIN, (3,)), (CancelKind.ALGO_ONE, (2,))]
    assert pieces(blind) == []


def test_orders_that_cannot_be_read_are_cancelled_unseen():
    """Plain ones of every symbol that was ever seen; conditional ones where nothing is left to protect."""
    memory = Memory(seen=frozenset({BTC, ETH}))
    blind = scene(report(), plain=None, algo=None, memory=memory)
    assert cancels(blind) == [(CancelKind.PLAIN, ())]
    assert cancels(blind, ETH) == [(CancelKind.PLAIN, ()), (CancelKind.ALGO, ())]
    assert pieces(blind) == [("sell", "1", MARKET)]


def test_failed_cancels_wait():
    """A cancel that failed is repeated when its time has come, and holds up no close."""
    waiting = {(BTC, book): Retry(failures=1, not_before=NOW + 1) for book in OrderBook}
    waits = scene(report(), plain=(plain(1),), algo=(algo(2, reduce_only=False),), memory=Memory(cancels=waiting))
    assert cancels(waits) == []
    assert pieces(waits) == [("sell", "1", MARKET)]
    assert wakes_at(waits) == NOW + 1
    assert wakes_at(replace(waits, busy=frozenset({BTC}))) is None


def test_after_two_failures_orders_go_one_by_one():
    """Where cancelling all of a symbol fails, each is cancelled by itself."""
    failing = Memory(cancels={(BTC, book): Retry(failures=2) for book in OrderBook})
    both = scene(plain=(plain(1),), algo=(algo(2), algo(3)), memory=failing)
    assert cancels(both) == [
        (CancelKind.PLAIN_ONE, (1,)),
        (CancelKind.ALGO_ONE, (2,)),
        (CancelKind.ALGO_ONE, (3,)),
    ]


def test_cancels_know_their_list():
    """Failures are counted for each list of a symbol by itself."""
    assert Cancel(kind=CancelKind.PLAIN_ONE, symbol=BTC).desk == (BTC, OrderBook.PLAIN)
    assert Cancel(kind=CancelKind.ALGO, symbol=BTC).desk == (BTC, OrderBook.ALGO)


def test_busy_symbols_are_left_alone():
    """What an earlier act still works on is not planned again."""
    assert act(scene(report(), plain=(plain(1),), busy=frozenset({BTC}))) is None


def test_a_leg_that_waits_is_left_out():
    """The other symbols go on without it."""
    waits = scene(report(BTC), report(ETH, "1"), memory=remembering(replace(FRESH, not_before=NOW + 5)))
    assert pieces(waits) == []
    assert pieces(waits, ETH) == [("sell", "1", MARKET)]
    assert wakes_at(waits) == NOW + 5


RESTING = replace(FRESH, form=MARK, resting="plim-1", not_before=NOW + 2)


def test_our_resting_order_is_spared_for_its_time():
    """It is neither cancelled nor doubled; what others have placed beside it goes one by one."""
    ours, other = plain(1, client_id="plim-1", reduce_only=True), plain(2)
    spared = scene(report(), plain=(ours, other), memory=remembering(RESTING))
    assert cancels(spared) == [(CancelKind.PLAIN_ONE, (2,))]
    assert pieces(spared) == []
    assert cancels(scene(report(), plain=(ours,), memory=remembering(RESTING))) == []
    assert cancels(scene(report(), plain=None, memory=remembering(RESTING))) == []


def test_our_resting_order_is_chased_when_its_time_is_over():
    """It is cancelled, and the first form comes again."""
    over = remembering(replace(RESTING, not_before=NOW))
    chased = scene(report(), plain=(plain(1, client_id="plim-1"),), memory=over)
    assert cancels(chased) == [(CancelKind.PLAIN, (1,))]
    assert pieces(chased) == [("sell", "1", MARKET)]


def test_our_resting_order_that_is_gone_is_not_waited_for():
    """Filled or cancelled by another: closing goes on; an old list of orders does not prove that."""
    assert pieces(scene(report(), memory=remembering(RESTING))) == [("sell", "1", MARKET)]
    assert pieces(scene(report(), memory=remembering(RESTING), fresh=False)) == []


def test_forms_and_their_prices():
    """Each rung carries the price that belongs to it."""
    for form, price in ((MARKET, None), (BAND, D("95.0")), (OPPONENT, None), (MARK, D("100.0"))):
        found = act(scene(report(), memory=remembering(replace(FRESH, form=form))))
        assert found is not None
        assert [(each.form, each.price) for each in found.pieces] == [(form, price)]


def test_forms_that_need_a_price_are_skipped_without_rules():
    """While the rules are unknown, the opponent's price and the market remain."""
    for form, instead in ((BAND, OPPONENT), (MARK, MARKET)):
        assert pieces(scene(report(), memory=remembering(replace(FRESH, form=form)), rules={})) == [
            ("sell", "1", instead)
        ]


def test_a_residual_under_the_least_market_order_is_a_limit_order():
    """It is not even tried at market."""
    coarse = replace(instrument(BTC), market_quantity=Grid(least=D(5), most=D(120), step=D("0.001")))
    assert pieces(scene(report(), rules={BTC: coarse})) == [("sell", "1", BAND)]
    assert pieces(scene(report(BTC, "6"), rules={BTC: coarse})) == [("sell", "6", MARKET)]


def test_only_one_order_rests():
    """At the mark price there is one order at a time, however large the position."""
    assert pieces(scene(report(BTC, "1500"), memory=remembering(replace(FRESH, form=MARK)))) == [("sell", "750", MARK)]


def test_large_positions_are_split():
    """No market order is larger than the exchange takes."""
    assert pieces(scene(report(BTC, "300"))) == [("sell", "100", MARKET)] * 3


def test_less_than_a_step_gives_no_order():
    """What no order can hold is not sent, and can be told."""
    dust = report(BTC, "0.0005")
    assert pieces(scene(dust)) == []
    assert unsendable(dust, instrument(BTC))
    assert not unsendable(dust, None)


def test_a_step_that_was_taught_too_coarse_is_forgotten():
    """Where the coarser step leaves nothing, the exchange's own holds."""
    memory = remembering(replace(FRESH, coarser=3))
    assert pieces(scene(report(BTC, "0.5"), memory=memory)) == [("sell", "0.5", MARKET)]


def test_short_of_margin_orders_are_smaller():
    """A share of the leg is sent at a time, not less than the least."""
    half = remembering(replace(FRESH, share=D("0.5"), in_turn=True, short=True))
    assert pieces(scene(report(), memory=half)) == [("sell", "0.5", MARKET)] * 2
    assert pieces(scene(report(BTC, "0.001"), memory=half)) == [("sell", "0.001", MARKET)]
    assert pieces(scene(report(), memory=half, rules={})) == [("sell", "0.5", MARKET)] * 2


def test_short_of_margin_what_frees_most_comes_first():
    """In turn, by the margin that each position gives back; what was refused itself comes last."""
    memory = remembering(replace(FRESH, in_turn=True, short=True), ETH)
    sol = replace(instrument("SOLUSDT"))
    planned = plan(
        scene(
            report(ETH, "100"),
            report(BTC, "10", margin="5"),
            report("SOLUSDT", "-1", isolated="50", pnl="-10"),
            memory=memory,
            rules={BTC: instrument(BTC), ETH: instrument(ETH), "SOLUSDT": sol},
        )
    )
    assert planned.in_turn
    assert [each.symbol for each in planned.acts] == ["SOLUSDT", BTC, ETH]


def test_a_hedged_pair_goes_turn_about():
    """The excess of one leg first, then a piece of each in turn."""
    hedged = scene(report(BTC, "3", side=LONG), report(BTC, "-1", side=SHORT))
    assert [(side, quantity) for side, quantity, _ in pieces(hedged)] == [
        ("sell", "2"),
        ("sell", "0.5"),
        ("buy", "0.5"),
        ("sell", "0.5"),
        ("buy", "0.5"),
    ]


def test_a_pair_with_a_leg_that_rests_goes_side_by_side():
    """An order that rests holds one piece of its leg; the other leg closes without waiting for it."""
    memory = remembering(replace(FRESH, form=MARK), side=LONG)
    hedged = scene(report(BTC, "3", side=LONG), report(BTC, "-1", side=SHORT), memory=memory)
    assert pieces(hedged) == [("sell", "3", MARK), ("buy", "1", MARKET)]


def test_a_pair_with_a_leg_that_waits():
    """The other leg closes alone."""
    memory = remembering(replace(FRESH, not_before=NOW + 9), side=LONG)
    hedged = scene(report(BTC, "3", side=LONG), report(BTC, "-1", side=SHORT), memory=memory)
    assert pieces(hedged) == [("buy", "1", MARKET)]


def test_nothing_waits_in_a_quiet_account():
    """Without waits there is nothing to wake for."""
    assert wakes_at(scene(report(), plain=(plain(1),))) is None


def test_readings_tell_what_is_known():
    """Clean means: read just now, all of it, and nothing there."""
    empty = Reading(positions=(), plain=(), algo=())
    assert empty.clean
    assert not Reading().clean
    assert not replace(empty, orders_fresh=False).clean
    assert not replace(empty, partly=True).clean
    partly = replace(empty, positions=(report(),), partly=True)
    assert partly.held(BTC) == (report(),)
    assert partly.held(ETH) is None
    assert partly.exposure is None
    assert Reading().exposure is None
    assert Reading(positions=(report(BTC, "-2"),)).exposure == 200
    carried = Reading(plain=(plain(1), plain(2)), algo=None).without(frozenset({plain(1).key}))
    assert carried.plain == (plain(2),)
    assert carried.algo is None
    assert not carried.orders_fresh
    both = Reading(plain=None, algo=(algo(1),)).without(frozenset())
    assert both.algo == (algo(1),)


amounts = st.decimals(min_value=-500, max_value=500, places=4).filter(bool)
standings = st.builds(
    Standing,
    form=st.sampled_from(LADDER),
    share=st.sampled_from([D(1), D("0.5"), D("0.0625")]),
    coarser=st.integers(0, 3),
    most=st.none() | st.decimals(min_value="0.5", max_value=10, places=1),
    conflicts=st.integers(0, 3),
)


@pytest.mark.parametrize("hedge", [False, True])
@given(long=amounts, short=amounts, standing=standings, known=st.booleans())
def test_a_plan_never_increases_nor_flips(
    hedge: bool,  # noqa: FBT001 - a parameter of the test
    long: Decimal,
    short: Decimal,
    standing: Standing,
    known: bool,  # noqa: FBT001 - a parameter of the test
):
    """Whatever is remembered, every piece closes its leg, and the pieces of a leg are together at most the leg."""
    legs = {LONG: abs(long), SHORT: -abs(short)} if hedge else {BOTH: long}
    memory = Memory(legs={(BTC, side): standing for side in legs})
    rows = [report(BTC, str(amount), side=side) for side, amount in legs.items()]
    found = act(scene(*rows, memory=memory, rules=None if known else {}))
    sent = dict.fromkeys(legs, D(0))
    for piece in found.pieces if found else ():
        side = piece.key[1]
        assert piece.direction is (SELL if legs[side] > 0 else BUY)
        assert piece.quantity > 0
        sent[side] += piece.quantity
    assert all(sent[side] <= abs(amount) for side, amount in legs.items())
