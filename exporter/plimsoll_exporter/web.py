"""The exporter's web server: metrics, health, the state as JSON, the status page; bots' reports are all it takes in.

Pages are made in a worker thread from one frozen view that is taken on the event loop, so a scrape never delays the
streams and never sees half a change.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry

from plimsoll.clock import Clock, SystemClock
from plimsoll.config.model import Listen
from plimsoll.metrics.format import negotiate
from plimsoll.web.answers import healthy, json_answer, json_text, plain
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll.web.server import HttpServer, Route
from plimsoll_exporter import api
from plimsoll_exporter.api_mirrors import mirrors
from plimsoll_exporter.exposition import Pages
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.page.part import StatusPage
from plimsoll_exporter.page.report import IncidentReports, Maker
from plimsoll_exporter.page.surroundings import Surroundings, no_surroundings
from plimsoll_exporter.rejections.endpoint import PATH as REPORTS_PATH
from plimsoll_exporter.rejections.endpoint import Reports
from plimsoll_exporter.view import ExporterView

ACCOUNTS_PATH = "/api/v1/accounts"
MIRRORS_PATH = "/api/v1/mirrors"

LIMITS = WebLimits(connections=256)
"""Of connections more than elsewhere: a browser opens six to load a page, and must never keep Prometheus out."""

Made = TypeVar("Made")
View = Callable[[], ExporterView]


class WebServer:
    """Serves views until stopped.

    Args:
        listen: Where; port 0 takes a free one, see ``port``.
        allowed_hosts: Names besides loopback and ``listen.host`` under which it may be addressed.
        view: Gives the state of now; called on the event loop.
        registry: The process's own metrics.
        assessor: Computes figures and keeps faults apart.
        door: Who may come in.
        reports: Takes the bots' reports, which have a token of their own; ``None`` for none.
        surroundings: What the status page shows besides the state; ``None`` for nothing.
        clock: Time, of the status page; ``None`` for the machine's.
        maker: Makes incident reports; ``None`` for none.
    """

    def __init__(
        self,
        *,
        listen: Listen,
        allowed_hosts: Iterable[str],
        view: View,
        registry: CollectorRegistry,
        assessor: Assessor,
        door: Door,
        reports: Reports | None = None,
        limits: WebLimits | None = None,
        surroundings: Surroundings | None = None,
        clock: Clock | None = None,
        maker: Maker | None = None,
    ) -> None:
        self._view = view
        self._pages = Pages(registry=registry, assessor=assessor)
        self._assessor = assessor
        limits, clock = limits or LIMITS, clock or SystemClock()
        self._page = StatusPage(
            view=view, assessor=assessor, surroundings=surroundings or no_surroundings(clock=clock), clock=clock
        )
        self._incidents = IncidentReports(maker, clock=clock)
        self._renders = asyncio.Semaphore(limits.renders)
        self._routes = {
            **self._page.routes,
            "/metrics": Route(handler=self._metrics),
            "/-/healthy": Route(handler=healthy),
            "/-/ready": Route(handler=self._ready),
            ACCOUNTS_PATH: Route(handler=self._accounts),
            MIRRORS_PATH: Route(handler=self._mirrors),
        }
        if reports is not None:
            self._routes[REPORTS_PATH] = reports.route
        self._server = HttpServer(
            listen=listen, allowed_hosts=allowed_hosts, section="exporter", door=door, find=self._find, limits=limits
        )

    async def start(self) -> None:
        """Listen.

        Raises:
            PlimsollError: The address cannot be listened on.
        """
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening and end every connection within two seconds; does nothing when not started."""
        await self._incidents.close()
        await self._page.close()
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._server.port

    def _find(self, path: str) -> Route | None:
        if path.startswith(ACCOUNTS_PATH + "/"):
            return self._incidents.find(path) or Route(handler=self._account)
        return self._routes.get(path)

    async def _metrics(self, request: web.BaseRequest) -> web.Response:
        wanted = (request.headers.get("Accept", ""), request.headers.get("Accept-Encoding", ""))
        form = negotiate(*wanted)
        body = await self._made(lambda view: self._pages.page(view, form))
        return web.Response(body=body, headers=form.headers)

    async def _ready(self, _: web.BaseRequest) -> web.Response:
        if self._view().ready:
            return plain(HTTPStatus.OK, "ready")
        return plain(HTTPStatus.SERVICE_UNAVAILABLE, "not every account has been live yet")

    async def _accounts(self, _: web.BaseRequest) -> web.Response:
        return json_text(await self._made(lambda view: json.dumps(api.accounts(view, self._assessor))))

    async def _mirrors(self, _: web.BaseRequest) -> web.Response:
        return json_text(await self._made(lambda view: json.dumps(mirrors(view, self._assessor))))

    async def _account(self, request: web.BaseRequest) -> web.Response:
        name = request.path.removeprefix(ACCOUNTS_PATH + "/")
        found = await self._made(lambda view: json.dumps(api.account(name, view, self._assessor)))
        if found == "null":
            return json_answer(HTTPStatus.NOT_FOUND, {"error": "no such account"})
        return json_text(found)

    async def _made(self, make: Callable[[ExporterView], Made]) -> Made:
        """What ``make`` makes of the view of now, in a thread; only a few at once."""
        async with self._renders:
            return await asyncio.to_thread(make, self._view())
