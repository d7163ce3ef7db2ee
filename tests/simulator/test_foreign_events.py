"""The foreign clients' own streams hear the same user events, and hear them in the same order."""

from __future__ import annotations

import pytest

from foreign_absent import ABSENT_IN_EVENTS
from foreign_neutral import Neutral, differences, without_absent
from foreign_play import DISASTER, HAPPENINGS, Performance, perform
from foreign_scene import CLIENTS

KINDS = (
    "ACCOUNT_UPDATE",
    "ORDER_TRADE_UPDATE",
    "TRADE_LITE",
    "ALGO_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "STRATEGY_UPDATE",
    "GRID_UPDATE",
    "CONDITIONAL_ORDER_TRIGGER_REJECT",
    "listenKeyExpired",
)


@pytest.fixture(scope="module")
def performance() -> Performance:
    """The play, heard by all."""
    return perform(HAPPENINGS)


@pytest.fixture(scope="module")
def disaster() -> Performance:
    """The play that ends badly, heard by all."""
    return perform(DISASTER)


def kinds(events: list[Neutral]) -> list[Neutral]:
    """The types of events, in order."""
    return [event["e"] for event in events if isinstance(event, dict)]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_kind_of_event_is_heard(performance: Performance, client: str):
    """Each client hears every kind of user event; what the simulator never does is sent as it is."""
    assert set(KINDS) <= set(kinds(list(performance.heard[client])))


def test_nothing_is_refused_meanwhile(performance: Performance):
    """The calls of the play are carried out in all worlds."""
    assert [
        (name, each.raised) for name, of in performance.outcomes.items() for each in of.values() if each.raised
    ] == []


@pytest.fixture(params=["performance", "disaster"])
def play(request: pytest.FixtureRequest) -> Performance:
    """Either play."""
    found: Performance = request.getfixturevalue(request.param)
    return found


def test_python_binance_and_ccxt_hear_the_same(play: Performance):
    """Two clients that open the query form hear the same events in the same order."""
    assert differences(list(play.heard["python-binance"]), list(play.heard["ccxt"])) == []


def test_the_strict_models_hold_all_of_every_event(play: Performance):
    """What the SDK's models keep is the whole event: no field is dropped, none waited for in vain."""
    plain, models = list(play.heard["python-binance"]), list(play.heard["sdk"])
    assert kinds(plain) == kinds(models)
    assert play.unknown["sdk"] == set()
    for event, model in zip(plain, models, strict=True):
        kept, absent = without_absent(model, event)
        kind = kinds([event])[0]
        assert absent <= ABSENT_IN_EVENTS.get(str(kind), {}).keys(), event
        assert differences(event, kept) == []


def test_a_disaster_is_told_in_full(disaster: Performance):
    """Deleveraging, a cut-off order, the margin call, the end of orders and the liquidation are all told."""
    orders = [event["o"] for event in disaster.plain if event["e"] == "ORDER_TRADE_UPDATE"]
    assert {str(order["er"]) for order in orders} >= {"0", "5", "9"}
    assert any(order["c"].startswith("adl_autoclose") for order in orders)
    assert any(order["c"].startswith("autoclose-") and order["x"] == "CALCULATED" for order in orders)
    assert "MARGIN_CALL" in {event["e"] for event in disaster.plain}
