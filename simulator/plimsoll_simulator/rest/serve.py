"""From an HTTP request to the exchange's answer: weight, fault, key, handler, in the order in which the exchange asks.

The only module of the REST surface that knows aiohttp.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qsl

from aiohttp import web

from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Endpoint
from plimsoll_simulator.rest.presence import check_presence
from plimsoll_simulator.rest.signing import Request, authenticate
from plimsoll_simulator.streams.hub import encode
from plimsoll_simulator.trading.following import follow_time
from plimsoll_simulator.trading.refusals import OVERLOADED

IP_HEADER = "X-Simulated-IP"
_WEIGHT_HEADERS = {"fapi": "X-MBX-USED-WEIGHT-1M", "sapi": "X-SAPI-USED-IP-WEIGHT-1M"}


async def serve_rest(exchange: Exchange, incoming: web.Request) -> web.StreamResponse:
    """Answer a REST call."""
    request = await _read(incoming)
    if exchange.rest_faults.latency:
        await asyncio.sleep(exchange.rest_faults.latency)
    prefix = "sapi" if request.path.startswith("/sapi/") else "fapi"
    headers: dict[str, str] = {}
    try:
        used = exchange.limits.charge(request.ip, prefix, _count(exchange, request))
        headers[_WEIGHT_HEADERS[prefix]] = str(used)
        fault = _fault(exchange, request)
        if fault is not None:
            if fault.executed:
                # Whether the call was carried out or refused: the caller does not hear of it.
                with suppress(refusal.Refused):
                    _answer(exchange, request, headers)
            await asyncio.sleep(fault.delay)
            if fault.reset or fault.status is not None or fault.executed:
                return _wrong_answer(fault, incoming, headers)
        return _json(_answer(exchange, request, headers), 200, headers)
    except refusal.Refused as refused:
        headers.setdefault(_WEIGHT_HEADERS[prefix], str(exchange.limits.used(request.ip, prefix)))
        return _json(refused.body(), refused.status, {**headers, **refused.headers})


async def _read(incoming: web.Request) -> Request:
    """The request with query and body as they were sent, byte for byte: the signature is over them."""
    path, _, query = incoming.raw_path.partition("?")
    body = (await incoming.read()).decode(errors="replace")
    params = dict(parse_qsl(query, keep_blank_values=True)) | dict(parse_qsl(body, keep_blank_values=True))
    return Request(
        method=incoming.method,
        path=path,
        ip=incoming.headers.get(IP_HEADER) or incoming.remote or "unknown",
        key=incoming.headers.get("X-MBX-APIKEY"),
        query=query,
        body=body,
        params={name: value for name, value in params.items() if value},
    )


def _count(exchange: Exchange, request: Request) -> int:
    endpoint = exchange.endpoints.get((request.method, request.path))
    weight = endpoint.weight_for(request.params) if endpoint else 1
    exchange.requests.count(f"{request.method} {request.path}", weight)
    return weight


def _fault(exchange: Exchange, request: Request) -> RestFault | None:
    account = exchange.world.account_of_key(request.key or "")
    return exchange.rest_faults.take(request.method, request.path, account.name if account else None)


def _wrong_answer(fault: RestFault, incoming: web.Request, headers: Mapping[str, str]) -> web.Response:
    if fault.reset or fault.status is None:
        if incoming.transport is not None:
            incoming.transport.abort()
        return web.Response()
    kind = "text/html" if fault.body.lstrip().startswith("<") else "application/json"
    all_headers = {"Content-Type": kind, **headers, **fault.headers}
    return web.Response(body=fault.body.encode(), status=fault.status, headers=all_headers)


def _answer(exchange: Exchange, request: Request, headers: dict[str, str]) -> object:
    """What the endpoint's handler says; order calls add the account's counts to the headers."""
    endpoint = exchange.endpoints.get((request.method, request.path))
    if endpoint is None:
        raise refusal.no_such_path(request.path, request.method)
    key = authenticate(exchange.world, request, endpoint.security)
    check_presence(request.query, request.body)
    if key is None:
        return endpoint.handler(Call(world=exchange.world, params=request.params))
    follow_time(exchange.world)
    if any(endpoint.orders):
        headers.update(exchange.order_limits.charge(key.account.name, endpoint.orders))
    call = Call(
        world=exchange.world,
        params=request.params,
        caller=key.account,
        permissions=key.permissions,
        trading=key.trading,
    )
    return _carry_out(exchange, endpoint, call, headers)


def _carry_out(exchange: Exchange, endpoint: Endpoint, call: Call, headers: dict[str, str]) -> object:
    """Let the handler answer; an order that an overload turns away does not count against the order limits."""
    try:
        return endpoint.handler(call)
    except refusal.Refused as refused:
        if refused.code == OVERLOADED and any(endpoint.orders):
            headers.update(exchange.order_limits.take_back(call.account.name, endpoint.orders))
        raise


def _json(content: object, status: int, headers: Mapping[str, str]) -> web.Response:
    return web.Response(text=encode(content), status=status, headers=headers, content_type="application/json")
