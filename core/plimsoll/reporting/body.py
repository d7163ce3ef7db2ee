"""The report as it goes over the wire: what a bot knows of its order, in the words of ``POST /api/v1/rejections``.

A bot may hand over the very parameters that it gave python-binance; what is not an order's is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Value = str | int | float | bool
Body = dict[str, Value]

LONGEST = 500
"""Characters of one text that are sent; the exchange's are far shorter."""

_NAMES = {
    "symbol": ("symbol",),
    "side": ("side",),
    "position_side": ("position_side", "positionSide"),
    "quantity": ("quantity", "amount"),
    "type": ("type",),
    "reduce_only": ("reduce_only", "reduceOnly"),
    "close_position": ("close_position", "closePosition"),
    "intent": ("intent",),
    "client_order_id": ("client_order_id", "newClientOrderId", "clientAlgoId", "clientOrderId"),
}
"""The contract's name of a field, and the names under which libraries know it."""

_UPPER = frozenset({"symbol", "side", "position_side", "type"})
_LOWER = frozenset({"intent"})
_FLAGS = frozenset({"reduce_only", "close_position"})


def body(*, report_id: str, account: str, code: int, message: str, time: float, order: Mapping[str, object]) -> Body:
    """One report; ``order`` is what the bot knows, under the contract's names or those of a library."""
    return {
        "report_id": report_id,
        "account": account,
        "code": code,
        "message": message[:LONGEST],
        "time": round(time, 3),
        **dict(_fields(order)),
    }


def _fields(order: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    for field, names in _NAMES.items():
        given = next((order[name] for name in names if order.get(name) is not None), None)
        if given is not None:
            yield field, _value(field, given)


def _value(field: str, given: object) -> Value:
    if field in _FLAGS:
        return str(given).strip().lower() == "true"
    text = plain(given)
    if field == "symbol":
        # ccxt spells a perpetual BTC/USDT:USDT.
        text = text.partition(":")[0].replace("/", "")
    if field in _UPPER:
        return text.upper()
    return text.lower() if field in _LOWER else text


def plain(given: object) -> str:
    """A value as text; a number never with an exponent."""
    if isinstance(given, float):
        return f"{given:.16f}".rstrip("0").rstrip(".")
    return str(getattr(given, "value", given))[:LONGEST]
