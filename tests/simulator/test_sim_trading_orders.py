"""Placing orders: what is answered, what is told, what the history holds afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trading_desk import Desk

PLACED = {
    "clientOrderId",
    "cumQty",
    "executedQty",
    "orderId",
    "origQty",
    "price",
    "reduceOnly",
    "side",
    "positionSide",
    "status",
    "stopPrice",
    "closePosition",
    "symbol",
    "timeInForce",
    "type",
    "origType",
    "updateTime",
    "workingType",
    "priceProtect",
    "priceMatch",
    "selfTradePreventionMode",
    "goodTillDate",
}
FILL = ["TRADE_LITE", "ACCOUNT_UPDATE", "TRADE FILLED"]


@pytest.fixture
def desk() -> Desk:
    """A desk with 10,000 USDT."""
    return Desk()


def test_a_market_order_is_answered_in_the_shape_of_2026(desk: Desk):
    """The result has neither average price nor quote sum; those are read from the order."""
    found = desk.order("BUY", "0.010", newClientOrderId="bot-1")
    assert set(found) == PLACED
    assert (found["status"], found["executedQty"], found["cumQty"]) == ("FILLED", "0.010", "0.010")
    assert (found["price"], found["type"], found["timeInForce"]) == ("0.00", "MARKET", "GTC")
    read = desk.call("GET", "order", symbol="BTCUSDT", origClientOrderId="bot-1")
    assert (read["avgPrice"], read["cumQuote"], read["status"]) == ("92000.10", "920.00100", "FILLED")


def test_an_acknowledgement_knows_nothing_of_fills(desk: Desk):
    """ACK, the default, tells a filled market order as new."""
    found = desk.order("BUY", "0.010", newOrderRespType="ACK")
    assert (found["status"], found["executedQty"], found["cumQty"]) == ("NEW", "0.000", "0.000")
    assert desk.amount() == Decimal("0.010")


def test_a_result_of_a_good_till_cancelled_order_is_an_acknowledgement(desk: Desk):
    """Only orders that end at once are answered with their end."""
    assert desk.order("BUY", "0.010", "93000", newOrderRespType="RESULT")["status"] == "NEW"
    assert desk.amount() == Decimal("0.010")


def test_a_fill_is_told_in_the_exchange_s_order_with_matching_ids(desk: Desk):
    """NEW, TRADE_LITE, ACCOUNT_UPDATE, TRADE; the trade's number is in events, trades and income."""
    placed = desk.order("BUY", "0.010")
    assert desk.told() == ["NEW NEW", *FILL]
    lite, moved, fill = desk.heard[1:]
    assert (lite["i"], lite["t"], lite["L"]) == (placed["orderId"], fill["o"]["t"], "92000.10")
    assert (fill["o"]["n"], fill["o"]["N"], fill["o"]["m"], fill["o"]["L"]) == ("0.46000050", "USDT", False, "92000.1")
    assert moved["a"]["B"] == [{"a": "USDT", "wb": "9999.53999950", "cw": "9999.53999950", "bc": "0"}]
    (trade,) = desk.call("GET", "userTrades", symbol="BTCUSDT")
    assert (trade["id"], trade["orderId"], trade["maker"]) == (fill["o"]["t"], placed["orderId"], False)
    (row,) = desk.call("GET", "income")
    assert (row["incomeType"], row["income"], row["tradeId"]) == ("COMMISSION", "-0.46000050", str(trade["id"]))


def test_the_fill_may_be_told_before_the_account(desk: Desk):
    """Across event types the order is not promised: it can be turned round."""
    desk.account.order_events_first = True
    desk.order("BUY", "0.010")
    assert desk.told() == ["NEW NEW", "TRADE_LITE", "TRADE FILLED", "ACCOUNT_UPDATE"]


def test_a_large_order_walks_the_book(desk: Desk):
    """Every level is a trade of its own at a worse price; the last one fills the order."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    found = desk.order("BUY", "4")
    assert (found["status"], desk.told()[:5]) == (
        "FILLED",
        ["NEW NEW", "TRADE_LITE", "ACCOUNT_UPDATE", "TRADE PARTIALLY_FILLED", "TRADE_LITE"],
    )
    prices = [Decimal(row["price"]) for row in desk.call("GET", "userTrades", symbol="BTCUSDT")]
    assert prices == sorted(set(prices))
    assert len(prices) == 4
    average = Decimal(desk.call("GET", "order", symbol="BTCUSDT", orderId=found["orderId"])["avgPrice"])
    assert 0 < average / 92000 - 1 < Decimal("0.0003")


def test_a_resting_order_waits_for_its_price_and_pays_as_maker(desk: Desk):
    """It is told as new, binds margin, and fills at its own price once the price has come there."""
    placed = desk.order("BUY", "0.010", "91000")
    assert (placed["status"], desk.told()) == ("NEW", ["NEW NEW"])
    assert [row["orderId"] for row in desk.call("GET", "openOrders")] == [placed["orderId"]]
    assert desk.call("GET", "openOrder", symbol="BTCUSDT", orderId=placed["orderId"])["status"] == "NEW"
    assert desk.available() == 10000 - Decimal("45.5")
    desk.price("91500")
    assert desk.amount() == 0
    desk.price("90990")
    assert desk.told() == ["NEW NEW", *FILL]
    assert desk.heard[-1]["o"]["m"] is True
    (trade,) = desk.call("GET", "userTrades", symbol="BTCUSDT")
    assert (trade["price"], trade["commission"], trade["maker"]) == ("91000.00", "0.18200000", True)
    assert desk.code("GET", "openOrder", symbol="BTCUSDT", orderId=placed["orderId"]) == -2013


def test_a_resting_order_fills_no_further_than_the_book_goes(desk: Desk):
    """A price that just touches a large order fills one level of it; the rest waits for the next price."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    desk.order("SELL", "3", "92500")
    desk.price("92500")
    (order,) = desk.call("GET", "openOrders")
    assert (order["status"], order["executedQty"]) == ("PARTIALLY_FILLED", "1.082")
    desk.price("92510")
    assert desk.amount() == -3


def test_a_marketable_limit_order_takes_up_to_its_price_and_rests(desk: Desk):
    """What the book has up to the limit is taken at the book's prices, as taker; the remainder rests."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    desk.order("BUY", "2", "92000.1")
    (order,) = desk.call("GET", "openOrders")
    assert (order["executedQty"], order["status"]) == ("1.087", "PARTIALLY_FILLED")
    assert all(not row["maker"] for row in desk.call("GET", "userTrades", symbol="BTCUSDT"))


def test_immediate_or_cancel_expires_with_what_is_left(desk: Desk):
    """The remainder expires with reason 2, after the fills."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    found = desk.order("BUY", "2", "92000.1", timeInForce="IOC", newOrderRespType="RESULT")
    assert (found["status"], found["executedQty"]) == ("EXPIRED", "1.087")
    assert (desk.told()[-1], desk.heard[-1]["o"]["er"]) == ("EXPIRED EXPIRED", "2")
    untouched = desk.order("BUY", "0.01", "91000", timeInForce="IOC", newOrderRespType="RESULT")
    assert (untouched["status"], untouched["executedQty"]) == ("EXPIRED", "0.000")


def test_fill_or_kill_fills_whole_or_leaves_no_trace(desk: Desk):
    """A fillable one is filled; the other is refused and is not in the history."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    found = desk.order("BUY", "0.5", "92000.1", timeInForce="FOK", newOrderRespType="RESULT")
    assert found["status"] == "FILLED"
    assert desk.refused("BUY", "2", "92000.1", timeInForce="FOK") == -5021
    assert len(desk.call("GET", "allOrders", symbol="BTCUSDT")) == 1


def test_post_only_rests_or_is_refused(desk: Desk):
    """An order that would take is refused; one that waits is a maker's."""
    assert desk.refused("BUY", "0.01", "92000.1", timeInForce="GTX") == -5022
    assert desk.order("BUY", "0.01", "92000", timeInForce="GTX")["timeInForce"] == "GTX"


def test_a_dated_order_ends_by_itself(desk: Desk):
    """A good-till-date order expires at its second, at the next beat of the exchange."""
    till = desk.world.time_ms() + 700_123
    placed = desk.order("BUY", "0.01", "91000", timeInForce="GTD", goodTillDate=till)
    assert placed["goodTillDate"] == till // 1000 * 1000
    desk.clock.advance(699)
    desk.exchange.each_second(1)
    assert desk.call("GET", "openOrders") != []
    desk.clock.advance(2)
    desk.exchange.each_second(2)
    assert desk.told()[-1] == "EXPIRED EXPIRED"
    assert desk.heard[-1]["o"]["gtd"] == till // 1000 * 1000


@pytest.mark.parametrize(
    ("match", "side", "price"),
    [
        ("OPPONENT", "BUY", "92000.10"),
        ("OPPONENT_5", "BUY", "92018.50"),
        ("QUEUE", "BUY", "92000.00"),
        ("QUEUE_5", "SELL", "92018.50"),
        ("OPPONENT_20", "SELL", "91871.20"),
    ],
)
def test_a_price_match_takes_its_price_from_the_book(desk: Desk, match: str, side: str, price: str):
    """OPPONENT counts levels of the other side, QUEUE those of the order's own side."""
    found = desk.order(side, "0.01", priceMatch=match)
    assert (found["price"], found["priceMatch"]) == (price, match)


def test_a_market_order_stops_at_the_price_limit(desk: Desk):
    """Nothing trades more than 5 % from the mark price; the rest expires with reason 9."""
    desk.account.wallets["USDT"] = Decimal(10**6)
    desk.call("POST", "leverage", symbol="DOTUSDT", leverage=20)
    desk.world.market.depths["DOTUSDT"] = desk.world.market.depth("DOTUSDT").__class__(depth_usd=Decimal(100))
    found = desk.order("BUY", "20000", symbol="DOTUSDT")
    assert found["status"] == "EXPIRED"
    assert 0 < Decimal(found["executedQty"]) < 20000
    last = desk.heard[-1]["o"]
    assert (last["er"], last["x"], last["l"], last["z"]) == ("9", "EXPIRED", "0", found["executedQty"])
    worst = max(Decimal(row["price"]) for row in desk.call("GET", "userTrades", symbol="DOTUSDT"))
    assert worst <= Decimal("2.69") * Decimal("1.05")


def test_a_test_order_is_judged_and_forgotten(desk: Desk):
    """The test answers an order with the old fields and leaves no trace; filters apply, margin does not."""
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "91000"}
    found = desk.call("POST", "order/test", quantity="50", **params)
    assert set(found) == PLACED | {"avgPrice", "cumQuote"}
    assert (desk.heard, desk.account.orders) == ([], {})
    assert desk.code("POST", "order/test", quantity="0.0001", **params) == -1111


def test_two_worlds_of_one_seed_answer_alike():
    """The same calls in the same order give the same answers, numbers and events."""

    def play() -> tuple[list, list]:
        desk = Desk("100000")
        answers = [
            desk.order("BUY", "0.5"),
            desk.order("SELL", "0.2", "92500"),
            desk.order("SELL", "0.1", reduceOnly="true"),
            desk.call("POST", "leverage", symbol="BTCUSDT", leverage=10),
        ]
        for mark in ("92510", "92400.5", "91000"):
            desk.price(mark)
        answers.append(desk.order("SELL", "0.3"))
        return answers, desk.heard

    assert play() == play()
