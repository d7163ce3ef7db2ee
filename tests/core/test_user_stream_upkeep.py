"""The user-data stream over its day: listen key, keep-alive, renewal without a gap."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from fake_stream_server import (
    FakeStreamServer,
    Peer,
    RunningStream,
    eventually,
    nothing,
    stream_parts,
)
from manual_clock import ManualClock
from plimsoll.config.model import StreamForm
from plimsoll.errors import KeyRefused, Refused, Throttled, Unavailable
from plimsoll.exchange.user_stream import UserStream
from user_stream_bench import Bench, funding, times


@pytest.fixture
async def bench():
    """A running server and the fakes around a stream."""
    async with FakeStreamServer() as server, aiohttp.ClientSession() as session:
        yield Bench(server, session)


async def test_expired_key_is_a_loss_and_a_new_one_is_fetched_at_once(bench: Bench):
    """``listenKeyExpired`` reports a loss and reopens with a fresh key without a pause."""
    async with RunningStream(bench.stream(backoff_start=60.0, backoff_limit=60.0)):
        await bench.opened()
        bench.keys.key = "key-2"
        await bench.server.last.send({"e": "listenKeyExpired", "E": 1, "listenKey": "key-1"})
        await bench.opened(2)
    assert bench.sink.all("lost") == ["the listen key has expired"]
    assert "listenKey=key-2" in bench.server.attempts[1]
    assert bench.sink.all("event") == []
    assert [name for _, name, _ in bench.observer.events] == ["listenKeyExpired"]


async def test_keys_that_expire_at_once_do_not_make_a_storm(bench: Bench):
    """Only the first reopening is immediate; a key that expires again and again is retried with pauses."""

    async def expire(peer: Peer) -> None:
        await peer.send({"e": "listenKeyExpired", "E": 1})

    bench.server.greeting = expire
    async with RunningStream(bench.stream(settled=60.0, backoff_start=60.0, backoff_limit=60.0)):
        await eventually(lambda: len(bench.sink.all("lost")) == 2)
        await asyncio.sleep(0.05)
    assert len(bench.server.attempts) == 2


async def test_key_is_extended_and_its_disappearance_is_a_loss(bench: Bench):
    """The key is extended regularly; -1125 means that it is gone: loss, new key, reopened at once."""
    bench.keys.extend_errors = [Unavailable("503"), Refused("unknown listen key", code=-1125)]
    async with RunningStream(bench.stream(keep_alive=0.01, backoff_start=0.001)):
        await bench.opened(2)
        await eventually(lambda: bench.keys.extended >= 4)
    assert bench.sink.all("lost") == ["the listen key is gone"]
    assert bench.keys.opened == 2


async def test_revoked_key_is_noticed_when_it_is_extended(bench: Bench):
    """A key that is refused while the stream runs ends the trust in the stream."""
    bench.keys.extend_errors = [KeyRefused("invalid API key", code=-2015)]
    async with RunningStream(bench.stream(keep_alive=0.01)):
        await bench.opened(2)
    assert bench.sink.all("lost") == ["listen key: invalid API key"]


async def test_key_that_cannot_be_extended_runs_out(bench: Bench):
    """Failures on the way are retried only as long as the key can be alive."""
    bench.keys.extend_errors = [Unavailable("no way")] * 1000
    async with RunningStream(bench.stream(keep_alive=0.01, listen_key_life=0.05, refused_limit=0.01)):
        await eventually(lambda: bench.sink.all("lost"))
    assert bench.sink.all("lost") == ["listen key: no way"]
    assert bench.keys.extended >= 2


async def test_refused_key_is_reported_and_tried_again(bench: Bench):
    """A refused key and a ban are reported with their reason, and tried again after what was asked."""
    bench.keys.open_errors = [KeyRefused("invalid API key", code=-2015), Throttled("slow down", retry_after=0.01)]
    async with RunningStream(bench.stream()):
        await bench.opened()
    assert bench.sink.all("lost") == ["listen key: invalid API key", "listen key: slow down"]
    assert len(bench.server.attempts) == 1


async def test_renewal_has_no_gap_and_no_duplicates(bench: Bench):
    """The new connection opens first, both deliver for a while, each event comes once, and nothing is reported."""
    stream = bench.stream(renewal=0.1, overlap=0.1)
    async with RunningStream(stream):
        await bench.opened()
        old = bench.server.last
        await old.send(funding(1))
        await eventually(lambda: len(bench.server.peers) == 2)
        await bench.server.peers[1].send(funding(2), funding(3))
        await old.send(funding(2), funding(3), funding(4))
        await bench.got(4)
        await eventually(lambda: old.socket.closed)
        await bench.server.peers[1].send(funding(5))
        await bench.got(5)
    assert times(bench.sink) == [1, 2, 3, 4, 5]
    assert bench.sink.all("opened") == ["events"]
    assert bench.sink.all("lost") == []
    assert bench.observer.reconnects == []
    assert stream.form == "events"


async def test_day_of_a_stream_with_the_times_of_production(bench: Bench):
    """The key is extended every 25 minutes, and the connection is renewed between 22 and 23 hours, without a loss."""
    clock = ManualClock()
    stream = UserStream(
        account="desk",
        url=bench.server.url,
        form=StreamForm.EVENTS,
        reader=bench.keys,
        sink=bench.sink,
        **stream_parts(bench.session, bench.observer, clock),
    )
    async with RunningStream(stream):
        await bench.opened()
        await clock.elapse(22 * 3600.0 - 1)
        assert len(bench.server.attempts) == 1
        assert bench.keys.extended == 22 * 60 // 25
        await clock.elapse(3602.0)
        await eventually(lambda: len(bench.server.peers) == 2)
        await eventually(lambda: clock.sleepers)
        await clock.elapse(60.0)
        await eventually(lambda: bench.server.peers[0].socket.closed)
    assert bench.sink.told == [("opened", "events")]
    assert bench.keys.opened == 2


async def test_old_connection_that_ends_in_the_overlap_is_no_loss(bench: Bench):
    """Once the new connection serves, the end of the old one concerns nobody."""
    async with RunningStream(bench.stream(renewal=0.05, overlap=0.2)):
        await bench.opened()
        await eventually(lambda: len(bench.server.peers) == 2)
        await bench.server.peers[1].send(funding(1))
        await bench.got()
        bench.server.peers[0].cut()
        await bench.server.peers[1].send(funding(2))
        await bench.got(2)
    assert bench.sink.all("lost") == []


async def test_key_that_expires_in_the_overlap_is_a_loss(bench: Bench):
    """The news that the key expired counts on whichever connection it comes."""
    async with RunningStream(bench.stream(renewal=0.05, overlap=0.5)):
        await bench.opened()
        await eventually(lambda: len(bench.server.peers) == 2)
        await asyncio.sleep(0.01)
        await bench.server.peers[0].send({"e": "listenKeyExpired", "E": 1})
        await bench.opened(2)
    assert bench.sink.all("lost") == ["the listen key has expired"]


async def test_failed_renewal_keeps_the_old_connection(bench: Bench):
    """While the new connection is refused or its key does not come, the old one delivers on, unreported."""
    bench.server.refuse = lambda _: 503 if 2 <= len(bench.server.attempts) <= 3 else None
    stream = bench.stream(renewal=0.03, overlap=0.01)
    async with RunningStream(stream):
        await bench.opened()
        bench.keys.open_errors = [Unavailable("503")]
        await eventually(lambda: len(bench.server.attempts) >= 3)
        await bench.server.peers[0].send(funding(1))
        await bench.got()
        await eventually(lambda: len(bench.server.peers) >= 2)
    assert bench.sink.all("lost") == []


async def test_connection_lost_while_it_is_prepared_for_renewal(bench: Bench):
    """A new connection that ends before its subscription is confirmed is discarded; the old one stays."""
    async with RunningStream(bench.stream(StreamForm.SUBSCRIBE, renewal=0.03, overlap=0.01)):
        await bench.opened()
        bench.server.answer = nothing
        await eventually(lambda: len(bench.server.peers) == 2 and bench.server.last.received)
        bench.server.last.cut()
        await bench.server.peers[0].send(funding(1))
        await bench.got()
        await eventually(lambda: len(bench.server.peers) == 3)
    assert bench.sink.all("lost") == []


async def test_another_listen_key_at_renewal_is_a_loss(bench: Bench):
    """A key that was replaced means that the old connection has been silent for some time: a loss, not a renewal."""
    async with RunningStream(bench.stream(renewal=0.05)):
        await bench.opened()
        bench.keys.key = "key-2"
        await bench.opened(2)
    assert bench.sink.all("lost") == ["the listen key was replaced"]


async def test_old_connection_lost_during_renewal_is_a_loss(bench: Bench):
    """If the server ends the old connection before the new one is open, that is an ordinary loss."""
    async with RunningStream(bench.stream(renewal=0.05, open_timeout=5.0)):
        await bench.opened()
        bench.server.hang = True
        await eventually(lambda: len(bench.server.attempts) == 2)
        bench.server.hang = False
        bench.server.peers[0].cut()
        await bench.opened(2)
    assert [what for what, _ in bench.sink.told] == ["opened", "lost", "opened"]


async def test_server_shutdown_renews_now(bench: Bench):
    """An announced stop of the server leads to a renewal at once, without a loss and without an event."""
    async with RunningStream(bench.stream()):
        await bench.opened()
        await bench.server.last.send({"e": "serverShutdown", "E": 1})
        await eventually(lambda: len(bench.server.peers) == 2)
        await bench.server.peers[1].send(funding(1))
        await bench.got()
    assert bench.sink.told[0] == ("opened", "events")
    assert times(bench.sink) == [1]
    assert bench.sink.all("lost") == []


async def test_servers_that_announce_their_stop_at_once_do_not_make_a_storm(bench: Bench):
    """A connection that is told to renew right after opening is given some life first."""

    async def shut_down(peer: Peer) -> None:
        await peer.send({"e": "serverShutdown", "E": 1})

    bench.server.greeting = shut_down
    async with RunningStream(bench.stream(settled=0.2, overlap=0.0)):
        await bench.opened()
        await asyncio.sleep(0.1)
        assert len(bench.server.peers) == 1
        await eventually(lambda: len(bench.server.peers) == 2)
    assert bench.sink.all("lost") == []
