"""From a met condition to the end of the order that comes of it: TRIGGERING, TRIGGERED, FINISHED, or REJECTED.

The engine checks the margin and everything else only now. What becomes of the order in the engine is seen from its
own events, after which the algo service tells its end.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.algo.conditions import LIMIT_TYPES
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.engine import submit
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.world import Event, World

_NOTHING_TO_REDUCE = -2022
_REDUCE_ONLY_REJECT = "Reduce Only reject"


def trigger(world: World, account: Account, order: AlgoOrder) -> None:
    """The condition of an order is met: send it to the matching engine, unless a fault keeps it hanging."""
    _change(world, account, order, "TRIGGERING", triggered=world.time_ms())
    if not world.trigger_faults.stalls(account.name, order.symbol):
        send(world, account, order)


def send(world: World, account: Account, order: AlgoOrder) -> None:
    """Hand a TRIGGERING order to the matching engine."""
    reason = world.trigger_faults.rejection(account.name, order.symbol)
    if reason is None:
        reason = _submit(world, account, order)
    if reason is not None:
        order.reject_reason = reason
        _change(world, account, order, "REJECTED")


def _submit(world: World, account: Account, order: AlgoOrder) -> str | None:
    """Submit the actual order; gives the reason of a refusal."""
    request = _actual_request(world, account, order)
    if order.close_position and not request.quantity:
        return _REDUCE_ONLY_REJECT

    def announce(actual: Order) -> None:
        order.actual_order_id = actual.order_id
        account.triggered[actual.order_id] = order
        _change(world, account, order, "TRIGGERED")

    try:
        submit(world, account, request, announce=announce)
    except Refused as refusal:
        return _REDUCE_ONLY_REJECT if refusal.code == _NOTHING_TO_REDUCE else refusal.text
    return None


def _actual_request(world: World, account: Account, order: AlgoOrder) -> OrderRequest:
    limit = order.type in LIMIT_TYPES
    return OrderRequest(
        symbol=order.symbol,
        side=order.side,
        type="LIMIT" if limit else "MARKET",
        quantity=_quantity(world, account, order),
        price=order.price or None,
        position_side=order.position_side,
        time_in_force=order.time_in_force if limit and order.time_in_force != "GTE_GTC" else "GTC",
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        client_id=order.client_id,
        price_match=order.price_match,
        self_trade=order.self_trade,
        good_till=order.good_till if limit else 0,
        original_type=order.type,
        stop_price=order.trigger_price,
        working_type=order.working_type,
        price_protect=order.price_protect,
    )


def _quantity(world: World, account: Account, order: AlgoOrder) -> Decimal:
    """What to trade; an order that closes the position takes all of it that one market order may."""
    if not order.close_position:
        return order.quantity
    held = abs(account.position(order.symbol, order.position_side).amount)
    return min(held, world.market.symbols[order.symbol].market_max)


def follow_orders(world: World, account: Account, event: Event) -> None:
    """Let an order event of the engine finish the conditional order that it came from."""
    body = event.get("o")
    if event["e"] == "ORDER_TRADE_UPDATE" and isinstance(body, dict) and account.triggered:
        order = account.triggered.get(body["i"])
        if order is not None:
            settle(world, account, order)


def settle(world: World, account: Account, order: AlgoOrder) -> None:
    """Finish a TRIGGERED order whose actual order works no more."""
    actual = account.orders[order.actual_order_id or 0]
    order.actual_price, order.actual_quantity = actual.average, actual.executed
    if not actual.working:
        del account.triggered[actual.order_id]
        _change(world, account, order, "FINISHED")


def _change(world: World, account: Account, order: AlgoOrder, status: str, triggered: int | None = None) -> None:
    order.status, order.updated = status, world.time_ms()
    order.triggered = order.triggered if triggered is None else triggered
    world.emit(account, events.algo_update(world, order))
