"""Stand-ins of the Alertmanager and the enforcer that the exporter asks for its page, on one port of loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>alert(1)</script>"
"""A text that is more than a text wherever somebody makes markup of it."""

IN_FORCE = 'plimsoll_enforcer_mode_info{account="%s",mode="%s"} 1.0\n'
FAILING = 'plimsoll_enforcer_failing_since_timestamp_seconds{account="%s"} %s\n'
LOCKED = 'plimsoll_enforcer_lockout_until_timestamp_seconds{account="%s"} %s\n'


def firing(alertname: str, severity: str = "critical", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of others
    """An alert as Alertmanager's API tells it; ``silenced`` and ``labels`` change it."""
    labels: Mapping[str, str] = more.get("labels", {})
    return {
        "labels": {"alertname": alertname, "severity": severity, **labels},
        "annotations": more.get("annotations", {}),
        "startsAt": "2026-11-21T03:04:05.000Z",
        "status": {"state": "active", "silencedBy": more.get("silenced", []), "inhibitedBy": more.get("inhibited", [])},
    }


WATCHDOG = firing("PlimsollWatchdog", "none")


@dataclass
class Others:
    """What they answer.

    Attributes:
        alerts: Any JSON; the alerts that fire.
        status: Of Alertmanager's answers.
        metrics: The enforcer's page; ``None`` where it asks for a password.
        locked: Reasons of the accounts that are locked out.
        asked: How often Alertmanager was asked, and with which login.
    gate: Status of the gates that are open.
    hold: While it is cleared Alertmanager does not answer.
    """

    url: str = ""
    alerts: Any = field(default_factory=lambda: [WATCHDOG])
    status: int = 200
    metrics: str | None = ""
    locked: dict[str, str] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)
    gate: int = 200
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell_alerts(self, request: web.Request) -> web.Response:
        """Alertmanager's answer."""
        self.asked.append(request.headers.get("Authorization"))
        await self.hold.wait()
        return web.json_response(self.alerts, status=self.status)

    async def tell_metrics(self, _: web.Request) -> web.Response:
        """The enforcer's page of metrics."""
        return web.Response(status=401) if self.metrics is None else web.Response(text=self.metrics)

    async def tell_gate(self, request: web.Request) -> web.Response:
        """The gate of an account."""
        account = request.match_info["account"]
        if account in self.locked:
            return web.json_response({"open": False, "reason": self.locked[account], "until": None}, status=423)
        return web.json_response({"open": True}, status=self.gate)


@asynccontextmanager
async def others() -> AsyncIterator[Others]:
    """Both, until the block ends."""
    made = Others()
    made.hold.set()
    app = web.Application()
    app.add_routes(
        [
            web.get("/api/v2/alerts", made.tell_alerts),
            web.get("/metrics", made.tell_metrics),
            web.get("/api/v1/gate/{account}", made.tell_gate),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
