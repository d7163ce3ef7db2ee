"""The streams' messages: which event is which, account side and market side, and the identity of an event.

Both forms are understood: the raw event, and the one wrapped as ``{"stream": ..., "data": ...}``. What is of an unknown
type is told as unknown (account) or passed over (market); only a known event with broken content is an error.
"""

from __future__ import annotations

import hashlib
import json as json_text
from collections.abc import Callable

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.account_events import account_update, config_update, listen_key_expired, margin_call
from plimsoll.exchange.payload.fields import Row, absent, good_rows, integer, mapping, optional_text, text
from plimsoll.exchange.payload.market import asset_rate, last_price, mark
from plimsoll.exchange.payload.order_events import algo_update, order_update
from plimsoll.model.events import AccountEvent, IgnoredEvent, MarketEvent, UnknownEvent

_TRANSLATIONS: dict[str, Callable[[Row], AccountEvent]] = {
    "ACCOUNT_UPDATE": account_update,
    "ORDER_TRADE_UPDATE": order_update,
    "ALGO_UPDATE": algo_update,
    "ACCOUNT_CONFIG_UPDATE": config_update,
    "MARGIN_CALL": margin_call,
    "listenKeyExpired": listen_key_expired,
}
_IGNORED = frozenset({"TRADE_LITE", "STRATEGY_UPDATE", "GRID_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT"})
"""Told again by others: trades of ours by ORDER_TRADE_UPDATE, what a grid bot does by its orders and balances, and,
since conditional orders live in the algo service, a refusal at the trigger by ALGO_UPDATE with the state REJECTED."""
_USDM = 1
"""The symbol type of USDⓈ-M contracts; the market streams carry coin-margined ones too."""


def account_event(json: object) -> AccountEvent:
    """Translate one message of a user-data stream.

    Raises:
        Malformed: It is no event, or an event of a known type with broken content.
    """
    row = mapping(_unwrapped(json), "user stream")
    name = text(row, "e")
    if name in _TRANSLATIONS:
        return _TRANSLATIONS[name](Row(where=name, data=row.data))
    event_ms = _time_or(row, "E", 0)
    time_ms = _time_or(row, "T", event_ms)
    kind = IgnoredEvent if name in _IGNORED else UnknownEvent
    return kind(time_ms=time_ms, event_ms=event_ms, name=name)


def _time_or(row: Row, key: str, default: int) -> int:
    """A time of an event that nothing else is read from: whatever is in the field, it is no error."""
    try:
        return integer(row, key)
    except Malformed:
        return default


def market_events(json: object) -> tuple[MarketEvent, ...]:
    """Translate one message of the market stream: an event or a list of events, those of interest in their order.

    A broken event in a list is left out, as is a coin-margined symbol and a symbol without a price.

    Raises:
        Malformed: Every event in it is broken.
    """
    content = _unwrapped(json)
    if not isinstance(content, (dict, list)):
        return ()
    found = good_rows(content, "market stream", _market_event)
    return tuple(event for event in found if event is not None)


def _market_event(row: Row) -> MarketEvent | None:
    name = optional_text(row, "e")
    if name == "markPriceUpdate":
        return _mark(Row(where=name, data=row.data))
    if name == "assetIndexUpdate":
        return asset_rate(Row(where=name, data=row.data), symbol="s", bid="B", ask="A", time="E")
    if name == "24hrMiniTicker":
        told = Row(where=name, data=row.data)
        return last_price(told) if _is_usdm(told) else None
    return None


def _mark(row: Row) -> MarketEvent | None:
    return mark(row, symbol="s", price="p", time="E") if _is_usdm(row) else None


def _is_usdm(row: Row) -> bool:
    return absent(row, "st") or integer(row, "st") == _USDM


def fingerprint(json: object) -> str:
    """The identity of an event: equal for the same content, whatever the order of keys and the wrapping.

    Raises:
        Malformed: It is nested without measure.
    """
    try:
        written = json_text.dumps(_unwrapped(json), sort_keys=True, separators=(",", ":"), default=str)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"event: cannot be read ({type(error).__name__})") from error
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def _unwrapped(json: object) -> object:
    """The event itself, out of the envelope of a combined stream."""
    if isinstance(json, dict) and "stream" in json and "data" in json:
        return json["data"]
    return json
