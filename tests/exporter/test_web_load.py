"""The web server under load and at its end: many scrapes, hanging clients, busy ports."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import pytest

from exporter_state import Scene, exporter_view, two_accounts
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.config.model import Listen
from plimsoll.errors import PlimsollError
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll_exporter.web import WebServer
from web_client import Served, ask, served


class Gate:
    """A computation of figures that waits until the test lets it go, and knows how many wait."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.most = 0
        self._inside = 0
        self._lock = threading.Lock()

    def __call__(self, book: Book, market: MarketState) -> AccountFigures:
        """Compute, once the gate is open."""
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self.open.wait(PATIENCE)
        with self._lock:
            self._inside -= 1
        return assess(book, market)

    async def reached(self, count: int) -> None:
        """Wait until that many are inside."""
        while self._inside < count:  # noqa: ASYNC110 - set from threads, where an asyncio.Event must not be
            await asyncio.sleep(0.005)


async def test_many_scrapes_at_once_are_all_answered():
    """Twenty scrapes at once get twenty whole pages."""
    async with served(Scene(two_accounts())) as site:
        answers = await asyncio.gather(*(ask(site, "/metrics") for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


async def test_few_pages_are_made_at_once():
    """Pages beyond the limit wait for their turn, and the event loop stays free meanwhile."""
    gate = Gate()
    async with served(Scene(exporter_view(), assess=gate), limits=WebLimits(renders=2)) as site:
        scrapes = [asyncio.create_task(ask(site, "/metrics")) for _ in range(5)]
        await gate.reached(2)
        assert (await ask(site, "/-/healthy")).status == 200
        gate.open.set()
        answers = await asyncio.gather(*scrapes)

    assert {answer.status for answer in answers} == {200}
    assert gate.most == 2


async def test_page_shows_the_moment_at_which_it_was_asked_for():
    """A change of state while a page is being made does not mix into it."""
    gate = Gate()
    async with served(Scene(exporter_view(weight_used=1), assess=gate)) as site:
        scrape = asyncio.create_task(ask(site, "/metrics"))
        await gate.reached(1)
        site.scene.view = exporter_view(weight_used=2)
        gate.open.set()
        answer = await scrape

    assert "binance_api_used_weight 1.0" in answer.text


async def test_stop_ends_hanging_clients():
    """Silent clients, half requests and answers under way do not hold the end up, and nothing listens afterwards."""
    gate = Gate()
    async with served(Scene(exporter_view(), assess=gate), limits=WebLimits(stop_seconds=0.05)) as site:
        port = site.server.port
        silent = await asyncio.open_connection("127.0.0.1", port)
        half = await asyncio.open_connection("127.0.0.1", port)
        half[1].write(b"GET /metrics HTTP/1.1\r\nHo")
        waiting = await asyncio.open_connection("127.0.0.1", port)
        waiting[1].write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await gate.reached(1)

        await asyncio.wait_for(site.server.stop(), 5.0)

        gate.open.set()
        for reader, writer in (silent, half, waiting):
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
            writer.close()
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_stop_does_not_wait_for_a_client_that_reads_nothing():
    """A client that takes no bytes of a long answer is cut."""
    scene = Scene(two_accounts())
    async with served(scene, limits=WebLimits(stop_seconds=0.05)) as site:
        with socket.create_connection(("127.0.0.1", site.server.port)) as client:
            client.setblocking(False)  # noqa: FBT003 - the name of the call says it
            request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
            with contextlib.suppress(BlockingIOError):
                for _ in range(500):
                    client.send(request * 50)
                    await asyncio.sleep(0)
            await asyncio.wait_for(site.server.stop(), 5.0)


async def test_stop_may_come_twice_or_without_a_start():
    """Stopping what does not run does nothing."""
    scene = Scene(exporter_view())
    server = WebServer(
        listen=Listen(host="127.0.0.1", port=0),
        allowed_hosts=(),
        view=exporter_view,
        registry=scene.own,
        assessor=scene.assessor,
        door=Door(None, clock=SystemClock()),
    )
    await server.stop()
    assert server.port == 0
    await server.start()
    assert server.port > 0
    await server.stop()
    await server.stop()


def on(host: str, port: int) -> WebServer:
    """A server that is to listen there."""
    scene = Scene(exporter_view())
    return WebServer(
        listen=Listen(host=host, port=port),
        allowed_hosts=(),
        view=exporter_view,
        registry=scene.own,
        assessor=scene.assessor,
        door=Door(None, clock=SystemClock()),
    )


async def test_busy_port_is_one_clear_sentence(site: Served):
    """A port that is taken is named with what to do about it."""
    port = site.server.port

    with pytest.raises(
        PlimsollError, match=rf"^cannot listen on 127\.0\.0\.1:{port} \(.*\): .*exporter\.listen"
    ) as error:
        await on("127.0.0.1", port).start()

    assert "\n" not in str(error.value)


async def test_address_that_is_not_ours_is_one_clear_sentence():
    """An address of another machine cannot be listened on; an IPv6 one is shown in brackets."""
    with pytest.raises(PlimsollError, match=r"^cannot listen on \[2001:db8::1\]:9713 "):
        await on("2001:db8::1", 9713).start()
