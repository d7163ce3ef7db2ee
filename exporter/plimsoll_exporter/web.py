"""The exporter's web server: metrics, health, the state as JSON and a small page; bots' reports are all it takes in.

Pages are made in a worker thread from one frozen view that is taken on the event loop, so a scrape never delays the
streams and never sees half a change.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry

from plimsoll.config.model import Listen
from plimsoll.errors import PlimsollError
from plimsoll_exporter import api, landing
from plimsoll_exporter.api_mirrors import mirrors
from plimsoll_exporter.connections import SECURITY_HEADERS, Connection, Connections, WebLimits
from plimsoll_exporter.door import Door
from plimsoll_exporter.exposition import Pages, negotiate
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.hosts import AllowedHosts
from plimsoll_exporter.rejections.endpoint import PATH as REPORTS_PATH
from plimsoll_exporter.rejections.endpoint import Reports
from plimsoll_exporter.view import ExporterView

METHODS = ("GET", "HEAD")
ACCOUNTS_PATH = "/api/v1/accounts"
MIRRORS_PATH = "/api/v1/mirrors"

Made = TypeVar("Made")
View = Callable[[], ExporterView]
Handler = Callable[[web.BaseRequest], Awaitable[web.Response]]


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
    ) -> None:
        self._listen = listen
        self._hosts = AllowedHosts(listen_host=listen.host, allowed=allowed_hosts)
        self._view = view
        self._pages = Pages(registry=registry, assessor=assessor)
        self._assessor = assessor
        self._door = door
        self._reports = reports
        self._limits = limits or WebLimits()
        self._renders = asyncio.Semaphore(self._limits.renders)
        self._server: asyncio.Server | None = None
        self._connections: Connections | None = None
        self._door_watch: asyncio.Task[None] | None = None
        self._routes: dict[str, Handler] = {
            "/": self._landing,
            "/metrics": self._metrics,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
            ACCOUNTS_PATH: self._accounts,
            MIRRORS_PATH: self._mirrors,
        }

    async def start(self) -> None:
        """Listen.

        Raises:
            PlimsollError: The address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        connections = Connections(
            web.Server(self._answer), self._limits, security=self._door.security, refused=self._door.refused
        )
        host, port = self._listen.host, self._listen.port
        try:
            self._server = await loop.create_server(connections, host, port)
        except OSError as error:
            shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            raise PlimsollError(
                f"cannot listen on {shown} ({error.strerror or error}): "
                "stop the program that holds it or set exporter.listen to another address"
            ) from error
        self._connections = connections
        self._door_watch = loop.create_task(self._door.watch())

    async def stop(self) -> None:
        """Stop listening and end every connection within two seconds; does nothing when not started."""
        if self._server is None or self._connections is None:
            return
        self._server.close()
        if self._door_watch is not None:
            self._door_watch.cancel()
        await self._connections.close()
        self._server = self._connections = None

    @property
    def port(self) -> int:
        """The port listened on."""
        if self._server is None:
            return self._listen.port
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if isinstance(request.protocol, Connection):
            request.protocol.requested()
        answer = self._misaddressed(request) or await self._addressed(request)
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.update(self._door.headers)
        return answer

    def _handler(self, path: str) -> Handler:
        if path in self._routes:
            return self._routes[path]
        if path.startswith(ACCOUNTS_PATH + "/"):
            return self._account
        return _not_found

    def _misaddressed(self, request: web.BaseRequest) -> web.Response | None:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1:
            return _plain(HTTPStatus.BAD_REQUEST, "exactly one Host header is needed")
        if not self._hosts.allows(hosts[0]):
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "this host name is not listed in exporter.allowed_hosts")
        return None

    async def _addressed(self, request: web.BaseRequest) -> web.Response:
        """The answer to a request that is meant for us; bots come in by a token, all others by the door."""
        if self._reports is not None and request.path == REPORTS_PATH:
            return await self._reports.answer(request)
        handler = self._handler(request.path)
        return await self._refusal(request, handler) or await handler(request)

    async def _refusal(self, request: web.BaseRequest, handler: Handler) -> web.Response | None:
        locked = await self._door.refusal(request)
        if locked is not None:
            return locked
        if request.method not in METHODS and handler is not _not_found:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD", Allow=", ".join(METHODS))
        if request.can_read_body:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "no request body is read here", Connection="close")
        return None

    async def _metrics(self, request: web.BaseRequest) -> web.Response:
        wanted = (request.headers.get("Accept", ""), request.headers.get("Accept-Encoding", ""))
        form = negotiate(*wanted)
        body = await self._made(lambda view: self._pages.page(view, form))
        return web.Response(body=body, headers=form.headers)

    async def _healthy(self, _: web.BaseRequest) -> web.Response:
        return _plain(HTTPStatus.OK, "healthy")

    async def _ready(self, _: web.BaseRequest) -> web.Response:
        if self._view().ready:
            return _plain(HTTPStatus.OK, "ready")
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE, "not every account has been live yet")

    async def _accounts(self, _: web.BaseRequest) -> web.Response:
        return _json(await self._made(lambda view: json.dumps(api.accounts(view, self._assessor))))

    async def _mirrors(self, _: web.BaseRequest) -> web.Response:
        return _json(await self._made(lambda view: json.dumps(mirrors(view, self._assessor))))

    async def _account(self, request: web.BaseRequest) -> web.Response:
        name = request.path.removeprefix(ACCOUNTS_PATH + "/")
        found = await self._made(lambda view: json.dumps(api.account(name, view, self._assessor)))
        if found == "null":
            return _json(json.dumps({"error": "no such account"}), HTTPStatus.NOT_FOUND)
        return _json(found)

    async def _landing(self, _: web.BaseRequest) -> web.Response:
        text = await self._made(lambda view: landing.page(view, self._assessor))
        headers = {"Content-Security-Policy": landing.CONTENT_SECURITY_POLICY, "X-Frame-Options": "DENY"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _made(self, make: Callable[[ExporterView], Made]) -> Made:
        """What ``make`` makes of the view of now, in a thread; only a few at once."""
        async with self._renders:
            return await asyncio.to_thread(make, self._view())


async def _not_found(_: web.BaseRequest) -> web.Response:
    return _plain(HTTPStatus.NOT_FOUND, "not found")


def _plain(status: HTTPStatus, text: str, **headers: str) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)


def _json(text: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(status=status, text=text + "\n", content_type="application/json")
