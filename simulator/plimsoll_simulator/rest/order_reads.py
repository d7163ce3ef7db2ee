"""Order reads, plain and algo: two services that do not see one another's orders."""

from __future__ import annotations

from plimsoll_simulator.account import AlgoOrder, Amendment, Order
from plimsoll_simulator.digits import ZERO, eight, plain, stepped
from plimsoll_simulator.market import Symbol
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.history_reads import page


def open_orders(call: Call) -> Json:
    """``GET /fapi/v1/openOrders``."""
    symbol = call.symbol()
    return [_order(call, each) for each in call.account.open_orders(symbol.name if symbol else None)]


def open_order(call: Call) -> Json:
    """``GET /fapi/v1/openOrder``.

    Raises:
        Refused: The order is not open (-2013).
    """
    order = _find(call)
    if not order.working:
        raise refusal.no_such_order()
    return _order(call, order)


def order(call: Call) -> Json:
    """``GET /fapi/v1/order``, in any state."""
    return _order(call, _find(call))


def all_orders(call: Call) -> Json:
    """``GET /fapi/v1/allOrders``."""
    symbol, first = call.symbol(), call.number("orderId") or 0
    rows = [each for each in call.account.orders.values() if each.order_id >= first]
    rows = [each for each in rows if symbol is None or each.symbol == symbol.name]
    return [
        _order(call, each) | {"cumBase": "0", "pair": each.symbol}
        for each in page(call, rows, key=lambda row: row.created, most=1000, default=500)
    ]


def _find(call: Call) -> Order:
    symbol, number, client_id = call.needed_symbol(), call.number("orderId"), call.params.get("origClientOrderId")
    if number is None and client_id is None:
        text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        raise refusal.bad_request(-1102, text)
    for each in reversed(call.account.orders.values()):
        wanted = each.order_id == number if number is not None else each.client_id == client_id
        if wanted and each.symbol == symbol.name:
            return each
    raise refusal.no_such_order()


def _average(order: Order, symbol: Symbol) -> str:
    """The average price on the tick or, where fills at several prices lie between ticks, with all its digits."""
    if not order.average:
        return "0.00"
    on_tick = order.average % symbol.tick == 0
    return stepped(order.average, symbol.tick) if on_tick else eight(order.average)


def _order(call: Call, order: Order) -> Row:
    symbol = call.world.market.symbols[order.symbol]
    return {
        "avgPrice": _average(order, symbol),
        "clientOrderId": order.client_id,
        "cumQuote": f"{order.executed * order.average:.5f}",
        "executedQty": stepped(order.executed, symbol.step),
        "orderId": order.order_id,
        "origQty": stepped(order.quantity, symbol.step),
        "origType": order.original_type or order.type,
        "price": stepped(order.price, symbol.tick) if order.price else "0.00",
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": order.position_side,
        "status": order.status,
        "stopPrice": stepped(order.stop_price, symbol.tick) if order.stop_price else "0.00",
        "closePosition": order.close_position,
        "symbol": order.symbol,
        "time": order.created,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "updateTime": order.updated,
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade,
        "goodTillDate": order.good_till,
    }


def amendments(call: Call) -> Json:
    """``GET /fapi/v1/orderAmendment``: changes of an order, or of a symbol's orders, newest first; three months.

    Raises:
        Refused: No symbol (-1102), or the times are out of order.
    """
    symbol, number, client_id = call.needed_symbol(), call.number("orderId"), call.params.get("origClientOrderId")
    rows = [each for each in call.account.amendments if each.symbol == symbol.name]
    rows = [each for each in rows if number in {None, each.order_id}]
    if number is None and client_id is not None:
        rows = [each for each in rows if each.client_id == client_id]
    shown = page(call, rows, key=lambda row: row.time, most=100, default=50, window=None)
    return [_amendment(each) for each in reversed(shown)]


def _amendment(row: Amendment) -> Row:
    changed: Row = {
        "price": {"before": plain(row.price[0]), "after": plain(row.price[1])},
        "origQty": {"before": plain(row.quantity[0]), "after": plain(row.quantity[1])},
        "count": row.count,
    }
    return {
        "amendmentId": row.amendment_id,
        "symbol": row.symbol,
        "pair": row.symbol,
        "orderId": row.order_id,
        "clientOrderId": row.client_id,
        "time": row.time,
        "amendment": changed if row.modify_id is None else changed | {"modifyId": row.modify_id},
    }


def open_algo_orders(call: Call) -> Json:
    """``GET /fapi/v1/openAlgoOrders``."""
    symbol, number = call.symbol(), call.number("algoId")
    rows = call.account.open_algo_orders(symbol.name if symbol else None)
    return [_listed(call, each) for each in rows if number in {None, each.algo_id}]


def all_algo_orders(call: Call) -> Json:
    """``GET /fapi/v1/allAlgoOrders``; the symbol is mandatory."""
    symbol, first = call.needed_symbol(), call.number("algoId") or 0
    rows = [each for each in call.account.algo_orders.values() if each.symbol == symbol.name and each.algo_id >= first]
    shown = page(call, rows, key=lambda row: row.created, most=1000, default=500)
    return [_listed(call, each) for each in shown]


def algo_order(call: Call) -> Json:
    """``GET /fapi/v1/algoOrder`` by ``algoId`` or ``clientAlgoId``.

    Raises:
        Refused: Neither is sent (-1102) or there is no such order (-2013).
    """
    order = find_algo(call)
    if order is None:
        raise refusal.no_such_order()
    return _single(call, order)


def find_algo(call: Call) -> AlgoOrder | None:
    """The conditional order that ``algoId`` or ``clientAlgoId`` names, the newest of its client id.

    Raises:
        Refused: Neither is sent (-1102).
    """
    number, client_id = call.number("algoId"), call.params.get("clientAlgoId")
    if number is None and client_id is None:
        raise refusal.missing("algoid")
    for each in reversed(call.account.algo_orders.values()):
        if each.algo_id == number if number is not None else each.client_id == client_id:
            return each
    return None


def _single(call: Call, order: AlgoOrder) -> Row:
    row = algo_row(call, order)
    if order.actual_order_id is not None:
        row["actualType"] = "LIMIT" if order.type in {"STOP", "TAKE_PROFIT"} else "MARKET"
        row["actualQty"] = stepped(order.actual_quantity, call.world.market.symbols[order.symbol].step)
    return row


def _listed(call: Call, order: AlgoOrder) -> Row:
    zero = "0.00"
    return algo_row(call, order) | {"tpTriggerPrice": zero, "tpPrice": zero, "slTriggerPrice": zero, "slPrice": zero}


def algo_row(call: Call, order: AlgoOrder) -> Row:
    """What every answer about a conditional order has in common."""
    symbol = call.world.market.symbols[order.symbol]
    return {
        "algoId": order.algo_id,
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": order.type,
        "symbol": order.symbol,
        "side": order.side,
        "positionSide": order.position_side,
        "timeInForce": order.time_in_force,
        "quantity": stepped(order.quantity, symbol.step),
        "algoStatus": order.status,
        "actualOrderId": str(order.actual_order_id or ""),
        "actualPrice": plain(order.actual_price) if order.actual_price else "0.00",
        "triggerPrice": plain(order.trigger_price) if order.trigger_price > ZERO else "0.00",
        "price": plain(order.price) if order.price else "0.00",
        "icebergQuantity": None,
        "tpOrderType": "",
        "selfTradePreventionMode": order.self_trade,
        "workingType": order.working_type,
        "priceMatch": order.price_match,
        "closePosition": order.close_position,
        "priceProtect": order.price_protect,
        "reduceOnly": order.reduce_only,
        "createTime": order.created,
        "updateTime": order.updated,
        "triggerTime": order.triggered,
        "goodTillDate": order.good_till,
    }
