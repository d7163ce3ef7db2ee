"""Placing and cancelling conditional orders: ``POST`` and ``DELETE /fapi/v1/algoOrder``, ``DELETE algoOpenOrders``."""

from __future__ import annotations

from plimsoll_simulator.account import AlgoOrder
from plimsoll_simulator.algo.distance import check_distance
from plimsoll_simulator.algo.placing import cancel
from plimsoll_simulator.algo.placing import place as place_order
from plimsoll_simulator.digits import plain
from plimsoll_simulator.rest.algo_params import algo_request
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.order_reads import algo_row, find_algo
from plimsoll_simulator.trading.refusals import refused

_ABSENT = ("actualOrderId", "actualPrice", "tpOrderType")


def place(call: Call) -> Json:
    """``POST /fapi/v1/algoOrder``.

    Raises:
        Refused: The order is wrong in itself or the exchange does not take it.
    """
    request = algo_request(call)
    check_distance(call.world.market.symbols[request.symbol], request)
    return _placed(call, place_order(call.world, call.account, request))


def _placed(call: Call, order: AlgoOrder) -> Row:
    row = {name: value for name, value in algo_row(call, order).items() if name not in _ABSENT}
    return row | {
        "activatePrice": "" if order.activate_price is None else plain(order.activate_price),
        "callbackRate": "" if order.callback_rate is None else plain(order.callback_rate),
    }


def remove(call: Call) -> Json:
    """``DELETE /fapi/v1/algoOrder`` by ``algoId`` or ``clientAlgoId``; its success code is a text.

    Raises:
        Refused: Neither is sent (-1102), there is no such open order (-2011), or it is being triggered (-4117).
    """
    order = find_algo(call)
    if order is None:
        raise refused(-2011)
    cancel(call.world, call.account, order)
    return {"algoId": order.algo_id, "clientAlgoId": order.client_id, "code": "200", "msg": "success"}


def remove_all(call: Call) -> Json:
    """``DELETE /fapi/v1/algoOpenOrders`` of one symbol; it succeeds when there is none, too.

    Raises:
        Refused: No symbol is named (-1102) or there is no such symbol (-1121).
    """
    for order in call.account.open_algo_orders(call.needed_symbol().name):
        cancel(call.world, call.account, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}
