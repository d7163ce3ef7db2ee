"""The enforcer's web server: which door is where, and who answers behind it.

The button page is open like every page here, since nothing of an account is in it; what it shows needs the token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from prometheus_client import CollectorRegistry

from plimsoll.clock import Clock
from plimsoll.config.model import EnforcerConfig
from plimsoll.metrics.format import negotiate
from plimsoll.metrics.page import PageWriter
from plimsoll.secret import Secret
from plimsoll.web.answers import healthy, plain
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll.web.page import page_routes
from plimsoll.web.server import HttpServer, Route
from plimsoll_enforcer.desk import Desk
from plimsoll_enforcer.metrics import Families
from plimsoll_enforcer.web.gate import gate_route
from plimsoll_enforcer.web.operating import Operating, Shows
from plimsoll_enforcer.web.webhook import PATH as ALERTS_PATH
from plimsoll_enforcer.web.webhook import Webhook


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """Who may do what; ``None`` where that is off."""

    webhook: Secret | None = None
    operator: Secret | None = None


class WebServer:
    """Serves the desk until stopped.

    Args:
        config: Where to listen, and under which names.
        desk: Behind all of it.
        views: What operators are shown of the accounts.
        registry: The process's own metrics.
        door: Who may look at pages and metrics.
        tokens: Of the webhook and of the operator, whose paths know nobody else.
        clock: Time.
        unready: Why the program is not ready yet; empty once it is.
    """

    def __init__(
        self,
        *,
        config: EnforcerConfig,
        desk: Desk,
        views: Shows,
        registry: CollectorRegistry,
        door: Door,
        tokens: Tokens,
        clock: Clock,
        unready: Callable[[], str] = str,
        limits: WebLimits | None = None,
    ) -> None:
        self._desk, self._registry, self._unready = desk, registry, unready
        self._families, self._writer = Families(), PageWriter()
        self._operating = Operating(token=tokens.operator, desk=desk, views=views, clock=clock)
        self._routes = {
            **page_routes("plimsoll_enforcer.web", page="button.html"),
            "/metrics": Route(handler=self._metrics),
            "/-/healthy": Route(handler=healthy),
            "/-/ready": Route(handler=self._ready),
            ALERTS_PATH: Webhook(token=tokens.webhook, desk=desk, clock=clock).route,
        }
        self._server = HttpServer(
            listen=config.listen,
            allowed_hosts=config.allowed_hosts,
            section="enforcer",
            door=door,
            find=self._find,
            limits=limits or WebLimits(),
        )

    async def start(self) -> None:
        """Listen.

        Raises:
            PlimsollError: The address cannot be listened on.
        """
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening and end every connection within two seconds; does nothing when not started."""
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._server.port

    def _find(self, path: str) -> Route | None:
        return self._routes.get(path) or gate_route(path, self._desk) or self._operating.find(path)

    async def _metrics(self, request: web.BaseRequest) -> web.Response:
        form = negotiate(request.headers.get("Accept", ""), request.headers.get("Accept-Encoding", ""))
        parts = (self._families.of(self._desk.figures()), self._registry)
        # In a thread: a page of many accounts takes longer to write than an order to send.
        return web.Response(body=await asyncio.to_thread(self._writer.whole, parts, form), headers=form.headers)

    async def _ready(self, _: web.BaseRequest) -> web.Response:
        why = self._unready()
        if why:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, why)
        return plain(HTTPStatus.OK, "ready")
