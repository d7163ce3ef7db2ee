"""The stream that keeps the status page up to date, over a real socket."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from exporter_state import NOW, Scene, account_view, every_series, exporter_view
from manual_clock import ManualClock
from patience import PATIENCE, until
from plimsoll_exporter.page.stream import LONGEST_SECONDS, MOST_CLIENTS
from plimsoll_exporter.view import ExporterView, Status
from web_client import Served, ask, served

PATH = "/api/v1/stream"
TOPICS = {"accounts", "mirrors", "alerts", "enforcement", "links"}


@dataclass(kw_only=True)
class Client:
    """One that listens."""

    head: str
    body: AsyncIterator[bytes]
    text: str = ""
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of this name."""
        while True:
            told, content = await self.any()
            if told == name:
                return content

    async def any(self) -> tuple[str, dict[str, Any]]:
        """The next event."""
        while "\n\n" not in self.text:
            self.text += (await asyncio.wait_for(anext(self.body), PATIENCE)).decode()
        told, _, self.text = self.text.partition("\n\n")
        lines = dict(line.split(": ", 1) for line in told.splitlines() if not line.startswith(":"))
        if not lines:
            return await self.any()
        self.seen.append((lines["event"], json.loads(lines["data"])))
        return self.seen[-1]


@asynccontextmanager
async def listening(site: Served, **headers: str) -> AsyncIterator[Client]:
    """A client of the stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
    lines = [f"GET {PATH} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode()
    try:
        yield Client(head=head, body=chunks(reader))
    finally:
        writer.close()


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The chunks of a body, as they come."""
    while size := int(await reader.readline(), 16):
        yield (await reader.readexactly(size + 2))[:-2]


async def unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What was compressed."""
    gunzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    async for chunk in chunks:
        yield gunzip.decompress(chunk)


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    """A server over a state in which there is something of everything."""
    async with served(Scene(every_series())) as running:
        yield running


async def test_stream_begins_with_every_topic_as_its_page_tells_it(site: Served):
    """The first events are the whole state, each exactly what the page of that name answers."""
    async with listening(site) as client:
        while {name for name, _ in client.seen} < TOPICS:
            await client.any()
    told = dict(client.seen)

    assert "200 OK" in client.head
    assert "Content-Type: text/event-stream" in client.head
    assert "Cache-Control: no-store" in client.head
    assert "Server: plimsoll" in client.head
    for name in ("accounts", "mirrors", "links"):
        assert told[name] == json.loads((await ask(site, f"/api/v1/{name}")).body)
    for name in ("alerts", "enforcement"):
        page = json.loads((await ask(site, f"/api/v1/{name}")).body)
        assert {**told[name], "time": 0} == {**page, "time": 0}


async def test_change_is_told_and_nothing_else_but_heartbeats(site: Served):
    """A new state comes as one event; the same state does not come again."""
    async with listening(site) as client:
        await client.event("accounts")
        beats = [(await client.event("heartbeat"))["time"] for _ in range(2)]
        site.scene.view = exporter_view(account_view(status=Status.STALE, reason="silent"))
        changed = await client.event("accounts")

    assert beats[0] < beats[1]
    assert [account["status"] for account in changed["accounts"]] == ["stale"]
    assert [name for name, _ in client.seen].count("accounts") == 2


async def test_time_alone_is_no_change(site: Served):
    """A state that differs by the time of its making only is not told again."""
    view = site.scene.view
    site.view = lambda: exporter_view(*view.accounts, state=view.market)
    async with listening(site) as client:
        first = await client.event("accounts")
        await client.event("heartbeat")
        await client.event("heartbeat")

    assert first["time"] == NOW
    assert [name for name, _ in client.seen].count("accounts") == 1


async def test_stream_holds_no_more_ended_orders_than_the_page_shows(site: Served):
    """Of a hundred refused orders the stream brings five with each change, and ``/api/v1/accounts`` all."""
    view = site.scene.view
    *others, last = view.accounts
    refused, _ = last.order_counts.ended
    counts = replace(last.order_counts, ended=(refused,) * 100)
    site.scene.view = replace(view, accounts=(*others, replace(last, order_counts=counts)))
    async with listening(site) as client:
        told = (await client.event("accounts"))["accounts"]
    page = json.loads((await ask(site, "/api/v1/accounts")).body)["accounts"]

    assert len(told[-1]["ended_orders"]["rejected"]) == 5
    assert len(page[-1]["ended_orders"]["rejected"]) == 100


async def test_compressed_stream_says_the_same(site: Served):
    """A client that takes gzip gets the same events from compressed copies, joined late or not."""
    async with listening(site) as plain, listening(site, **{"Accept-Encoding": "gzip, br"}) as packed:
        packed.body = unpacked(packed.body)
        await plain.event("heartbeat")
        assert "Content-Encoding: gzip" in packed.head
        assert await packed.event("accounts") == dict(plain.seen)["accounts"]
        assert (await packed.event("heartbeat"))["time"] > 0


async def test_head_of_the_stream_ends_at_once(site: Served):
    """HEAD gives the headers of the stream and no stream."""
    answer = await ask(site, PATH, method="HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/event-stream")


async def test_fifty_listen_and_the_next_is_told_so(site: Served):
    """Fifty clients are served; one more gets 503 with a sentence, until one of them goes."""
    clients = [listening(site) for _ in range(MOST_CLIENTS)]
    try:
        opened = [await client.__aenter__() for client in clients]
        refused = await ask(site, PATH)
        for client in opened:
            await client.event("heartbeat")
    finally:
        for client in clients:
            await client.__aexit__(None, None, None)

    assert refused.status == 503
    assert refused.text.startswith("50 pages are open already")
    assert (await ask(site, "/metrics")).status == 200
    async with asyncio.timeout(PATIENCE):
        while not await _admitted(site):
            pass


async def _admitted(site: Served) -> bool:
    async with listening(site) as client:
        return "200 OK" in client.head


async def test_end_of_the_server_is_the_end_of_the_stream():
    """A server that stops says so on the stream and ends it at once."""
    async with served(Scene(exporter_view())) as running, listening(running) as client:
        await client.event("heartbeat")
        began = time.monotonic()
        await running.server.stop()
        assert await client.event("end") == {"reason": "stopping"}
        with pytest.raises(StopAsyncIteration):
            await anext(client.body)
    assert time.monotonic() - began < PATIENCE


async def test_stream_is_renewed_after_a_while():
    """A stream ends after a quarter of an hour with the wish to come again, so that no old password holds for ever."""
    clock = ManualClock()
    async with served(Scene(exporter_view()), clock=clock) as site, listening(site) as client:
        await client.event("heartbeat")
        await until(lambda: clock.sleepers == 1, lambda: client.seen)
        clock.advance(LONGEST_SECONDS)

        assert await client.event("end") == {"reason": "renew"}
        with pytest.raises(StopAsyncIteration):
            await anext(client.body)


async def test_client_that_reads_nothing_holds_up_nobody(site: Served):
    """Beside a client that takes nothing, another one hears of every change."""
    async with listening(site), listening(site) as client:
        await client.event("accounts")
        for number in range(3):
            site.scene.view = exporter_view(account_view(status=Status.STALE, reason=f"change {number}"))
            assert (await client.event("accounts"))["accounts"][0]["reason"] == f"change {number}"


async def test_fault_of_ours_silences_the_heartbeat(caplog: pytest.LogCaptureFixture):
    """While the state cannot be looked at no heartbeat comes, lest old figures pass for new; logged once."""
    async with served(Scene(exporter_view())) as site, listening(site) as client:
        await client.event("heartbeat")
        good, fails = site.view, asyncio.Queue[float]()

        def broken() -> ExporterView:
            fails.put_nowait(time.time())
            raise ZeroDivisionError("surprise")

        site.view = broken
        first = await asyncio.wait_for(fails.get(), PATIENCE)
        last = [await asyncio.wait_for(fails.get(), PATIENCE) for _ in range(3)][-1]
        site.view = good
        beats = [(await client.event("heartbeat"))["time"] for _ in range(2)]

    assert not [beat for beat in beats if first <= beat <= last]
    told = [record.getMessage() for record in caplog.records]
    assert told.count("the status page gets no news by a fault of ours") == 1
