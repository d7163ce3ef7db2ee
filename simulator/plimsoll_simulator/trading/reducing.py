"""Orders that may only reduce: how much they may take, which of them comes first, and what else closes the same way."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.request import OrderRequest


def closing_side(amount: Decimal) -> str:
    """The side that reduces a position of a signed amount."""
    return "SELL" if amount > 0 else "BUY"


def priority(side: str, price: Decimal, number: int) -> tuple[Decimal, int]:
    """The order in which a price reaches orders of one side: best price first, then the older one."""
    return (price if side == "SELL" else -price, number)


def resting_reducers(account: Account, symbol: str, position_side: str) -> list[Order]:
    """The resting limit orders that may only reduce this position, first the one that fills first."""
    found = [
        each
        for each in account.open_orders(symbol)
        if each.type == "LIMIT" and each.reduce_only and each.position_side == position_side
    ]
    return sorted(found, key=lambda each: priority(each.side, each.price, each.order_id))


def reducible(account: Account, request: OrderRequest, old: Order | None = None) -> Decimal:
    """How much of a reducing order the position allows; a larger one-way order is cut down to that.

    ``old`` is the order that this one replaces.

    Raises:
        Refused: There is nothing to reduce, or others reduce it first (-2022); with plain orders of the same side it
            could turn the position round (-4118).
    """
    amount = account.position(request.symbol, request.position_side).amount
    held = abs(amount) if amount and closing_side(amount) == request.side else ZERO
    if held and held < min(request.quantity, held) + _plain_rest(account, request):
        raise refused(-4118)
    allowed = held - _ahead(account, request, old)
    if allowed <= 0 or (request.closes_leg and request.quantity > allowed):
        raise refused(-2022)
    return min(request.quantity, allowed)


def _plain_rest(account: Account, request: OrderRequest) -> Decimal:
    """What resting orders of the same side that are not reduce-only may still trade."""
    rows = account.open_orders(request.symbol)
    same = (each for each in rows if each.type == "LIMIT" and not each.reduce_only and each.side == request.side)
    return sum((each.rest for each in same if each.position_side == request.position_side), ZERO)


def _ahead(account: Account, request: OrderRequest, old: Order | None) -> Decimal:
    """What resting reduce-only orders with a better or equal price take before this one; a market order is first."""
    if request.price is None:
        return ZERO
    mine = priority(request.side, request.price, 0)[0]
    rows = resting_reducers(account, request.symbol, request.position_side)
    others = (each for each in rows if each.side == request.side and each is not old)
    return sum((each.rest for each in others if priority(each.side, each.price, 0)[0] <= mine), ZERO)
