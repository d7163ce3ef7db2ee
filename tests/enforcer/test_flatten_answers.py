"""What becomes of a flatten by the answers that its orders get, at a made-up exchange in a time of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fake_trader import BOTH
from fake_trader_faults import Fault, html, refusal, unavailable, unknown
from flatten_accounts import FOR_EVER, assert_flat, flatten, long
from memory_log import MemoryLog

D = Decimal


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("error", [unknown(), html(), refusal(-1007)])
def test_an_unknown_execution_is_looked_up(error: Exception, executed: bool):  # noqa: FBT001 - a parameter of the test
    """What arrived is not sent again; what did not is sent anew under another id, after several look-ups."""
    trader = long(Fault(call="place", error=error, executed=executed))  # type: ignore[arg-type]
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == (1 if executed else 2)
    assert trader.calls.count("find") == (1 if executed else 5)


def test_an_order_that_arrives_late_is_not_doubled():
    """An order that the exchange carries out a second later is found by then."""
    trader = long(Fault(call="place", late=1.0))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == 1


def test_when_nobody_can_tell_the_run_goes_on_and_asks_again_at_the_end():
    """Look-ups that fail hold a symbol up for a while only; the record gets its answer when it can be had."""
    log = MemoryLog()
    trader = long(
        Fault(call="place", error=unknown(), executed=True), Fault(call="find", error=unavailable(), times=11)
    )
    trader.hold("ETHUSDT", "3")
    assert_flat(trader, flatten(trader, log))
    assert log.unanswered() == ()
    stuck = MemoryLog()
    trader = long(
        Fault(call="place", error=unknown(), executed=True), Fault(call="find", error=unavailable(), times=FOR_EVER)
    )
    assert_flat(trader, flatten(trader, stuck))
    assert len(stuck.unanswered()) == 1


def test_a_duplicate_id_is_good_news():
    """-4116 says that the order exists: it is looked up."""
    trader = long(Fault(call="place", error=refusal(-4116), executed=True))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == 1


@pytest.mark.parametrize("executed", [True, False])
def test_an_unknown_code_is_looked_up_once(executed: bool):  # noqa: FBT001 - a parameter of the test
    """A refusal that nobody knows might not be one."""
    trader = long(Fault(call="place", error=refusal(-9999), executed=executed))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == (1 if executed else 2)


def test_the_whole_ladder_is_climbed():
    """Market, limit at the edge of the band, the opponent's price, at last a limit at the mark, that fills in time."""
    trader = long(*(Fault(call="place", error=refusal(code)) for code in (-4131, -4024, -5041)))
    log = MemoryLog()
    result = flatten(trader, log)
    assert_flat(trader, result)
    assert [order.form.value for order in trader.sent] == ["market", "limit-at-band", "limit-opponent", "limit-at-mark"]
    # It filled only after its answer, and is counted all the same.
    assert result.positions[0].closed == 1
    assert result.positions[0].average_price == 100


def test_a_resting_order_that_nobody_takes_is_chased():
    """After its time it is cancelled, and the first form comes again."""
    trader = long(*(Fault(call="place", error=refusal(code)) for code in (-4131, -4024, -5041)), rest_fills=None)
    assert_flat(trader, flatten(trader))
    assert [order.form.value for order in trader.sent][-2:] == ["limit-at-mark", "market"]


def test_a_partial_fill_is_followed_by_the_rest():
    """A market order that the exchange cut off (er 9) is followed by one for what is left."""
    trader = long(Fault(call="place", share=D("0.25")))
    assert_flat(trader, flatten(trader))
    assert [order.quantity for order in trader.sent] == [1, D("0.75")]


def test_protective_orders_that_stand_in_the_way_go():
    """They stay through the first refusal, and go after the second."""
    trader = long(algo_reserves={"BTCUSDT"})
    assert_flat(trader, flatten(trader))
    before = trader.calls[: trader.calls.index("cancel_algos")]
    assert before.count("place") == 2


def test_protective_orders_stay_until_the_position_is_gone():
    """Otherwise they are cancelled only after a reading that shows no position."""
    trader = long()
    held: list[Decimal] = []
    trader.meanwhile = lambda call: held.append(trader.amounts["BTCUSDT", BOTH]) if call == "cancel_algos" else None
    flatten(trader)
    assert held == [0]
    assert "cancel_algo" not in trader.calls


def test_margin_shortage_makes_smaller_orders_in_turn():
    """Halves go out where the whole was refused, one symbol at a time."""
    trader = long(Fault(call="place", error=refusal(-2019), times=2))
    trader.hold("ETHUSDT", "5")
    assert_flat(trader, flatten(trader))
    halves = [order.quantity for order in trader.sent[2:]]
    assert halves == [D("2.5"), D("2.5"), D("0.5"), D("0.5")]


@pytest.mark.parametrize("code", [-4061, -1106, -4062])
def test_a_changed_mode_is_read(code: int):
    """The settings are read for the record, and the order is built anew from the positions."""
    trader, log = long(Fault(call="place", error=refusal(code))), MemoryLog()
    assert_flat(trader, flatten(trader, log))
    assert ("read", "the position mode is one-way") in log.steps
    unreadable = long(
        Fault(call="place", error=refusal(code)), Fault(call="settings", error=unavailable(), times=FOR_EVER)
    )
    assert_flat(unreadable, flatten(unreadable))


def test_the_clock_is_measured_when_ours_is_off():
    """-1021 asks for it; a measure that fails is made again at the next refusal."""
    trader = long(Fault(call="place", error=refusal(-1021), times=3), Fault(call="measure_clock", error=unavailable()))
    assert_flat(trader, flatten(trader))
    assert "measure_clock" in trader.calls
