"""What happens to resting orders by itself: the price reaches them, their time runs out, a countdown ends."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.trading.book import walk
from plimsoll_simulator.trading.engine import cancel
from plimsoll_simulator.trading.fills import DISPLACED, expire, fill
from plimsoll_simulator.trading.reducing import closing_side, priority
from plimsoll_simulator.world import World


def follow_price(world: World, symbol: str) -> None:
    """Fill what the moved price has reached: as maker, at the order's own price, as far as the book goes."""
    if world.market.symbols[symbol].status != "TRADING":
        return
    for account in list(world.accounts.values()):
        rows = [each for each in account.open_orders(symbol) if each.type == "LIMIT"]
        for order in sorted(rows, key=lambda each: (each.side, *priority(each.side, each.price, each.order_id))):
            if order.working:
                _reach(world, account, order)


def _reach(world: World, account: Account, order: Order) -> None:
    quantity = walk(world.market, order.symbol, order.side, order.rest, order.price).quantity
    if not quantity:
        return
    quantity = min(quantity, _allowed(account, order))
    if quantity:
        fill(world, account, order, quantity, order.price, maker=True)
    else:
        expire(world, account, order, DISPLACED)


def _allowed(account: Account, order: Order) -> Decimal:
    """What an order may trade; a reduce-only one no more than the position."""
    amount = account.position(order.symbol, order.position_side).amount
    if not order.reduce_only:
        return order.rest
    return min(order.rest, abs(amount)) if order.side == closing_side(amount) else order.rest * 0


def follow_time(world: World) -> None:
    """End good-till-date orders that are due, and cancel what a countdown has run out for."""
    now = world.time_ms()
    for account in world.accounts.values():
        for order in account.open_orders():
            if order.good_till and order.good_till <= now:
                expire(world, account, order, 0)
        for symbol, deadline in list(account.countdowns.items()):
            if deadline <= now:
                del account.countdowns[symbol]
                for order in account.open_orders(symbol):
                    cancel(world, account, order)
