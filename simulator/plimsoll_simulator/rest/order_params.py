"""The parameters of an order as sent, turned into a request: presence, form and combination, before any filter."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.request import OrderRequest

ALGO_TYPES = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
PRICE_MATCHES = ("NONE", *(f"{kind}{place}" for kind in ("OPPONENT", "QUEUE") for place in ("", "_5", "_10", "_20")))
_SELF_TRADE = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD")
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?")
_LEAST_LIFE_MS = 600_000
_LAST_DATE_MS = 253_402_300_799_000


def order_request(call: Call) -> OrderRequest:
    """Read an order.

    Raises:
        Refused: A parameter is missing, unreadable or not wanted here.
    """
    symbol, direction = call.needed_symbol(), side(call)
    kind = _type(call)
    check_response_type(call)
    return OrderRequest(
        symbol=symbol.name,
        side=direction,
        type=kind,
        quantity=needed_number(call, "quantity"),
        price=_price(call, kind),
        position_side=position_side(call),
        time_in_force=_time_in_force(call, kind),
        reduce_only=reduce_only(call, call.account),
        client_id=client_id(call, "newClientOrderId"),
        price_match=price_match(call, kind),
        self_trade=self_trade(call),
        good_till=good_till(call),
    )


def needed(call: Call, name: str) -> str:
    """A mandatory parameter.

    Raises:
        Refused: It is absent (-1102).
    """
    text = call.params.get(name)
    if text is None:
        raise refusal.missing(name)
    return text


def unwanted(call: Call, *names: str) -> None:
    """Refuse parameters that have no place in this call.

    Raises:
        Refused: One of them was sent (-1106).
    """
    for name in names:
        if name in call.params:
            raise refusal.bad_request(-1106, f"Parameter '{name}' sent when not required.")


def needed_number(call: Call, name: str) -> Decimal:
    """A mandatory decimal.

    Raises:
        Refused: It is absent (-1102) or no plain number (-1100).
    """
    text = needed(call, name)
    if not _NUMBER.fullmatch(text):
        legal = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
        text = f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
        raise refusal.bad_request(-1100, text)
    return Decimal(text)


def truth_value(params: Mapping[str, str], name: str) -> bool | None:
    """``true`` or ``false`` as the exchange writes them; ``None`` when absent or neither."""
    return {"true": True, "false": False}.get(params.get(name, "").lower())


def side(call: Call) -> str:
    """The side, BUY or SELL.

    Raises:
        Refused: It is absent (-1102) or neither (-1117).
    """
    text = needed(call, "side")
    if text not in {"BUY", "SELL"}:
        raise refusal.bad_request(-1117, "Invalid side.")
    return text


def _type(call: Call) -> str:
    kind = needed(call, "type")
    if kind in ALGO_TYPES:
        text = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
        raise refusal.bad_request(-4120, text)
    if kind not in {"LIMIT", "MARKET"}:
        raise refusal.bad_request(-1116, "Invalid orderType.")
    if truth_value(call.params, "closePosition"):
        raise refusal.bad_request(-4136, f"Target strategy invalid for orderType '{kind}', closePosition 'true'.")
    unwanted(call, "stopPrice", "activationPrice", "activatePrice", "callbackRate")
    if kind == "MARKET":
        unwanted(call, "timeInForce", "price", "goodTillDate")
    return kind


def check_response_type(call: Call) -> None:
    """Refuse a kind of answer that there is not.

    Raises:
        Refused: -1136.
    """
    if call.params.get("newOrderRespType", "ACK") not in {"ACK", "RESULT"}:
        raise refusal.bad_request(-1136, "Invalid newOrderRespType")


def _price(call: Call, kind: str) -> Decimal | None:
    if kind == "MARKET":
        return None
    if call.params.get("priceMatch", "NONE") != "NONE":
        unwanted(call, "price")
        return None
    return needed_number(call, "price")


def position_side(call: Call) -> str:
    """The position side, BOTH unless another is sent.

    Raises:
        Refused: There is no such side (-4060).
    """
    side = call.params.get("positionSide", "BOTH")
    if side not in {"BOTH", "LONG", "SHORT"}:
        raise refusal.bad_request(-4060, "Invalid position side.")
    return side


def _time_in_force(call: Call, kind: str) -> str:
    if kind == "MARKET":
        return "GTC"
    # RPI is for the exchange's retail makers alone; no symbol here lists it.
    return time_in_force(call, needed(call, "timeInForce"), _TIMES_IN_FORCE)


def time_in_force(call: Call, text: str, known: Collection[str]) -> str:
    """A time in force as sent, one of those that are known.

    Raises:
        Refused: There is no such one (-1115), or a date was sent that it does not want (-1106).
    """
    if text not in known:
        raise refusal.bad_request(-1115, "Invalid timeInForce.")
    if text != "GTD":
        unwanted(call, "goodTillDate")
    return text


def good_till(call: Call) -> int:
    """When a GTD order ends, in milliseconds on a whole second; 0 for any other.

    Raises:
        Refused: It is absent (-1102), too near or too far (-5040).
    """
    if call.params.get("timeInForce") != "GTD":
        return 0
    needed(call, "goodTillDate")
    when = call.number("goodTillDate") or 0
    if not call.world.time_ms() + _LEAST_LIFE_MS < when < _LAST_DATE_MS:
        text = "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than "
        raise refusal.bad_request(-5040, f"{text}{_LAST_DATE_MS}")
    return when // 1000 * 1000


def reduce_only(call: Call, account: Account) -> bool:
    """Whether the order may only reduce.

    Raises:
        Refused: Hedge mode has no such parameter (-1106), or its value is neither true nor false (-4062).
    """
    if "reduceOnly" not in call.params:
        return False
    if account.hedge:
        unwanted(call, "reduceOnly")
    value = truth_value(call.params, "reduceOnly")
    if value is None:
        raise refusal.bad_request(-4062, "Invalid or improper reduceOnly value.")
    return value


def client_id(call: Call, name: str) -> str:
    """The caller's own id for the order, empty when none is sent.

    Raises:
        Refused: It has other signs than the exchange takes, or more than 36 (-4015).
    """
    text = call.params.get(name, "")
    if text and not _CLIENT_ID.fullmatch(text):
        raise refused(-4015)
    return text


def price_match(call: Call, kind: str) -> str:
    """The level of the book that gives the price, or NONE.

    Raises:
        Refused: There is no such level (-5037), or the type has no price (-5038).
    """
    text = call.params.get("priceMatch", "NONE")
    if text not in PRICE_MATCHES:
        raise refusal.bad_request(-5037, "Invalid price match")
    if text != "NONE" and kind == "MARKET":
        raise refusal.bad_request(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
    return text


def self_trade(call: Call) -> str:
    """The mode of self-trade prevention.

    Raises:
        Refused: There is no such mode (-5039).
    """
    text = call.params.get("selfTradePreventionMode", "EXPIRE_MAKER")
    if text not in _SELF_TRADE:
        raise refusal.bad_request(-5039, "Invalid self trade prevention mode")
    return text
