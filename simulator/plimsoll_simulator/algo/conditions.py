"""When a conditional order triggers: pure rules of prices.

A stop buys when the price rises to its trigger, a take-profit when it falls to it, and mirrored for sells. A trailing
stop first waits for its activation price, then for the price to come back by its callback rate from the best one.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import AlgoOrder
from plimsoll_simulator.market import Quote

TRAILING = "TRAILING_STOP_MARKET"
LIMIT_TYPES = ("STOP", "TAKE_PROFIT")
MARKET_TYPES = ("STOP_MARKET", "TAKE_PROFIT_MARKET", TRAILING)
TYPES = (*LIMIT_TYPES, *MARKET_TYPES)
MARK = "MARK_PRICE"
# The largest relative distance between mark and last price at which an order with price protection triggers.
TRIGGER_PROTECT = Decimal("0.05")


def watched_price(quote: Quote, working_type: str) -> Decimal:
    """The price that an order looks at: the mark price or the last trade."""
    return quote.mark if working_type == MARK else quote.last


def is_reached(kind: str, side: str, trigger: Decimal, price: Decimal) -> bool:
    """Whether a price meets the condition of a stop or take-profit."""
    rising = (side == "BUY") is kind.startswith("STOP")
    return price >= trigger if rising else price <= trigger


def follow(order: AlgoOrder, price: Decimal) -> bool:
    """Let a trailing stop take notice of a price; gives whether it has just been activated."""
    best = min if order.side == "BUY" else max
    order.extreme = price if order.extreme is None else best(order.extreme, price)
    if order.activated or not _is_active(order, order.extreme):
        return False
    order.activated = True
    return True


def _is_active(order: AlgoOrder, extreme: Decimal) -> bool:
    if order.activate_price is None:
        return True
    return extreme <= order.activate_price if order.side == "BUY" else extreme >= order.activate_price


def is_met(order: AlgoOrder, price: Decimal) -> bool:
    """Whether an order triggers at a price."""
    if order.type != TRAILING:
        return is_reached(order.type, order.side, order.trigger_price, price)
    stop = trailing_stop(order)
    return stop is not None and (price >= stop if order.side == "BUY" else price <= stop)


def trailing_stop(order: AlgoOrder) -> Decimal | None:
    """Where an activated trailing stop triggers now."""
    if not order.activated or order.extreme is None or order.callback_rate is None:
        return None
    rate = order.callback_rate / 100
    return order.extreme * (1 + rate if order.side == "BUY" else 1 - rate)


def is_protected(order: AlgoOrder, quote: Quote) -> bool:
    """Whether price protection keeps the order from triggering: mark and last price are too far apart."""
    return order.price_protect and abs(quote.mark - quote.last) > quote.mark * TRIGGER_PROTECT
