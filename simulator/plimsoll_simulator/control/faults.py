"""Control of faults: REST answers, latency, streams, user events."""

from __future__ import annotations

import json

from plimsoll_simulator import events
from plimsoll_simulator.control.codes import coded
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.streams.hub import ALL, MARKET

FORMS = ("path", "query", "events", "subscribe")
_ACTIONS = ("cut", "silence", "resume", "delay", "expire-key", "refuse")
_FOR_GOOD = 10.0**9
_NOTHING = object()


def fail(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/fail``: wrong answers for the next ``times`` calls of ``endpoint`` (path, "GET path" or ``*``).

    With a ``code`` (and ``msg``) the answer is that refusal, without a ``body`` and ``status`` of its own.
    """
    refused = coded(fields)
    body, headers = fields.raw("body", "" if refused is None else refused.body()), fields.raw("headers", {})
    usual = None if refused is None else refused.status
    fault = RestFault(
        endpoint=fields.text("endpoint"),
        times=fields.whole("times", 1),
        status=fields.whole("status") if fields.has("status") else usual,
        body=_as_given(body),
        headers=_headers(headers),
        account=fields.account().name if fields.has("account") else None,
        delay=fields.seconds("delay", 0),
        reset=fields.flag("reset", default=False),
        executed=fields.flag("executed", default=False),
    )
    fields.finish()
    if fault.status is not None and not 200 <= fault.status <= 599:  # noqa: PLR2004 - the range of HTTP
        raise FieldError("status", f"must be an HTTP status, found {fault.status}")
    exchange.rest_faults.add(fault)
    return {}


def _as_given(content: object) -> str:
    """A text as it is, anything else as JSON; numbers with a point, read as decimals, become numbers again."""
    if isinstance(content, str):
        return content
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, default=float)


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise FieldError("headers", "must be an object of names and texts")
    return {str(name): str(text) for name, text in value.items()}


def end_faults(exchange: Exchange, fields: Fields) -> object:
    """``DELETE /sim/fail``: end every REST fault, the latency, and every stream fault."""
    fields.finish()
    exchange.rest_faults.clear()
    exchange.rest_faults.latency = 0.0
    exchange.stream_faults.resume(ALL)
    exchange.stream_faults.dead_forms.clear()
    return {}


def set_limit(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/limit``: the request ``weight`` that an address may use in a minute; exchangeInfo does not tell."""
    weight = fields.whole("weight")
    fields.finish()
    exchange.limits.limit = weight
    return {}


def set_latency(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/latency``: every REST answer takes ``seconds``."""
    seconds = fields.seconds("seconds")
    fields.finish()
    exchange.rest_faults.latency = max(0.0, seconds)
    return {}


def disturb_stream(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/stream``: ``target``, ``action``, optional ``seconds``; with ``form`` it is about that form alone."""
    target = fields.text("target", among=(MARKET, ALL, *exchange.world.accounts))
    action = fields.text("action", among=_ACTIONS)
    seconds = fields.seconds("seconds", _FOR_GOOD)
    form = fields.text("form", among=FORMS) if fields.has("form") else None
    fields.finish()
    if form is not None:
        return _disturb_form(exchange, form, action)
    faults = exchange.stream_faults
    if action == "cut":
        return {"connections": exchange.hub.cut(target)}
    if action == "expire-key":
        _expire(exchange, target)
    elif action == "resume":
        faults.resume(target)
    elif action == "silence":
        faults.silence(target, seconds)
    elif action == "refuse":
        faults.refuse(target, seconds)
    else:
        faults.delay(target, 0.0 if seconds == _FOR_GOOD else seconds)
    return {}


def _disturb_form(exchange: Exchange, form: str, action: str) -> object:
    if action == "silence":
        exchange.stream_faults.dead_forms.add(form)
    elif action == "resume":
        exchange.stream_faults.dead_forms.discard(form)
    else:
        raise FieldError("action", "with a form it must be silence or resume")
    return {}


def _expire(exchange: Exchange, target: str) -> None:
    if target == MARKET:
        raise FieldError("target", "the market streams have no listen key")
    for name in exchange.world.accounts if target == ALL else (target,):
        exchange.keys.expire(name)


def disturb_events(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/event``: ``account`` and ``drop``, ``repeat``, ``reorder`` (counts), ``raw``, ``margin_call``.

    ``order_first`` and ``stops_first`` are the reorderings that were seen on the real exchange.

    With ``account`` ``market`` only ``raw`` makes sense: it goes to every market connection.
    """
    if fields.raw("account") == MARKET:
        raw = fields.raw("raw")
        fields.finish()
        exchange.hub.send_market(_as_given(raw))
        return {}
    account, faults = fields.account(), exchange.event_faults
    counts = {name: fields.whole(name) for name in ("drop", "repeat", "reorder") if fields.has(name)}
    order_first = fields.flag("order_first", account.order_events_first)
    stops_first = fields.flag("stops_first", account.stops_first)
    margin_call, raw = fields.flag("margin_call", default=False), fields.raw("raw", _NOTHING)
    fields.finish()
    for name, start in (("drop", faults.drop), ("repeat", faults.repeat), ("reorder", faults.reorder)):
        if name in counts:
            start(account.name, counts[name])
    account.order_events_first, account.stops_first = order_first, stops_first
    if margin_call:
        exchange.world.emit(account, events.margin_call(exchange.world, account))
    if raw is not _NOTHING:
        exchange.hub.send_user(account.name, None, _as_given(raw))
    return {}
