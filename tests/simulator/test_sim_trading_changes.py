"""Cancelling, changing, batches and countdowns of plain orders."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll_simulator.rest.order_writes import MOST_AMENDMENTS
from trading_desk import Desk

CHANGED = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.02", "price": "90500"}


@pytest.fixture
def desk() -> Desk:
    """A desk with 10,000 USDT."""
    return Desk()


@pytest.fixture
def resting(desk: Desk) -> dict:
    """A buy of 0.01 at 91,000 that rests, with the client id ``mine``."""
    placed = desk.order("BUY", "0.01", "91000", newClientOrderId="mine")
    desk.forget()
    return placed


@pytest.mark.parametrize("named", ["orderId", "origClientOrderId"])
def test_an_order_is_cancelled_by_number_or_client_id(desk: Desk, resting: dict, named: str):
    """The answer is the order as it ended, in the shape of a placed one; the event says CANCELED; margin is free."""
    number = resting["orderId"] if named == "orderId" else "mine"
    found = desk.call("DELETE", "order", symbol="BTCUSDT", **{named: number})
    assert (set(found), found["status"]) == (set(resting), "CANCELED")
    assert (desk.told(), desk.available()) == (["CANCELED CANCELED"], 10000)
    assert desk.code("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"]) == -2011


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"symbol": "BTCUSDT"}, -1102),
        ({"orderId": 1}, -1102),
        ({"symbol": "BTCUSDT", "orderId": "one"}, -1102),
        ({"symbol": "BTCUSDT", "orderId": 1}, -2011),
        ({"symbol": "ETHUSDT", "origClientOrderId": "mine"}, -2011),
    ],
)
def test_a_cancel_that_finds_nothing_is_refused(desk: Desk, resting: dict, params: dict, code: int):
    """Without an id, for another symbol, for an unknown number."""
    assert resting
    assert desk.code("DELETE", "order", **params) == code


def test_all_orders_of_a_symbol_are_cancelled_at_once(desk: Desk, resting: dict):
    """Other symbols stay; without any order the call succeeds as well."""
    assert resting
    other = desk.order("BUY", "0.1", "3000", symbol="ETHUSDT")
    done = {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert desk.call("DELETE", "allOpenOrders", symbol="BTCUSDT") == done
    assert [row["orderId"] for row in desk.call("GET", "openOrders")] == [other["orderId"]]
    assert desk.call("DELETE", "allOpenOrders", symbol="BTCUSDT") == done
    assert desk.code("DELETE", "allOpenOrders") == -1102


def test_a_countdown_cancels_unless_it_is_renewed(desk: Desk, resting: dict):
    """It runs per symbol, is renewed by the next call and ended by 0."""
    assert resting
    answer = desk.call("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=5000)
    assert answer == {"symbol": "BTCUSDT", "countdownTime": "5000"}
    desk.clock.advance(4)
    desk.exchange.each_second(1)
    desk.call("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=5000)
    desk.clock.advance(4)
    desk.exchange.each_second(2)
    assert desk.call("GET", "openOrders") != []
    desk.call("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=0)
    desk.clock.advance(60)
    desk.exchange.each_second(3)
    assert desk.call("GET", "openOrders") != []
    desk.call("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=1000)
    desk.clock.advance(1)
    desk.exchange.each_second(4)
    assert desk.call("GET", "openOrders") == []


@pytest.mark.parametrize("countdown", [None, "soon", "-5"])
def test_an_unreadable_countdown_is_refused(desk: Desk, countdown: str | None):
    """A countdown is a number of milliseconds."""
    assert desk.code("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=countdown) == -1102


def test_an_order_is_changed(desk: Desk, resting: dict):
    """Price and quantity change, the event says AMENDMENT with the caller's number, and the history remembers."""
    found = desk.call("PUT", "order", orderId=resting["orderId"], modifyId=7, **CHANGED)
    assert (found["origQty"], found["price"], found["status"]) == ("0.020", "90500.00", "NEW")
    assert set(found) == {*resting, "pair", "modifyId"}
    assert desk.told() == ["AMENDMENT NEW"]
    assert (desk.heard[0]["o"]["M"], desk.heard[0]["o"]["p"]) == (7, "90500")
    assert desk.available() == 10000 - Decimal("90.5")
    desk.call("PUT", "order", origClientOrderId="mine", **{**CHANGED, "price": "90400"})
    rows = desk.call("GET", "orderAmendment", symbol="BTCUSDT")
    assert [row["amendment"]["count"] for row in rows] == [2, 1]
    assert rows[1]["amendment"] == {
        "price": {"before": "91000", "after": "90500"},
        "origQty": {"before": "0.01", "after": "0.02"},
        "count": 1,
        "modifyId": 7,
    }
    assert desk.call("GET", "orderAmendment", symbol="BTCUSDT", orderId=1) == []
    assert len(desk.call("GET", "orderAmendment", symbol="BTCUSDT", origClientOrderId="mine")) == 2


def test_a_change_that_crosses_fills(desk: Desk, resting: dict):
    """The new price meets the book at once, as taker."""
    desk.call("PUT", "order", orderId=resting["orderId"], **{**CHANGED, "price": "92000.1"})
    assert desk.told() == ["AMENDMENT NEW", "TRADE_LITE", "ACCOUNT_UPDATE", "TRADE FILLED"]
    assert desk.amount() == Decimal("0.02")


def test_a_change_can_cancel(desk: Desk):
    """A quantity that is filled already cancels the order, and so does a post-only price that would take."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    partly = desk.order("BUY", "2", "92000.1")
    found = desk.call("PUT", "order", orderId=partly["orderId"], **{**CHANGED, "quantity": "1", "price": "92000"})
    assert (found["status"], found["executedQty"]) == ("CANCELED", "1.087")
    maker = desk.order("BUY", "0.01", "91000", timeInForce="GTX")
    found = desk.call("PUT", "order", orderId=maker["orderId"], **{**CHANGED, "price": "92000.1"})
    assert found["status"] == "CANCELED"


def test_a_change_follows_the_book(desk: Desk, resting: dict):
    """With a price match the price comes from the book."""
    params = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.02", "priceMatch": "QUEUE"}
    assert desk.call("PUT", "order", orderId=resting["orderId"], **params)["price"] == "92000.00"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"orderId": 1}, -2013),
        ({"orderId": None}, -1102),
        ({"side": "SELL"}, -1117),
        ({"quantity": None}, -1102),
        ({"price": None}, -1102),
        ({"price": "90500.001"}, -1111),
        ({"quantity": "0.001", "price": "90000"}, -5029),
        ({"quantity": "0.01", "price": "91000"}, -5027),
        ({"quantity": "3"}, -2019),
        ({"price": "97000"}, -4016),
        ({"reduceOnly": "true"}, -5047),
    ],
)
def test_a_wrong_change_is_refused(desk: Desk, resting: dict, changes: dict, code: int):
    """The order stays as it was."""
    assert desk.code("PUT", "order", **{**CHANGED, "orderId": resting["orderId"], **changes}) == code
    (order,) = desk.call("GET", "openOrders")
    assert (order["price"], order["origQty"], order["updateTime"]) == ("91000.00", "0.010", resting["updateTime"])


def test_changes_have_their_limits(desk: Desk, resting: dict):
    """Not without end, not while the symbol stands still, not for other types, not without a book to match."""
    order, symbol = desk.account.orders[resting["orderId"]], desk.world.market.symbols["BTCUSDT"]
    params = {**CHANGED, "orderId": resting["orderId"]}
    order.amendments = MOST_AMENDMENTS
    assert desk.code("PUT", "order", **params) == -5026
    desk.world.market.symbols["BTCUSDT"] = replace(symbol, status="SETTLING")
    assert desk.code("PUT", "order", **params) == -5024
    order.type = "STOP_MARKET"
    assert desk.code("PUT", "order", **params) == -5025
    depth = desk.world.market.depth("BTCUSDT")
    desk.world.market.depths["BTCUSDT"] = replace(depth, depth_usd=Decimal(0))
    assert desk.code("PUT", "order", **{**params, "price": None}, priceMatch="QUEUE") == -5041


def test_a_reduce_only_order_is_changed_within_the_position(desk: Desk):
    """A larger quantity is cut to the position, and the order does not stand in its own way."""
    desk.order("BUY", "0.05")
    placed = desk.order("SELL", "0.02", "93000", reduceOnly="true")
    params = {"symbol": "BTCUSDT", "side": "SELL", "orderId": placed["orderId"], "reduceOnly": "true"}
    assert desk.call("PUT", "order", quantity="0.1", price="93500", **params)["origQty"] == "0.050"


def batch(*orders: dict) -> str:
    """The parameter of a batch."""
    return json.dumps(list(orders))


LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "91000"}


def test_a_batch_answers_each_order_by_itself(desk: Desk):
    """An order or an error for each, in the order asked; numbers and truth values may be real ones."""
    found = desk.call(
        "POST",
        "batchOrders",
        batchOrders=batch(
            {**LIMIT, "quantity": "0.010"},
            {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": 0.01, "reduceOnly": True},
            {**LIMIT, "quantity": "3"},
            {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.01, "price": ""},
        ),
    )
    assert [row.get("code", row.get("status")) for row in found] == ["NEW", -2022, -2019, "NEW"]
    assert found[1] == {"code": -2022, "msg": "ReduceOnly Order is rejected."}
    assert desk.amount() == Decimal("0.01")


def test_a_batch_changes_each_order_by_itself(desk: Desk, resting: dict):
    """The same for changes."""
    rows = batch({**CHANGED, "orderId": resting["orderId"]}, {**CHANGED, "orderId": 1})
    found = desk.call("PUT", "batchOrders", batchOrders=rows)
    assert (found[0]["price"], found[1]["code"]) == ("90500.00", -2013)


def test_many_orders_are_cancelled_one_by_one(desk: Desk, resting: dict):
    """By numbers or by client ids, an error for each that is not there."""
    found = desk.call("DELETE", "batchOrders", symbol="BTCUSDT", orderIdList=f"[{resting['orderId']},5]")
    assert (found[0]["status"], found[1]) == ("CANCELED", {"code": -2011, "msg": "Unknown order sent."})
    desk.order("BUY", "0.01", "91000", newClientOrderId="again")
    found = desk.call("DELETE", "batchOrders", symbol="BTCUSDT", origClientOrderIdList='["again"]')
    assert [row["status"] for row in found] == ["CANCELED"]


@pytest.mark.parametrize("value", ["[]", "{}", '["BTCUSDT"]'])
def test_an_element_s_value_that_is_no_text_is_refused_by_itself(desk: Desk, value: str):
    """A list or object where a symbol should be is answered by an error of that element."""
    found = desk.call("POST", "batchOrders", batchOrders=f'[{{"symbol": {value}}}]')
    assert found == [{"code": -1121, "msg": "Invalid symbol."}]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("POST", {}, -1102),
        ("POST", {"batchOrders": "{"}, -1130),
        ("POST", {"batchOrders": "{}"}, -1130),
        ("POST", {"batchOrders": "[]"}, -4082),
        ("POST", {"batchOrders": "[{},{},{},{},{},{}]"}, -4082),
        ("PUT", {"batchOrders": "[]"}, -4082),
        ("DELETE", {"orderIdList": "[1]"}, -1102),
        ("DELETE", {"symbol": "BTCUSDT"}, -1102),
        ("DELETE", {"symbol": "BTCUSDT", "orderIdList": "[1,2,3,4,5,6,7,8,9,10,11]"}, -4082),
    ],
)
def test_a_wrong_batch_is_refused_whole(desk: Desk, method: str, params: dict, code: int):
    """No list, an empty one, too long a one."""
    assert desk.code(method, "batchOrders", **params) == code


def test_an_element_that_is_no_order_is_an_error_among_orders(desk: Desk):
    """Whatever stands in the list gets an answer."""
    assert [row["code"] for row in desk.call("POST", "batchOrders", batchOrders='[1, "x", {}]')] == [-1102] * 3
