"""Every answer and event that the foreign clients get has the field names and JSON types of the published examples."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from foreign_absent import ABSENT, ABSENT_IN_EVENTS
from foreign_client import Ask, Outcome
from foreign_list import CALLS
from foreign_play import DISASTER, HAPPENINGS, Performance, perform
from foreign_scene import run_list
from foreign_sdk import METHODS
from payload_shapes import differences, example

# Answered by nothing, or of no published example.
_WITHOUT_EXAMPLE = {"ping", "close listen key", "aggregated trades"}
ANSWERED = {
    step.name: step
    for step in CALLS
    if isinstance(step, Ask) and step.refused is None and step.word not in _WITHOUT_EXAMPLE
}
# Slips of the machine that made the SDK's examples; its README names them.
_SLIPS = {
    "open algo orders": {"[].icebergQuantity: NoneType instead of str"},
    "all algo orders": {"[].icebergQuantity: NoneType instead of str"},
    "algo order": {".icebergQuantity: NoneType instead of str"},
    "place algo": {".icebergQuantity: NoneType instead of str"},
    "adl quantiles": {f"[].adlQuantile.{name}: only on one side" for name in ("LONG", "SHORT", "BOTH", "HEDGE")},
}
# The worked example of a call, where there is one; they are of the 2026-11 shape and have no slips.
_WORKED = {
    "place a bid": "rest_order_place_ack",
    "place at the market": "rest_order_place_result",
    "order filled": "rest_order_query_filled",
    "cancel": "rest_order_cancel",
    "cancel all": "rest_allOpenOrders_delete",
    "place several": "rest_batchOrders_mixed",
    "countdown": "rest_countdownCancelAll",
    "place algo a stop": "rest_algoOrder_place",
    "place algo that trails": "rest_algoOrder_place_trailing",
    "algo order triggered": "rest_algoOrder_query",
    "open algo orders after placing": "rest_openAlgoOrders",
    "all algo orders after a trigger": "rest_allAlgoOrders",
    "cancel algo": "rest_algoOrder_cancel",
    "cancel all algo": "rest_algoOpenOrders_delete",
    "set leverage": "rest_leverage_post",
    "set margin type": "rest_marginType_post",
    "open listen key": "rest_listenKey",
    "day tickers of one symbol": "rest_ticker_24hr",
    "exchange info": "rest_exchangeInfo_excerpt",
    "positions v2 isolated": "rest_positionRisk_v2_isolated",
    "positions v3": "rest_positionRisk_v3",
    "account v2": "rest_account_v2",
    "account v3": "rest_account_v3",
    "balances v3": "rest_balance_v3",
    "income": "rest_income",
    "trades": "rest_userTrades",
    "all orders": "rest_allOrders",
    "open orders": "rest_openOrders",
}
_EVENTS = {
    "ev_ACCOUNT_UPDATE_deposit": ("ACCOUNT_UPDATE", {"m": "DEPOSIT"}),
    "ev_ACCOUNT_UPDATE_order": ("ACCOUNT_UPDATE", {"m": "ORDER"}),
    "ev_ACCOUNT_UPDATE_funding_cross": ("ACCOUNT_UPDATE", {"m": "FUNDING_FEE"}),
    "ev_ORDER_TRADE_UPDATE_filled": ("ORDER_TRADE_UPDATE", {"X": "FILLED"}),
    "ev_TRADE_LITE": ("TRADE_LITE", {}),
    "ev_ALGO_UPDATE_new": ("ALGO_UPDATE", {"X": "NEW"}),
    "ev_ALGO_UPDATE_triggered": ("ALGO_UPDATE", {"X": "TRIGGERED"}),
    "ev_ALGO_UPDATE_finished": ("ALGO_UPDATE", {"X": "FINISHED"}),
    "ev_ALGO_UPDATE_rejected": ("ALGO_UPDATE", {"X": "REJECTED"}),
    "ev_ACCOUNT_CONFIG_UPDATE_leverage": ("ACCOUNT_CONFIG_UPDATE", {"s": "BTCUSDT"}),
    "ev_ACCOUNT_CONFIG_UPDATE_multi_assets": ("ACCOUNT_CONFIG_UPDATE", {"j": True}),
    "ev_MARGIN_CALL": ("MARGIN_CALL", {}),
    "ev_listenKeyExpired": ("listenKeyExpired", {}),
}


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, Mapping[str, Outcome]]:
    """What every call of the list came to."""
    return run_list(CALLS)


@pytest.fixture(scope="module")
def performance() -> Performance:
    """The play of events."""
    return perform(HAPPENINGS)


_DISASTERS = {
    "ev_ORDER_TRADE_UPDATE_liquidation": {"x": "CALCULATED", "o": "LIQUIDATION"},
    "ev_ORDER_TRADE_UPDATE_market_expired_er9": {"er": "9"},
}


@pytest.fixture(scope="module")
def disaster() -> Performance:
    """The play that ends badly."""
    return perform(DISASTER)


@pytest.mark.parametrize("name", sorted(_DISASTERS))
def test_a_disaster_has_the_shape_of_its_worked_example(disaster: Performance, name: str):
    """A liquidation and an order cut off have exactly the fields and JSON types of their examples."""
    wanted = example(f"worked-examples/{name}")
    found = [event for event in disaster.plain if event["e"] == "ORDER_TRADE_UPDATE" and _has(event, _DISASTERS[name])]
    assert found, "nothing to compare"
    assert differences(found[0], wanted) == []


def test_a_liquidated_order_has_the_shape_of_its_worked_example(disaster: Performance):
    """``forceOrders`` tells a liquidation with exactly the fields and JSON types of the example."""
    found, wanted = disaster.outcomes["liquidations after the disaster"], example("worked-examples/rest_forceOrders")
    assert found["python-binance"].plain, "nothing to compare"
    assert differences(found["python-binance"].plain, wanted) == []


def absent(paths: Mapping[str, str]) -> set[str]:
    """The differences that fields make which may lack."""
    return {f"{path}: only on one side" for path in paths}


def alike(found: object, wanted: object) -> tuple[object, object]:
    """A list and an object of it, as both may answer one call, are compared as lists."""
    both = isinstance(found, list), isinstance(wanted, list)
    return found if both[0] or not both[1] else [found], wanted if both[1] or not both[0] else [wanted]


# The samples have none of its own; its rows are those of the other.
_EXAMPLE_OF = {"continuous candles": "candles"}


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_an_answer_has_the_shape_of_the_official_example(outcomes: Mapping[str, Mapping[str, Outcome]], name: str):
    """The answer has the fields and JSON types of the SDK's own unit tests."""
    word = ANSWERED[name].word
    found, wanted = alike(
        outcomes[name]["python-binance"].plain,
        example(f"connector-python/usdm/rest/{METHODS[_EXAMPLE_OF.get(word, word)]}"),
    )
    allowed = absent(ABSENT.get(word, {})) | _SLIPS.get(word, set())
    if isinstance(found, list) and not isinstance(outcomes[name]["python-binance"].plain, list):
        allowed |= {f"[]{line}" for line in allowed}
    assert set(differences(found, wanted)) <= allowed


@pytest.mark.parametrize("name", sorted(_WORKED))
def test_an_answer_has_the_shape_of_its_worked_example(outcomes: Mapping[str, Mapping[str, Outcome]], name: str):
    """The answer has exactly the fields and JSON types of the worked example."""
    found, wanted = outcomes[name]["python-binance"].plain, example(f"worked-examples/{_WORKED[name]}")
    assert found, "nothing to compare"
    assert type(found) is type(wanted)
    assert differences(found, wanted) == []


@pytest.mark.parametrize("name", sorted(_EVENTS))
def test_an_event_has_the_shape_of_its_worked_example(performance: Performance, name: str):
    """The event has exactly the fields and JSON types of the worked example."""
    wanted = example(f"worked-examples/{name}")
    kind, mark = _EVENTS[name]
    found = [event for event in performance.plain if event["e"] == kind and _has(event, mark)]
    assert found, "nothing to compare"
    assert differences(found[0], wanted) == []


def _has(event: Mapping[str, object], mark: Mapping[str, object]) -> bool:
    body = next((event[name] for name in ("a", "o", "ac", "ai") if isinstance(event.get(name), dict)), {})
    return isinstance(body, dict) and mark.items() <= body.items()


def test_all_events_of_a_kind_have_one_shape(performance: Performance):
    """Whatever brings an event about, its fields are those of its kind."""
    shapes: dict[str, set[str]] = {}
    first: dict[str, object] = {}
    for event in performance.plain:
        kind = str(event["e"])
        lines = differences(event, first.setdefault(kind, event))
        shapes.setdefault(kind, set()).update(line for line in lines if line.endswith("only on one side"))
    strays = {kind: lines - absent(ABSENT_IN_EVENTS.get(kind, {})) for kind, lines in shapes.items()}
    assert {kind: lines for kind, lines in strays.items() if lines} == {}
