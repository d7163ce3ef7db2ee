"""Stand-ins, on one loopback port, for what Alertmanager calls: PagerDuty, Telegram, webhooks, heartbeat, enforcer.

Each call is kept as it came. The statuses that a service answers with next can be set, to play its faults.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from patience import PATIENCE

SERVICES = ("pagerduty", "telegram", "webhook", "heartbeat", "enforcer")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a service.

    Attributes:
        path: Path of its URL.
        headers: Its headers.
        body: Its JSON.
        status: What it was answered with.
        at: When, in seconds of ``time.time``.
    """

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    status: int
    at: float


@dataclass
class Receivers:
    """What was called so far.

    Attributes:
        url: Base URL of all services.
        calls: The calls of each service, in their order.
        faults: Statuses that a service answers with before it answers well again.
        on_call: Told of each call; the demo prints it.
    """

    url: str = ""
    calls: dict[str, list[Call]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    faults: dict[str, list[int]] = field(default_factory=dict)
    on_call: Callable[[str, Call], None] = lambda _service, _call: None

    def accepted(self, service: str) -> list[Call]:
        """The calls that a service took."""
        return [call for call in self.calls[service] if call.status < 300]

    def texts(self) -> list[str]:
        """What Telegram was told, in order."""
        return [str(call.body["text"]) for call in self.accepted("telegram")]

    async def until(self, service: str, count: int, of: Callable[[Call], bool] = lambda _call: True) -> Sequence[Call]:
        """Wait until a service took so many calls of a kind; gives them.

        Raises:
            AssertionError: It did not within ``PATIENCE``.
        """
        deadline = time.monotonic() + PATIENCE
        while len(found := [call for call in self.accepted(service) if of(call)]) < count:
            assert time.monotonic() < deadline, f"{service}: {len(found)} of {count} calls: {self.calls[service]}"
            await asyncio.sleep(0.02)
        return found

    async def take(self, service: str, request: web.Request, answer: dict[str, Any], well: int) -> web.Response:
        """Keep a call and answer it."""
        waiting = self.faults.get(service)
        status = waiting.pop(0) if waiting else well
        call = Call(
            path=request.path, headers=dict(request.headers), body=await request.json(), status=status, at=time.time()
        )
        self.calls[service].append(call)
        self.on_call(service, call)
        return web.json_response(answer if status == well else {"error": "made up"}, status=status)


@asynccontextmanager
async def page_receivers() -> AsyncIterator[Receivers]:
    """The stand-ins, until the block ends."""
    receivers = Receivers()
    app = web.Application()
    app.add_routes(
        [
            web.post("/v2/enqueue", _pagerduty(receivers)),
            web.post("/bot{token}/sendMessage", _telegram(receivers)),
            web.post("/hook/{secret}", _plain(receivers, "webhook")),
            web.post("/beat/{secret}", _plain(receivers, "heartbeat")),
            web.post("/enforce", _plain(receivers, "enforcer")),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receivers.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receivers
    finally:
        await runner.cleanup()


Handler = Callable[[web.Request], Any]


def _pagerduty(receivers: Receivers) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        answer = {"status": "success", "message": "Event processed", "dedup_key": "made-up"}
        return await receivers.take("pagerduty", request, answer, 202)

    return handle


def _telegram(receivers: Receivers) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        chat = {"id": 1, "type": "group", "title": "made up"}
        answer = {"ok": True, "result": {"message_id": 1, "date": 1, "chat": chat, "text": "taken"}}
        return await receivers.take("telegram", request, answer, 200)

    return handle


def _plain(receivers: Receivers, service: str) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return await receivers.take(service, request, {}, 200)

    return handle
