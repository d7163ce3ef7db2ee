"""Watching a python-binance client: its order-placing methods wrapped, so that refusals are seen and passed on.

Methods that change, cancel or test an order are left alone: a refused amendment leaves the order as it was.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from types import MappingProxyType
from typing import Any

from plimsoll.reporting.refusals import Refusal, in_answer

_NOTHING: Mapping[str, str] = MappingProxyType({})

PLACING: Mapping[str, Mapping[str, str]] = {
    "futures_create_order": _NOTHING,
    "futures_create_algo_order": _NOTHING,
    "futures_limit_order": {"type": "LIMIT"},
    "futures_limit_buy_order": {"type": "LIMIT", "side": "BUY"},
    "futures_limit_sell_order": {"type": "LIMIT", "side": "SELL"},
    "futures_market_order": {"type": "MARKET"},
    "futures_market_buy_order": {"type": "MARKET", "side": "BUY"},
    "futures_market_sell_order": {"type": "MARKET", "side": "SELL"},
    "futures_place_batch_order": _NOTHING,
    "futures_v1_post_batch_order": _NOTHING,
    "ws_futures_create_order": _NOTHING,
    "ws_futures_create_algo_order": _NOTHING,
}
"""The methods that place orders, by name, with what each one adds to its parameters."""

_MARK = "_plimsoll_watched"

_inside: ContextVar[bool] = ContextVar("plimsoll_inside_a_watched_call", default=False)

Call = Callable[..., Any]  # a client's method: its answer is passed on, never looked into beyond a batch's errors
Told = Callable[[BaseException | Refusal, Mapping[str, object]], None]
"""Hears of a refusal, or of an exception that may be one, and of the order."""


def watch(client: object, told: Told) -> None:
    """Wrap the order-placing methods that a client has; a second call changes nothing."""
    for name, added in PLACING.items():
        method = getattr(client, name, None)
        if callable(method) and not hasattr(method, _MARK):
            setattr(client, name, _watched(method, added, told))


def _watched(method: Call, added: Mapping[str, str], told: Told) -> Call:
    if inspect.iscoroutinefunction(method):

        @wraps(method)
        async def placed_later(*args: object, **order: object) -> object:
            with _seen(added, order, told) as answered:
                answer = await method(*args, **order)
                answered(answer)
            return answer

        return _marked(placed_later)

    @wraps(method)
    def placed(*args: object, **order: object) -> object:
        with _seen(added, order, told) as answered:
            answer = method(*args, **order)
            answered(answer)
        return answer

    return _marked(placed)


@contextmanager
def _seen(added: Mapping[str, str], order: Mapping[str, object], told: Told) -> Iterator[Callable[[object], None]]:
    """See how a call ends; give it what it answered. A call made by another watched one is seen there alone."""
    if _inside.get():
        yield lambda _: None
        return
    token = _inside.set(True)
    try:
        yield lambda answer: _answered(answer, order, told)
    except Exception as error:
        _failed(error, added, order, told)
        raise
    finally:
        _inside.reset(token)


def _marked(call: Call) -> Call:
    setattr(call, _MARK, True)
    return call


def _failed(error: BaseException, added: Mapping[str, str], order: Mapping[str, object], told: Told) -> None:
    """A call that failed: one order, or every order of a batch."""
    batch = _batch(order)
    for each in [order] if batch is None else batch:
        told(error, {**each, **added})


def _answered(answer: object, order: Mapping[str, object], told: Told) -> None:
    """A call that went well: in a batch single orders may have been refused all the same."""
    batch = _batch(order)
    if batch is None or not isinstance(answer, list):
        return
    for place, element in enumerate(answer):
        if refusal := in_answer(element):
            told(refusal, batch[place] if place < len(batch) else {})


def _batch(order: Mapping[str, object]) -> Sequence[Mapping[str, object]] | None:
    orders = order.get("batchOrders")
    if not isinstance(orders, Sequence) or isinstance(orders, str):
        return None
    return [each for each in orders if isinstance(each, Mapping)]
