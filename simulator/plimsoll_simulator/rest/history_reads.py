"""Income and trade history, and how the exchange pages a history: by time, seven days at most, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plimsoll_simulator.account import Income, Order, Trade
from plimsoll_simulator.digits import eight, plain, stepped
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row

WINDOW_MS = 7 * 24 * 3600 * 1000
_Row = TypeVar("_Row")


def page(
    call: Call, rows: list[_Row], *, key: Callable[[_Row], int], most: int, default: int, window: int | None = WINDOW_MS
) -> list[_Row]:
    """The rows between ``startTime`` and ``endTime``: from the start on when it is given, else the newest.

    Raises:
        Refused: The times are unreadable, too far apart or the wrong way round, or the limit is below 1 (-1130).
    """
    start, end = call.number("startTime"), call.number("endTime")
    limit = min(_limit(call, default), most)
    if start is not None and end is not None:
        _check_window(start, end, window)
    first = call.world.time_ms() - WINDOW_MS if start is None and end is None else start or 0
    last = call.world.time_ms() if end is None else end
    inside = sorted((row for row in rows if first <= key(row) <= last), key=key)
    return inside[-limit:] if start is None else inside[:limit]


def _limit(call: Call, default: int) -> int:
    limit = call.number("limit")
    if limit is not None and limit <= 0:
        raise refusal.bad_request(-1130, "Data sent for parameter 'limit' is not valid.")
    return limit or default


def _check_window(start: int, end: int, window: int | None) -> None:
    if start > end:
        raise refusal.bad_request(-1023, "Start time is greater than end time.")
    if window is not None and end - start > window:
        raise refusal.bad_request(-1127, "More than 168 hours between startTime and endTime.")


def income(call: Call) -> Json:
    """``GET /fapi/v1/income``."""
    symbol, kind = call.symbol(), call.params.get("incomeType")
    rows = [
        row for row in call.account.income if (symbol is None or row.symbol == symbol.name) and kind in {None, row.type}
    ]
    return [_income(row) for row in page(call, rows, key=lambda row: row.time, most=1000, default=100, window=None)]


def _income(row: Income) -> Row:
    return {
        "symbol": row.symbol,
        "incomeType": row.type,
        "income": eight(row.amount),
        "asset": row.asset,
        "info": row.type,
        "time": row.time,
        "tranId": row.transaction_id,
        "tradeId": row.trade_id,
    }


def user_trades(call: Call) -> Json:
    """``GET /fapi/v1/userTrades``.

    Raises:
        Refused: No symbol is named (-1102), the times are out of order or too far apart, or stand beside ``fromId``
            (-1128).
    """
    symbol, order_id, first = call.needed_symbol(), call.number("orderId"), call.number("fromId") or 0
    if "fromId" in call.params and {"startTime", "endTime"} & call.params.keys():
        raise refusal.bad_request(-1128, "Combination of optional parameters invalid.")
    rows = [row for row in call.account.trades if row.symbol == symbol.name and row.trade_id >= first]
    rows = [row for row in rows if order_id in {None, row.order_id}]
    return [_trade(call, row) for row in page(call, rows, key=lambda row: row.time, most=1000, default=500)]


def _trade(call: Call, trade: Trade) -> Row:
    symbol = call.world.market.symbols[trade.symbol]
    return {
        "buyer": trade.side == "BUY",
        "commission": eight(trade.commission),
        "commissionAsset": trade.commission_asset,
        "id": trade.trade_id,
        "maker": trade.maker,
        "orderId": trade.order_id,
        "price": stepped(trade.price, symbol.tick),
        "qty": stepped(trade.quantity, symbol.step),
        "quoteQty": plain(trade.quantity * trade.price),
        "baseQty": "0",
        "marginAsset": symbol.quote,
        "realizedPnl": eight(trade.realised) if trade.realised else "0",
        "side": trade.side,
        "positionSide": trade.position_side,
        "symbol": trade.symbol,
        "pair": trade.symbol,
        "time": trade.time,
    }


def force_orders(call: Call) -> Json:
    """``GET /fapi/v1/forceOrders``: liquidations, or deleveragings, or both, as ``autoCloseType`` says.

    Raises:
        Refused: The type is neither LIQUIDATION nor ADL (-1130), or the times are out of order or too far apart.
    """
    symbol, kind = call.symbol(), call.params.get("autoCloseType")
    if kind not in {None, "LIQUIDATION", "ADL"}:
        raise refusal.bad_request(-1130, "Data sent for parameter 'autoCloseType' is not valid.")
    rows = [each for each in call.account.orders.values() if each.forced and kind in {None, each.forced}]
    rows = [each for each in rows if symbol is None or each.symbol == symbol.name]
    return [_forced(call, each) for each in page(call, rows, key=lambda row: row.created, most=100, default=50)]


def _forced(call: Call, order: Order) -> Row:
    symbol = call.world.market.symbols[order.symbol]
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "pair": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": stepped(order.price, symbol.tick),
        "avgPrice": f"{order.average:.5f}",
        "origQty": stepped(order.quantity, symbol.step),
        "executedQty": stepped(order.executed, symbol.step),
        "cumQuote": f"{order.executed * order.average:.5f}",
        "cumBase": "0",
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": "0",
        "workingType": order.working_type,
        "origType": order.type,
        "time": order.created,
        "updateTime": order.updated,
    }
