"""The webhook that alerts are delivered to: a stand-in that notes when the first word of each account's breach came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

BREACH = "DrawdownLimitBreached"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A breach as it came: Unix times of its arrival and of its ``startsAt``."""

    arrived: float
    began: float


@dataclass(slots=True)
class Hook:
    """What came so far, by account.

    Attributes:
        url: Where to post to.
        told: The first word of each account's breach.
    """

    url: str = ""
    told: dict[str, asyncio.Future[Told]] = field(default_factory=dict)

    def of(self, account: str) -> asyncio.Future[Told]:
        """The first word of an account's breach, once it is there."""
        return self.told.setdefault(account, asyncio.get_running_loop().create_future())

    async def take(self, request: web.Request) -> web.Response:
        """Take a message of Alertmanager's."""
        arrived = time.time()
        for alert in (await request.json())["alerts"]:
            if alert["labels"]["alertname"] == BREACH and alert["status"] == "firing":
                word = self.of(alert["labels"]["account"])
                if not word.done():
                    word.set_result(Told(arrived=arrived, began=datetime.fromisoformat(alert["startsAt"]).timestamp()))
        return web.Response()


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    """A webhook on loopback, until the block ends."""
    hook = Hook()
    app = web.Application()
    app.add_routes([web.post("/hook", hook.take)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield hook
    finally:
        await runner.cleanup()
