"""The table of ``/sim/`` paths. A new control call is one row here and one function in the module of its theme."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from plimsoll_simulator.control import accounts, acts, faults, market, story, trading, triggers
from plimsoll_simulator.control.doorkeeper import objection
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.control.truth import requests, truth
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.streams.hub import encode

Action = Callable[[Exchange, Fields], object]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _truth(exchange: Exchange, _fields: Fields) -> object:
    return truth(exchange.world)


def _requests(exchange: Exchange, _fields: Fields) -> object:
    return requests(exchange)


ACTIONS: dict[tuple[str, str], Action] = {
    ("POST", "/sim/price"): market.set_price,
    ("POST", "/sim/symbol"): market.add_symbol,
    ("POST", "/sim/book"): trading.set_book,
    ("POST", "/sim/restrict"): trading.restrict,
    ("POST", "/sim/overload"): trading.overload,
    ("POST", "/sim/acts"): acts.set_acts,
    ("POST", "/sim/trigger"): triggers.disturb,
    ("POST", "/sim/adl"): acts.deleverage,
    ("POST", "/sim/funding"): market.settle_funding,
    ("POST", "/sim/clock"): market.set_clock,
    ("POST", "/sim/transfer"): accounts.transfer,
    ("POST", "/sim/trade"): accounts.trade,
    ("POST", "/sim/order"): accounts.place,
    ("POST", "/sim/cancel"): accounts.cancel,
    ("POST", "/sim/config"): accounts.configure,
    ("POST", "/sim/key"): accounts.set_key,
    ("POST", "/sim/fail"): faults.fail,
    ("DELETE", "/sim/fail"): faults.end_faults,
    ("POST", "/sim/latency"): faults.set_latency,
    ("POST", "/sim/limit"): faults.set_limit,
    ("POST", "/sim/stream"): faults.disturb_stream,
    ("POST", "/sim/event"): faults.disturb_events,
    ("POST", "/sim/story"): story.set_story,
    ("GET", "/sim/story"): story.tell_story,
    ("POST", "/sim/cue"): story.next_cue,
    ("POST", "/sim/report"): story.report,
    ("GET", "/sim/truth"): _truth,
    ("GET", "/sim/requests"): _requests,
}


def control_routes(exchange: Exchange, host: str) -> list[web.RouteDef]:
    """The control paths as aiohttp routes, with an answer for unknown ones; ``host`` is where the server listens."""
    routes = [
        web.route(method, path, _guarded(host, _handler(exchange, action)))
        for (method, path), action in ACTIONS.items()
    ]
    return [*routes, web.route("*", "/sim/{rest:.*}", _guarded(host, _unknown))]


def _guarded(host: str, handler: Handler) -> Handler:
    """The handler behind the control API's doorkeeper."""

    async def guard(request: web.Request) -> web.StreamResponse:
        refusal = objection(request.remote, request.headers.get("Host", ""), request.headers.get("Origin"), host)
        return await handler(request) if refusal is None else _json({"error": refusal.reason}, refusal.status)

    return guard


def _handler(exchange: Exchange, action: Action) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            fields = Fields.parse(exchange.world, await request.text())
            done = action(exchange, fields)
            return _json(await done if isinstance(done, Awaitable) else done, 200)
        except FieldError as error:
            return _json({"error": str(error), "field": error.field}, 400)

    return handle


async def _unknown(request: web.Request) -> web.StreamResponse:
    known = ", ".join(f"{method} {path}" for method, path in ACTIONS)
    return _json({"error": f"no control call {request.method} {request.path}; known: {known}"}, 404)


def _json(content: object, status: int) -> web.Response:
    return web.Response(text=encode(content), status=status, content_type="application/json")
