"""The matching engine's commands: submit, cancel, amend. Each happens whole or is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, Amendment, Order
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.admission import Entry, admit
from plimsoll_simulator.trading.book import Walk
from plimsoll_simulator.trading.fills import expire, fill, tighten
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.world import World

IOC_REMAINDER = 2
MARKET_REMAINDER = 9
WOULD_TAKE = -5022


def submit(
    world: World, account: Account, request: OrderRequest, *, announce: Callable[[Order], None] | None = None
) -> Order:
    """Place an order: check it, record it, fill what the book gives, let the rest stand or end.

    ``announce`` is told the admitted order before its first event, as the algo service wants to.

    Raises:
        Refused: The exchange does not take it (``code``, ``text`` say why); nothing has changed, no event is sent.
    """
    entry = admit(world, account, request)
    order = _record(world, account, entry.request)
    if announce is not None:
        announce(order)
    world.foretell(account, order, entry.walk.quantity)
    world.emit(account, events.order_update(world, account, order, "NEW"))
    _take(world, account, order, entry.walk)
    return order


def _record(world: World, account: Account, request: OrderRequest) -> Order:
    number, now = world.counters.next("order"), world.time_ms()
    order = Order(
        order_id=number,
        client_id=request.client_id or f"sim-{number}",
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        position_side=request.position_side,
        price=request.price or ZERO,
        stop_price=request.stop_price,
        time_in_force=request.time_in_force,
        reduce_only=request.reduce_only or request.closes_leg,
        close_position=request.close_position,
        working_type=request.working_type,
        price_protect=request.price_protect,
        original_type=request.original_type,
        price_match=request.price_match,
        self_trade=request.self_trade,
        good_till=request.good_till,
        created=now,
        updated=now,
    )
    account.orders[number] = order
    return order


def _take(world: World, account: Account, order: Order, found: Walk) -> None:
    """Fill an order with what the book gives; then it rests, expires, or makes room among reduce-only orders."""
    for piece in found.pieces:
        if not order.working:  # somebody who follows the events has ended it
            return
        fill(world, account, order, min(piece.quantity, order.rest), piece.price)
    if not order.working:
        return
    if order.type == "MARKET":
        expire(world, account, order, MARKET_REMAINDER)
    elif order.time_in_force == "IOC":
        expire(world, account, order, IOC_REMAINDER)
    elif order.reduce_only:
        tighten(world, account, order.symbol, order.position_side)


def cancel(world: World, account: Account, order: Order, *, event: bool = True) -> None:
    """Cancel a working plain order at its owner's wish."""
    order.status, order.updated = "CANCELED", world.time_ms()
    if event:
        world.emit(account, events.order_update(world, account, order, "CANCELED"))


def amend(
    world: World, account: Account, order: Order, quantity: Decimal, price: Decimal, *, modify_id: int | None = None
) -> None:
    """Give a working limit order another price and whole quantity; it may fill at once then.

    A quantity that is filled already, or a post-only order that would take, cancels the order.

    Raises:
        Refused: A filter or the margin does not allow it; the order stays as it was.
    """
    if quantity <= order.executed:
        cancel(world, account, order)
        return
    try:
        entry = _admit_amended(world, account, order, quantity - order.executed, price)
    except Refused as refusal:
        if refusal.code != WOULD_TAKE:
            raise
        cancel(world, account, order)
        return
    order.amendments, order.modify_id, order.updated = order.amendments + 1, modify_id, world.time_ms()
    after = order.executed + entry.request.quantity
    account.amendments.append(_amendment(world, order, price, after))
    order.price, order.quantity = price, after
    world.emit(account, events.order_update(world, account, order, "AMENDMENT"))
    _take(world, account, order, entry.walk)


def _amendment(world: World, order: Order, price: Decimal, quantity: Decimal) -> Amendment:
    return Amendment(
        amendment_id=world.counters.next("amendment"),
        order_id=order.order_id,
        client_id=order.client_id,
        symbol=order.symbol,
        price=(order.price, price),
        quantity=(order.quantity, quantity),
        count=order.amendments,
        time=world.time_ms(),
        modify_id=order.modify_id,
    )


def _admit_amended(world: World, account: Account, order: Order, rest: Decimal, price: Decimal) -> Entry:
    request = OrderRequest(
        symbol=order.symbol,
        side=order.side,
        type="LIMIT",
        quantity=rest,
        price=price,
        position_side=order.position_side,
        time_in_force=order.time_in_force,
        reduce_only=order.reduce_only and not account.hedge,
    )
    return admit(world, account, request, old=order)
