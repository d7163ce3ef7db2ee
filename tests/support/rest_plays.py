"""What ``fake_rest_server`` can play instead of an answer: errors, and every way a connection can misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

Play = Callable[[web.Request], Awaitable[web.StreamResponse]]


def error(status: int, code: int, message: str, **headers: str) -> web.Response:
    """An error answer as the exchange sends it."""
    body = json.dumps({"code": code, "msg": message})
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)


def answer(status: int, text: str, headers: dict[str, str] | None = None) -> Play:
    """Play an answer with this text."""

    async def play(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, headers=headers)

    return play


def refuse(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Play:
    """Play an error answer of the exchange."""
    return answer(status, json.dumps({"code": code, "msg": message}), headers)


async def silence(_: web.Request) -> web.StreamResponse:
    """Play a server that accepts the request and never answers."""
    await asyncio.sleep(60)
    raise AssertionError("the client waited too long")


async def reset(request: web.Request) -> web.StreamResponse:
    """Play a connection that breaks before any answer; aiohttp asks once more by itself before it gives up."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def truncate(request: web.Request) -> web.StreamResponse:
    """Play an answer that breaks off in the middle."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"totalWalletBalance":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def drip(request: web.Request) -> web.StreamResponse:
    """Play an answer that comes byte by byte and takes forever."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b" ")
        await asyncio.sleep(0.02)
    return response


def json_play(value: object) -> Play:
    """Play a good answer with this value."""
    return answer(200, json.dumps(value))
