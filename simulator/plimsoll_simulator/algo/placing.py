"""Placing and cancelling a conditional order: what account and market have to say, but never the margin.

Margin is checked when the order triggers; until then it binds none.
"""

from __future__ import annotations

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, AlgoOrder
from plimsoll_simulator.algo.conditions import LIMIT_TYPES, TRAILING, follow, is_reached, watched_price
from plimsoll_simulator.algo.refusals import refused
from plimsoll_simulator.algo.request import AlgoRequest
from plimsoll_simulator.market import MAX_PRICE, Symbol
from plimsoll_simulator.trading.filters import check_price, check_quantity
from plimsoll_simulator.trading.reducing import closing_side
from plimsoll_simulator.trading.standing import check_standing
from plimsoll_simulator.world import World

MAX_OPEN = 200


def place(world: World, account: Account, request: AlgoRequest) -> AlgoOrder:
    """Take a conditional order and tell its owner.

    Raises:
        Refused: The exchange does not take it; nothing has changed and no event is sent.
    """
    _check_standing(world, account, request)
    _check_filters(world.market.symbols[request.symbol], request)
    _check_position(account, request)
    _check_price_side(world, request)
    order = _record(world, account, request)
    world.emit(account, events.algo_update(world, order))
    if order.type == TRAILING:
        quote = world.market.quotes[order.symbol]
        if follow(order, watched_price(quote, order.working_type)):
            world.emit(account, events.algo_update(world, order))
    return order


def _check_standing(world: World, account: Account, request: AlgoRequest) -> None:
    """Whether the account may place it now, whatever it says of prices."""
    check_standing(world, account, request.as_order())
    open_orders = account.open_algo_orders()
    if request.client_id and any(each.client_id == request.client_id for each in open_orders):
        raise refused(-4116)
    if len(open_orders) >= MAX_OPEN:
        raise refused(-4045)


def _check_filters(symbol: Symbol, request: AlgoRequest) -> None:
    if not request.close_position:
        check_quantity(symbol, request.quantity, market_order=request.type not in LIMIT_TYPES)
    if request.type != TRAILING:
        if request.trigger_price <= 0:
            raise refused(-4006)
        if request.trigger_price > MAX_PRICE:
            raise refused(-4007)
        check_price(symbol, request.trigger_price)
    if request.activate_price is not None:
        check_price(symbol, request.activate_price)
    if request.type in LIMIT_TYPES and request.price_match == "NONE":
        check_price(symbol, request.price)


def _check_position(account: Account, request: AlgoRequest) -> None:
    """An order that lives with a position needs one to close, and there is one of its kind in each direction."""
    if not request.needs_position:
        return
    amount = account.position(request.symbol, request.position_side).amount
    opening = closing_side(amount) != request.side
    if not amount or (opening and not account.hedge):
        raise refused(-4509)
    if opening:
        raise refused(-2022)
    if any(_is_twin(each, request) for each in account.open_algo_orders(request.symbol)):
        raise refused(-4130)


def _is_twin(order: AlgoOrder, request: AlgoRequest) -> bool:
    """Whether an order closes the same position in the same direction: one stop and one take-profit may stand."""
    same = (order.side, order.position_side) == (request.side, request.position_side)
    return order.close_position and request.close_position and same and order.type == request.type


def _check_price_side(world: World, request: AlgoRequest) -> None:
    """An order whose condition is met already is refused."""
    price = watched_price(world.market.quotes[request.symbol], request.working_type)
    if request.type == TRAILING:
        wanted = request.activate_price
        if wanted is not None and (wanted >= price if request.side == "BUY" else wanted <= price):
            raise refused(-2021)
    elif is_reached(request.type, request.side, request.trigger_price, price):
        raise refused(-4142 if request.close_position else -2021)


def _record(world: World, account: Account, request: AlgoRequest) -> AlgoOrder:
    number, now = world.counters.next("algo"), world.time_ms()
    order = AlgoOrder(
        algo_id=number,
        client_id=request.client_id or f"sim-{number}",
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        position_side=request.position_side,
        trigger_price=request.trigger_price,
        price=request.price,
        price_match=request.price_match,
        activate_price=request.activate_price,
        callback_rate=request.callback_rate,
        time_in_force=request.time_in_force,
        good_till=request.good_till,
        reduce_only=request.reduce_only,
        close_position=request.close_position,
        price_protect=request.price_protect,
        working_type=request.working_type,
        self_trade=request.self_trade,
        created=now,
        updated=now,
    )
    account.algo_orders[number] = order
    return order


def cancel(world: World, account: Account, order: AlgoOrder, *, event: bool = True) -> None:
    """Cancel a waiting order at its owner's wish.

    Raises:
        Refused: It is being triggered (-4117), or is not open any more (-2011).
    """
    if order.status == "TRIGGERING":
        raise refused(-4117)
    if not order.working:
        raise refused(-2011)
    end(world, account, order, "CANCELED", event=event)


def end(world: World, account: Account, order: AlgoOrder, status: str, *, event: bool = True) -> None:
    """Let an order end as CANCELED or EXPIRED."""
    order.status, order.updated = status, world.time_ms()
    if event:
        world.emit(account, events.algo_update(world, order))
