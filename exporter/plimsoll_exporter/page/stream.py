"""``GET /api/v1/stream``: server-sent events, one named after each topic, its data as ``/api/v1/{topic}`` gives it.

A client costs one connection and at most one event of memory; one that takes nothing for long is cut. Every stream ends
after a while, so that whoever may no longer come in does not stay for ever; pages come again by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from prometheus_client.exposition import gzip_accepted

from plimsoll.clock import Clock
from plimsoll.web.answers import plain
from plimsoll.web.connections import Connection
from plimsoll.web.flow import Flow
from plimsoll.web.server import Handler
from plimsoll_exporter.page.events import GZIP_HEAD, NOTHING, Event, event
from plimsoll_exporter.page.hub import END, Hub

PATH = "/api/v1/stream"
MOST_CLIENTS = 50
SLOW_SECONDS = 20.0
"""Real seconds within which a client must have taken what was sent."""

LONGEST_SECONDS = 900.0
"""After which a stream ends, to be asked for anew with whatever password holds by then."""

HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
"""The second one asks proxies not to hold events back."""

FULL = f"{MOST_CLIENTS} pages are open already, which is the most: close one, and this one gets its turn"


class EventStream(Flow):
    """The stream of one client, who has joined already and leaves at its end.

    Args:
        hub: Where the events come from.
        due: Tells whether the stream has lasted long enough.
        compressed: Whether the client takes gzip.
    """

    def __init__(self, hub: Hub, *, due: Callable[[], bool], compressed: bool) -> None:
        encoding = {"Content-Encoding": "gzip"} if compressed else {}
        super().__init__(headers={**HEADERS, **encoding})
        self._hub, self._due, self._compressed = hub, due, compressed

    async def flow(self, request: web.BaseRequest) -> None:
        """Send events until the end; a client that went away, or takes nothing, is cut."""
        try:
            await self.prepare(request)
            await self._send_all(request)
        except OSError:
            if isinstance(request.protocol, Connection):
                request.protocol.cut()
        finally:
            self._hub.leave()

    async def _send_all(self, request: web.BaseRequest) -> None:
        """Send whatever is new until the hub ends, or until this stream has lasted long enough."""
        if self._compressed:
            await self.write(GZIP_HEAD)
        number = 0
        while not self._due():
            found = await self._hub.after(number)
            number = max((one.number for one in found), default=number)
            await self._send(request, found or [NOTHING])
            if self._hub.ended:
                return
        await self._send(request, [event(number, END, {"reason": "renew"})])

    async def _send(self, request: web.BaseRequest, found: Sequence[Event]) -> None:
        """Send to a client that takes it in time.

        Raises:
            OSError: It went away, or took too long.
        """
        content = b"".join(one.compressed if self._compressed else one.plain for one in found)
        async with asyncio.timeout(SLOW_SECONDS):
            await self.write(content)
        if isinstance(request.protocol, Connection):
            request.protocol.requested()


def stream_handler(hub: Hub, *, clock: Clock, most: int = MOST_CLIENTS) -> Handler:
    """Who answers on ``PATH``."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "HEAD":
            return web.Response(headers=HEADERS)
        if hub.listeners >= most:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, FULL, **{"Retry-After": "5"})
        hub.join()
        until = clock.monotonic() + LONGEST_SECONDS
        compressed = gzip_accepted(request.headers.get("Accept-Encoding", ""))
        return EventStream(hub, due=lambda: clock.monotonic() >= until, compressed=compressed)

    return answer
