"""A stand-in of an Alertmanager for the fast lane: it keeps what is posted, and can be slow, refuse, or be away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from patience import until


@dataclass
class LaneAlertmanager:
    """What was posted, and how posts are answered.

    Attributes:
        url: Base of its API.
        posts: The alerts of each post, in order.
        authorizations: What each post logged in with.
        status: What it answers with.
        hold: While it is cleared no post is answered.
        held: What it answers that it holds.
    """

    url: str = ""
    posts: list[list[dict[str, Any]]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    status: int = 200
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[dict[str, Any]] = field(default_factory=list)

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds.

        Raises:
            AssertionError: It did not within ``PATIENCE``.
        """
        await until(holds, lambda: f"never: {what}: {self.posts}")

    def of(self, alertname: str) -> list[Mapping[str, Any]]:
        """Every alert of a name that was posted, in order."""
        return [alert for post in self.posts for alert in post if alert["labels"]["alertname"] == alertname]

    @property
    def names(self) -> list[list[str]]:
        """The names of the alerts of each post, in order."""
        return [[alert["labels"]["alertname"] for alert in post] for post in self.posts]

    async def take(self, request: web.Request) -> web.Response:
        """Keep a post and answer it."""
        self.authorizations.append(request.headers.get("Authorization"))
        self.posts.append(await request.json())
        await self.hold.wait()
        return web.Response(status=self.status)

    async def tell(self, _request: web.Request) -> web.Response:
        """Say what is held."""
        return web.json_response(self.held, status=self.status)


@asynccontextmanager
async def lane_alertmanager(port: int = 0) -> AsyncIterator[LaneAlertmanager]:
    """One on loopback, until the block ends."""
    made = LaneAlertmanager()
    made.hold.set()
    app = web.Application()
    app.add_routes([web.post("/api/v2/alerts", made.take), web.get("/api/v2/alerts", made.tell)])
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.hold.set()
        await runner.cleanup()
