"""``/fapi/v1/batchOrders`` and cancelling many: each element is answered by itself, an error among orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from plimsoll_simulator.rest import order_writes, refusal
from plimsoll_simulator.rest.call import Call, Json
from plimsoll_simulator.rest.order_params import needed
from plimsoll_simulator.trading.engine import cancel
from plimsoll_simulator.trading.refusals import refused

MOST_ORDERS = 5
MOST_CANCELS = 10


def place(call: Call) -> Json:
    """``POST``: up to five orders."""
    return _each(call, order_writes.place)


def change(call: Call) -> Json:
    """``PUT``: up to five changes."""
    return _each(call, order_writes.change)


def _each(call: Call, one: Callable[[Call], Json]) -> Json:
    rows = _listed(call, "batchOrders")
    if not 1 <= len(rows) <= MOST_ORDERS:
        raise refused(-4082)
    return [_answer(call, _texts(row), one) for row in rows]


def remove(call: Call) -> Json:
    """``DELETE``: up to ten orders of a symbol by ``orderIdList`` or ``origClientOrderIdList``.

    Raises:
        Refused: No list (-1102), no list in it (-1130), or too long a one (-4082).
    """
    symbol = call.needed_symbol().name
    # The documentation writes ``orderIdList``; python-binance and ccxt send it in small letters.
    call = replace(call, params={_LISTS.get(name.lower(), name): value for name, value in call.params.items()})
    name, field = ("orderIdList", "orderId") if "orderIdList" in call.params else _CLIENT_IDS
    rows = _listed(call, name)
    if not 1 <= len(rows) <= MOST_CANCELS:
        raise refused(-4082)
    return [_answer(call, {"symbol": symbol, field: _text(row)}, order_writes.remove) for row in rows]


_CLIENT_IDS = ("origClientOrderIdList", "origClientOrderId")
_LISTS = {"orderidlist": "orderIdList", "origclientorderidlist": "origClientOrderIdList"}


def _answer(call: Call, params: dict[str, str], one: Callable[[Call], Json]) -> Json:
    try:
        return one(replace(call, params=params))
    except refusal.Refused as refused_one:
        return refused_one.body()


def _listed(call: Call, name: str) -> list[object]:
    try:
        rows = json.loads(needed(call, name))
    except ValueError:
        rows = None
    if not isinstance(rows, list):
        raise refusal.bad_request(-1130, f"Data sent for parameter '{name}' is not valid.")
    return rows


def _texts(row: object) -> dict[str, str]:
    """The parameters of one element; an absent value is none, as an empty one in a query."""
    if not isinstance(row, dict):
        return {}
    return {str(name): _text(value) for name, value in row.items() if value is not None and value != ""}


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def remove_all(call: Call) -> Json:
    """``DELETE /fapi/v1/allOpenOrders``: every plain order of a symbol; algo orders stay."""
    for order in call.account.open_orders(call.needed_symbol().name):
        cancel(call.world, call.account, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def count_down(call: Call) -> Json:
    """``POST /fapi/v1/countdownCancelAll``: cancel the symbol's plain orders unless called again in time; 0 ends it."""
    symbol = call.needed_symbol().name
    needed(call, "countdownTime")
    milliseconds = call.number("countdownTime") or 0
    if milliseconds < 0:
        raise refusal.missing("countdownTime")
    if milliseconds:
        call.account.countdowns[symbol] = call.world.time_ms() + milliseconds
    else:
        call.account.countdowns.pop(symbol, None)
    return {"symbol": symbol, "countdownTime": str(milliseconds)}
