"""A web server as every program here has one: it listens, knows its own names, and finds who answers.

What is on the pages is the program's; which requests get as far as a page, and what stands on every answer, is here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from plimsoll.config.model import Listen
from plimsoll.errors import PlimsollError
from plimsoll.text import one_line
from plimsoll.web.answers import not_found, plain, refused
from plimsoll.web.connections import SECURITY_HEADERS, Connection, Connections, WebLimits
from plimsoll.web.door import Door
from plimsoll.web.flow import Flow
from plimsoll.web.hosts import AllowedHosts

READING = ("GET", "HEAD")

log = logging.getLogger(__name__)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Who answers on a path.

    Attributes:
        door: Whether the web configuration's passwords and rate limit apply; a path without them is open, or has a
            token of its own that the handler asks for.
        methods: Those that are answered.
        body: Whether the handler reads one; where it does not, a request that brings one is refused.
    """

    handler: Handler
    door: bool = True
    methods: tuple[str, ...] = READING
    body: bool = False


NOWHERE = Route(handler=not_found)
"""Every path that is none; passwords apply, so that nobody learns from it which are some."""


class HttpServer:
    """Serves routes until stopped.

    Args:
        listen: Where; port 0 takes a free one, see ``port``.
        allowed_hosts: Names besides loopback and ``listen.host`` under which it may be addressed.
        section: The program's section of the configuration, for messages.
        door: Who may come in.
        find: The route of a path; ``None`` for a path that is none.
    """

    def __init__(
        self,
        *,
        listen: Listen,
        allowed_hosts: Iterable[str],
        section: str,
        door: Door,
        find: Callable[[str], Route | None],
        limits: WebLimits,
    ) -> None:
        self._listen, self._section = listen, section
        self._hosts = AllowedHosts(listen_host=listen.host, allowed=allowed_hosts)
        self._door = door
        self._find = find
        self._limits = limits
        self._server: asyncio.Server | None = None
        self._connections: Connections | None = None
        self._door_watch: asyncio.Task[None] | None = None

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
                f"stop the program that holds it or set {self._section}.listen to another address"
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

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        if not isinstance(connection, Connection):
            return await self._finished(request)
        connection.requested()
        try:
            return await self._finished(request)
        finally:
            connection.answered()

    async def _finished(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = self._misaddressed(request) or await self._addressed(request)
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.update(self._door.headers)
        if isinstance(answer, Flow):
            await answer.flow(request)
        return answer

    def _misaddressed(self, request: web.BaseRequest) -> web.Response | None:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1:
            return plain(HTTPStatus.BAD_REQUEST, "exactly one Host header is needed")
        if not self._hosts.allows(hosts[0]):
            text = f"this host name is not listed in {self._section}.allowed_hosts"
            return plain(HTTPStatus.MISDIRECTED_REQUEST, text)
        return None

    async def _addressed(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request that is meant for us."""
        route = self._find(request.path) or NOWHERE
        locked = await self._door.refusal(request) if route.door else None
        return locked or _unfit(request, route) or await _handled(request, route)


async def _handled(request: web.BaseRequest, route: Route) -> web.StreamResponse:
    """The handler's answer; a fault of ours is told in the log, and nothing of it to the client."""
    try:
        return await route.handler(request)
    except (OSError, web.RequestPayloadError):
        raise  # the client's affair: it went away, or its body is broken
    except Exception:
        log.exception("%s %s could not be answered", request.method, one_line(request.path))
        answer = plain(HTTPStatus.INTERNAL_SERVER_ERROR, "this could not be answered; the program's log says why")
        answer.force_close()
        return answer


def _unfit(request: web.BaseRequest, route: Route) -> web.Response | None:
    """The answer to a request that the route has no use for."""
    if request.method not in route.methods and route is not NOWHERE:
        say = refused if route.body else plain
        return say(HTTPStatus.METHOD_NOT_ALLOWED, f"only {' and '.join(route.methods)}", Allow=", ".join(route.methods))
    if request.can_read_body and not route.body:
        return plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "no request body is read here", Connection="close")
    return None
