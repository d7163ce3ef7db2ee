"""Clients that mean no good, many at a time, over raw sockets; and what each program must still do meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from exporter_state import Scene, two_accounts
from fake_desk import WEBHOOK, enforcer_site
from patience import PATIENCE
from plimsoll.web.connections import WebLimits
from web_client import Answer, Site, ask, parse, served

MESSAGE = b'{"version": "4", "alerts": [{"labels": {"account": "eon"}}]}'
ALERTS = "/api/v1/alerts"
HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, kw_only=True)
class Besieged:
    """A program's web server and what nobody may keep it from.

    Attributes:
        vital: Asks for it; ``False`` where it was refused.
        large: The path of its longest answer.
    """

    name: str
    site: Site
    vital: Callable[[], Awaitable[bool]]
    large: str


@asynccontextmanager
async def besieged(name: str, limits: WebLimits | None = None) -> AsyncIterator[Besieged]:
    """The exporter's or the enforcer's server, on a free port."""
    if name == "exporter":
        async with served(Scene(two_accounts()), limits=limits) as site:
            yield Besieged(name=name, site=site, vital=lambda: _scraped(site), large="/metrics")
    else:
        async with enforcer_site(limits=limits) as site:
            yield Besieged(name=name, site=site, vital=lambda: _heard(site), large="/metrics")


async def _scraped(site: Site) -> bool:
    return (await _asked(site, "/metrics")) == 200


async def _heard(site: Site) -> bool:
    """A bot's gate is answered, and an alert is taken on."""
    bearer = f"Bearer {WEBHOOK}"
    taken = await _asked(site, ALERTS, method="POST", body=MESSAGE, Authorization=bearer)
    return (taken, await _asked(site, "/api/v1/gate/live")) == (202, 200)


async def _asked(site: Site, path: str, **how: str | bytes) -> int:
    """The status of an answer; 0 where the connection was closed without one."""
    try:
        answer: Answer = await ask(site, path, **how)  # type: ignore[arg-type] # passed on as given
    except (ConnectionError, IndexError):
        return 0
    return answer.status


async def soon(site: Besieged) -> bool:
    """Whether what is vital is answered, asked again and again for as long as a test may wait."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not await site.vital():  # noqa: ASYNC110 - asked again, since nobody tells when there is room
                await asyncio.sleep(0.05)
            return True
    return False


async def connected(site: Besieged, count: int, sent: bytes = b"") -> list[Pair]:
    """That many connections, on each of which some bytes are sent; ones that are refused count too."""
    pairs: list[Pair] = []
    for _ in range(count):
        pair = await asyncio.open_connection("127.0.0.1", site.site.server.port, limit=1024)
        pairs.append(pair)
        with contextlib.suppress(ConnectionError):
            pair[1].write(sent)
            await pair[1].drain()
    return pairs


async def gone(pairs: list[Pair]) -> None:
    """All of them hang up."""
    for _, writer in pairs:
        writer.transport.abort()
    await asyncio.sleep(0)


async def first_answer(site: Besieged, sent: bytes) -> int:
    """The status of the first answer to some bytes, after which the server must have closed; 0 for none at all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.site.server.port)
    try:
        writer.write(sent)
        raw = b""
        with contextlib.suppress(ConnectionError):
            raw = await asyncio.wait_for(reader.read(), PATIENCE)
        return parse(raw).status if raw else 0
    finally:
        writer.close()
