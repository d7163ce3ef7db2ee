"""One visit to each stream, as ``check --live`` makes it, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from fair_loop import LoopClock
from fake_stream_server import FAST, FakeStreamServer, Peer, nothing, refusal
from plimsoll.config.exchanges import exchange_config
from plimsoll.config.model import Environment, StreamForm
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.probe import StreamProbe
from plimsoll.exchange.socket import RequestRefused, SocketLost

Probing = Callable[..., StreamProbe]


@pytest.fixture
async def server() -> AsyncIterator[FakeStreamServer]:
    """The server, well-behaved until told otherwise."""
    async with FakeStreamServer() as running:
        yield running


@pytest.fixture
async def probing(server: FakeStreamServer) -> AsyncIterator[Probing]:
    """Makes a probe of the server, for a form of the private stream; no task of it may be left."""
    clock = LoopClock()
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:

        def probe(form: StreamForm = StreamForm.AUTO) -> StreamProbe:
            config = exchange_config(
                environment=Environment.SIMULATOR,
                market_stream_url=server.url,
                private_stream_url=server.url,
                private_stream_form=form,
            )
            timings = dataclasses.replace(FAST, market_silence=0.3)
            return StreamProbe(
                config,
                session=session,
                clock=clock,
                exchange_clock=ExchangeClock(clock),
                timings=timings,
                moment=0.05,
            )

        yield probe
    assert [task for task in asyncio.all_tasks() - before if "plimsoll" in repr(task.get_coro())] == []


@pytest.mark.parametrize(
    ("form", "path"),
    [
        (StreamForm.AUTO, "/private/ws?listenKey=key-1&events="),
        (StreamForm.EVENTS, "/private/ws?listenKey=key-1&events="),
        (StreamForm.QUERY, "/private/ws?listenKey=key-1"),
        (StreamForm.PATH, "/private/ws/key-1"),
        (StreamForm.SUBSCRIBE, "/private/stream"),
    ],
)
async def test_the_private_stream_is_opened_in_its_form(
    server: FakeStreamServer, probing: Probing, form: StreamForm, path: str
):
    """The configured form is tried, of ``auto`` the first, once; and the form is told."""
    expected = StreamForm.EVENTS if form is StreamForm.AUTO else form
    assert await probing(form).try_private("key-1") == expected.value
    assert len(server.attempts) == 1
    assert server.attempts[0].startswith(path)
    assert server.last.streams == (["key-1"] if form is StreamForm.SUBSCRIBE else [])


async def test_a_refused_handshake_is_told(server: FakeStreamServer, probing: Probing):
    """A server that refuses the URL gives its status as the reason, and no second attempt."""
    server.refuse = lambda _path: 403
    with pytest.raises(SocketLost, match="handshake refused with status 403"):
        await probing().try_private("key-1")
    assert len(server.attempts) == 1


async def test_a_stream_that_ends_at_once_is_told(server: FakeStreamServer, probing: Probing):
    """A server that accepts the handshake and closes at once is not reachable."""

    async def goodbye(peer: Peer) -> None:
        await peer.socket.close(code=1008)

    server.greeting = goodbye
    with pytest.raises(SocketLost, match="closed by the server with code 1008"):
        await probing().try_private("key-1")


async def test_a_refused_subscription_is_told(server: FakeStreamServer, probing: Probing):
    """In the form with a message the answer counts."""
    server.answer = refusal
    with pytest.raises(RequestRefused):
        await probing(StreamForm.SUBSCRIBE).try_private("key-1")


async def test_a_subscription_without_an_answer_is_told(server: FakeStreamServer, probing: Probing):
    """In the form with a message silence is no answer."""
    server.answer = nothing
    with pytest.raises(SocketLost, match="no answer to SUBSCRIBE"):
        await probing(StreamForm.SUBSCRIBE).try_private("key-1")


async def test_a_mark_price_is_enough(server: FakeStreamServer, probing: Probing):
    """The market stream is fine with its first mark price, and further ones change nothing."""

    async def prices(peer: Peer) -> None:
        for time_ms in (1, 2):
            data = {"e": "markPriceUpdate", "E": time_ms, "s": "BTCUSDT", "p": "100.5", "st": 1}
            await peer.send({"stream": "btcusdt@markPrice@1s", "data": data})

    server.greeting = prices
    await probing().try_market()
    assert server.attempts == ["/market/stream"]


async def test_a_market_stream_out_of_reach_is_told(server: FakeStreamServer, probing: Probing):
    """A refused handshake ends the wait at once, with its reason."""
    server.refuse = lambda _path: 404
    with pytest.raises(SocketLost, match="handshake refused with status 404"):
        await probing().try_market()


async def test_a_silent_market_stream_is_told(probing: Probing):
    """A stream that confirms the subscription and brings no price is not taken for good."""
    with pytest.raises(SocketLost, match="subscribed, and silent"):
        await probing().try_market()


async def test_a_market_stream_that_answers_nothing_is_given_up(server: FakeStreamServer, probing: Probing):
    """A stream that does not even answer is given up in time, however often the exporter would ask."""
    server.answer = nothing
    with pytest.raises(SocketLost, match="open, and silent"):
        await probing().try_market()
