"""``/fapi/v1/order``: place, change, cancel one order, and the test that places nothing."""

from __future__ import annotations

from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.digits import ZERO, stepped
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.order_params import needed, needed_number, order_request, price_match, reduce_only
from plimsoll_simulator.trading.admission import screen
from plimsoll_simulator.trading.book import matched_price
from plimsoll_simulator.trading.engine import amend, cancel, submit
from plimsoll_simulator.trading.refusals import refused

_AT_ONCE = ("IOC", "FOK")
MOST_AMENDMENTS = 10_000


def place(call: Call) -> Json:
    """``POST``: the order as accepted or, where it ends at once and the caller asks for ``RESULT``, as it ended."""
    request = order_request(call)
    order = submit(call.world, call.account, request)
    final = order.type == "MARKET" or order.time_in_force in _AT_ONCE
    if final and call.params.get("newOrderRespType") == "RESULT":
        return order_row(call, order)
    return order_row(call, order) | {
        "status": "NEW",
        "executedQty": _zero(call, order),
        "cumQty": _zero(call, order),
        "origQty": stepped(order.quantity, call.world.market.symbols[order.symbol].step),
        "updateTime": order.created,
    }


def _zero(call: Call, order: Order) -> str:
    return stepped(ZERO, call.world.market.symbols[order.symbol].step)


def test(call: Call) -> Json:
    """``POST /fapi/v1/order/test``: the filters judge it, the matching engine never hears of it."""
    request = screen(call.world, call.account, order_request(call))
    order = Order(
        order_id=call.world.counters.order + 1,
        client_id=request.client_id or "test",
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        position_side=request.position_side,
        price=request.price or ZERO,
        time_in_force=request.time_in_force,
        reduce_only=request.reduce_only,
        price_match=request.price_match,
        self_trade=request.self_trade,
        good_till=request.good_till,
        updated=call.world.time_ms(),
    )
    return order_row(call, order) | {"avgPrice": "0.00000", "cumQuote": "0"}


def change(call: Call) -> Json:
    """``PUT``: another quantity and price for a limit order.

    Raises:
        Refused: There is no such order (-2013), or it cannot be changed so (-5024 to -5029, -5047, filters, margin).
    """
    order = wanted_order(call, refused(-2013))
    if needed(call, "side") != order.side:
        raise refusal.bad_request(-1117, "Invalid side.")
    quantity, match = needed_number(call, "quantity"), price_match(call, "LIMIT")
    price = matched_price(call.world.market, order.symbol, order.side, match) if match != "NONE" else None
    if match != "NONE" and price is None:
        raise refused(-5041)
    price = price or needed_number(call, "price")
    _check_changeable(call, order)
    if (quantity, price) == (order.quantity, order.price):
        raise refused(-5027)
    modify_id = call.number("modifyId")
    amend(call.world, call.account, order, quantity, price, modify_id=modify_id)
    row = order_row(call, order) | {"pair": order.symbol}
    return row if modify_id is None else row | {"modifyId": modify_id}


def _check_changeable(call: Call, order: Order) -> None:
    if order.type != "LIMIT":
        raise refused(-5025)
    if call.world.market.symbols[order.symbol].status != "TRADING":
        raise refused(-5024)
    if reduce_only(call, call.account) and not order.reduce_only:
        raise refused(-5047)
    if order.amendments >= MOST_AMENDMENTS:
        raise refused(-5026)


def remove(call: Call) -> Json:
    """``DELETE``: cancel one order.

    Raises:
        Refused: No working plain order of that number or client id (-2011); algo orders are none.
    """
    order = wanted_order(call, refused(-2011))
    cancel(call.world, call.account, order)
    return order_row(call, order)


def wanted_order(call: Call, otherwise: refusal.Refused) -> Order:
    """The working order that the call names by ``orderId`` or ``origClientOrderId``, the number prevailing.

    Raises:
        Refused: Neither is sent (-1102), or ``otherwise`` when there is none.
    """
    symbol, number, client_id = call.needed_symbol(), call.number("orderId"), call.params.get("origClientOrderId")
    if number is None and client_id is None:
        text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        raise refusal.bad_request(-1102, text)
    order = _working(call.account, symbol.name, number, client_id)
    if order is None:
        raise otherwise
    return order


def _working(account: Account, symbol: str, number: int | None, client_id: str | None) -> Order | None:
    for each in account.open_orders(symbol):
        if each.order_id == number if number is not None else each.client_id == client_id:
            return each
    return None


def order_row(call: Call, order: Order) -> Row:
    """An order as place, change and cancel answer it: without average price and quote sum since the middle of 2026."""
    symbol = call.world.market.symbols[order.symbol]
    return {
        "clientOrderId": order.client_id,
        "cumQty": stepped(order.executed, symbol.step),
        "executedQty": stepped(order.executed, symbol.step),
        "orderId": order.order_id,
        "origQty": stepped(order.quantity, symbol.step),
        "price": stepped(order.price, symbol.tick) if order.price else "0.00",
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": order.position_side,
        "status": order.status,
        "stopPrice": stepped(order.stop_price, symbol.tick) if order.stop_price else "0.00",
        "closePosition": order.close_position,
        "symbol": order.symbol,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "origType": order.original_type or order.type,
        "updateTime": order.updated,
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade,
        "goodTillDate": order.good_till,
    }
