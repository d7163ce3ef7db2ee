"""The parameters of a conditional order as sent, turned into a request: presence, form and combination."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.algo.conditions import LIMIT_TYPES, MARKET_TYPES, TRAILING, TYPES
from plimsoll_simulator.algo.refusals import refused
from plimsoll_simulator.algo.request import AlgoRequest
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.rest.order_params import (
    check_response_type,
    client_id,
    good_till,
    needed,
    needed_number,
    position_side,
    price_match,
    reduce_only,
    self_trade,
    side,
    time_in_force,
    truth_value,
    unwanted,
)

CLOSING_TYPES = ("STOP_MARKET", "TAKE_PROFIT_MARKET")
TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD", "GTE_GTC")
LEAST_CALLBACK, LARGEST_CALLBACK = Decimal("0.1"), Decimal(20)


def algo_request(call: Call) -> AlgoRequest:
    """Read a conditional order.

    Raises:
        Refused: A parameter is missing, unreadable or not wanted here.
    """
    symbol = call.needed_symbol()
    direction, kind = _side(call), _type(call)
    check_response_type(call)
    _check_prices(call, kind)
    close = _flag(call, "closePosition")
    if close:
        _check_closing(call, kind)
    trailing = kind == TRAILING
    return AlgoRequest(
        symbol=symbol.name,
        side=direction,
        type=kind,
        quantity=ZERO if close else needed_number(call, "quantity"),
        position_side=position_side(call),
        trigger_price=ZERO if trailing else needed_number(call, "triggerPrice"),
        price=_price(call, kind),
        price_match=price_match(call, "MARKET" if kind in MARKET_TYPES else "LIMIT"),
        activate_price=_activate_price(call),
        callback_rate=_callback_rate(call) if trailing else None,
        time_in_force=_time_in_force(call),
        good_till=good_till(call),
        working_type=_working_type(call),
        reduce_only=reduce_only(call, call.account),
        close_position=close,
        price_protect=_flag(call, "priceProtect"),
        client_id=client_id(call, "clientAlgoId"),
        self_trade=self_trade(call),
    )


def _side(call: Call) -> str:
    if needed(call, "algoType") != "CONDITIONAL":
        raise _invalid("algoType")
    return side(call)


def _type(call: Call) -> str:
    kind = needed(call, "type")
    if kind not in TYPES:
        raise refusal.bad_request(-1116, "Invalid orderType.")
    return kind


def _check_prices(call: Call, kind: str) -> None:
    """Which prices a type takes."""
    if kind == TRAILING:
        unwanted(call, "triggerPrice")
    else:
        unwanted(call, "activatePrice", "callbackRate")
    if kind in MARKET_TYPES:
        unwanted(call, "price")


def _check_closing(call: Call, kind: str) -> None:
    """What ``closePosition`` goes with: two types, no quantity, no ``reduceOnly``."""
    if kind not in CLOSING_TYPES:
        text = f"Target strategy invalid for orderType '{kind}', closePosition 'true'."
        raise refusal.bad_request(-4136, text)
    if "quantity" in call.params:
        raise refused(-4137)
    if truth_value(call.params, "reduceOnly") is False:
        raise refused(-4138)
    unwanted(call, "reduceOnly")


def _price(call: Call, kind: str) -> Decimal:
    if kind not in LIMIT_TYPES:
        return ZERO
    if call.params.get("priceMatch", "NONE") != "NONE":
        unwanted(call, "price")
        return ZERO
    return needed_number(call, "price")


def _activate_price(call: Call) -> Decimal | None:
    if "activatePrice" not in call.params:
        return None
    price = needed_number(call, "activatePrice")
    if not price:
        raise refused(-4135)
    return price


def _callback_rate(call: Call) -> Decimal:
    rate = needed_number(call, "callbackRate")
    if not LEAST_CALLBACK <= rate <= LARGEST_CALLBACK:
        raise _invalid("callbackRate")
    return rate


def _time_in_force(call: Call) -> str:
    return time_in_force(call, call.params.get("timeInForce", "GTC"), TIMES_IN_FORCE)


def _working_type(call: Call) -> str:
    text = call.params.get("workingType", "CONTRACT_PRICE")
    if text not in {"CONTRACT_PRICE", "MARK_PRICE"}:
        raise _invalid("workingType")
    return text


def _flag(call: Call, name: str) -> bool:
    if name not in call.params:
        return False
    value = truth_value(call.params, name)
    if value is None:
        raise _invalid(name)
    return value


def _invalid(name: str) -> refusal.Refused:
    return refusal.bad_request(-1130, f"Data sent for parameter '{name}' is not valid.")
