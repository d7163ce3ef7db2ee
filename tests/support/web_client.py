"""A client of our web servers that sends exactly what a test says, and a server to send it to.

Raw sockets on purpose: a library would mend, add or refuse the very things that these tests are about.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Protocol

from exporter_state import Scene
from patience import PATIENCE
from plimsoll.clock import Clock, SystemClock
from plimsoll.config.model import Listen
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll.web.passwords import Passwords
from plimsoll.web.protection import Protection
from plimsoll_exporter.page.report import Maker
from plimsoll_exporter.rejections.endpoint import Reports
from plimsoll_exporter.view import ExporterView
from plimsoll_exporter.web import WebServer


@dataclass(kw_only=True)
class Served:
    """A running server and the state it shows."""

    scene: Scene
    view: Callable[[], ExporterView]
    server: WebServer = field(init=False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Reachable(Protocol):
    """Whatever listens."""

    @property
    def port(self) -> int:
        """The port listened on."""


class Site(Protocol):
    """Whatever can be asked: the exporter's server or the enforcer's."""

    @property
    def server(self) -> Reachable:
        """What listens."""


@asynccontextmanager
async def served(
    scene: Scene,
    *,
    host: str = "127.0.0.1",
    allowed: Iterable[str] = (),
    limits: WebLimits | None = None,
    protection: Protection | None = None,
    passwords: Passwords | None = None,
    clock: Clock | None = None,
    reports: Reports | None = None,
    maker: Maker | None = None,
) -> AsyncIterator[Served]:
    """A server over a scene on a free port; stopped at the end."""
    site = Served(scene=scene, view=lambda: scene.view)
    site.server = WebServer(
        listen=Listen(host=host, port=0),
        allowed_hosts=allowed,
        view=lambda: site.view(),  # noqa: PLW0108 - tests replace the view while the server runs
        registry=scene.own,
        assessor=scene.assessor,
        door=Door(protection, clock=clock or SystemClock(), refused=scene.instruments.web_refused, passwords=passwords),
        reports=reports,
        limits=limits,
        clock=clock,
        maker=maker,
    )
    await site.server.start()
    try:
        yield site
    finally:
        await site.server.stop()


async def ask(
    site: Site,
    path: str,
    *,
    method: str = "GET",
    host: str | None = None,
    tls: ssl.SSLContext | None = None,
    body: bytes = b"",
    **headers: str,
) -> Answer:
    """One request on a connection of its own, and its answer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or 'localhost'}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return parse(await exchange(site, ("\r\n".join(lines) + "\r\n\r\n").encode() + body, tls=tls))


async def exchange(site: Site, sent: bytes, *, tls: ssl.SSLContext | None = None) -> bytes:
    """Send bytes as they are, through TLS if a context is given, and read until the server closes."""
    name = None if tls is None else "localhost"
    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port, ssl=tls, server_hostname=name)
    try:
        writer.write(sent)
        return await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


def parse(raw: bytes) -> Answer:
    """The first answer in what a server sent."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, _, fields = head.partition(b"\r\n")
    headers = {name: str(value) for name, value in BytesParser().parsebytes(fields + b"\r\n\r\n").items()}
    return Answer(status=int(first.split()[1]), headers=headers, body=body)
