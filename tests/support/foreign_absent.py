"""Fields that the official SDK's models know and that may lack in an answer or event, each with its reason."""

from __future__ import annotations


def _all(where: str, names: str, reason: str) -> dict[str, str]:
    return {f"{where}.{name}": reason for name in names.split()}


_TRAILING = "activatePrice priceRate"
_FILTER = (
    "limit maxPrice maxQty minPrice minQty multiplierDecimal multiplierDown multiplierUp notional stepSize tickSize"
)
_PLACED = (
    "clientOrderId closePosition cumQty executedQty goodTillDate orderId origQty origType positionSide price "
    "priceMatch priceProtect reduceOnly selfTradePreventionMode side status stopPrice symbol timeInForce type "
    "updateTime workingType"
)
_OLD = "only on trailing stops of the time before the algo service"
_OK = "only in the place of a refused element"

ABSENT: dict[str, dict[str, str]] = {
    "exchange info": _all(".symbols[].filters[]", _FILTER, "each filter has its own fields"),
    "brackets": {"[].notionalCoef": "only for users whose brackets the exchange has adjusted"},
    "trading rules": _all(".indicators", "ACCOUNT BTCUSDT ETHUSDT", "only while locked"),
    "adl quantiles": _all("[].adlQuantile", "BOTH HEDGE", "one of the two, by position mode"),
    "open orders": _all("[]", _TRAILING, _OLD),
    "all orders": _all("[]", _TRAILING, _OLD),
    "order": _all("", _TRAILING, _OLD),
    "open order": _all("", _TRAILING, _OLD),
    "test order": _all("", _TRAILING, _OLD),
    "cancel": _all("", _TRAILING, _OLD),
    "modify": {".modifyId": "only when one was sent"},
    "order changes": {"[].amendment.modifyId": "only when one was sent"},
    "place several": _all("[]", "code msg", _OK) | _all("[]", _PLACED, "a refused element has code and text alone"),
    "modify several": _all("[]", "code msg", _OK) | {"[].modifyId": "only when one was sent"},
    "cancel several": _all("[]", "code msg", _OK) | _all("[]", _TRAILING, _OLD),
    "algo order": _all("", "actualQty actualType", "only once triggered"),
}
"""Fields that the official SDK's models know and that may lack in the answer to a word, each with its reason."""

ABSENT_IN_EVENTS: dict[str, dict[str, str]] = {
    "ACCOUNT_UPDATE": {".a.S": "only with funding"},
    "ACCOUNT_CONFIG_UPDATE": {".ac": "only for leverage", ".ai": "only for the asset mode"},
    "ORDER_TRADE_UPDATE": {
        ".o.AP": "only on trailing stops",
        ".o.cr": "only on trailing stops",
        ".o.M": "only on changes that were given a number",
    },
    "ALGO_UPDATE": {f".o.{name}": "only once triggered" for name in ("act", "ap", "aq")}
    | {".o.rm": "only when rejected"},
}
"""Fields that the official SDK's models know and that may lack in an event, each with its reason."""
