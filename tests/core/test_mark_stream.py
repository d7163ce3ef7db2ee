"""The market stream against a server that misbehaves: subscriptions, silence, losses, renewal."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from decimal import Decimal

import aiohttp
import pytest

from fake_stream_server import (
    FAST,
    FakeStreamServer,
    Peer,
    RecordingObserver,
    RecordingSink,
    RunningStream,
    eventually,
    nothing,
    ok,
    refusal,
    stream_parts,
)
from plimsoll.exchange.mark_stream import MarkStream
from plimsoll.exchange.subscriptions import ASSET_RATES, CANARY, MAX_STREAMS
from plimsoll.model.market import AssetRate, LastPrice, Mark


def price(symbol: str = "BTCUSDT", time_ms: int = 1) -> dict:
    """A mark price as the stream wraps it."""
    data = {"e": "markPriceUpdate", "E": time_ms, "s": symbol, "p": "100.5", "st": 1}
    return {"stream": f"{symbol.lower()}@markPrice@1s", "data": data}


def stream_of(symbol: str) -> str:
    """The stream that carries a symbol's price."""
    return f"{symbol.lower()}@markPrice@1s"


class Bench:
    """A server, a stream against it, and what came out."""

    def __init__(self, server: FakeStreamServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.sink = RecordingSink()
        self.observer = RecordingObserver()
        self._session = session
        self._time = 1000

        async def greet(peer: Peer) -> None:
            await peer.send(price(time_ms=self.tick()))

        server.greeting = greet

    def tick(self) -> int:
        """A time that was not used yet."""
        self._time += 1
        return self._time

    def stream(self, **changes: float) -> MarkStream:
        """A stream that is not running yet."""
        return MarkStream(
            url=self.server.url,
            sink=self.sink,
            timings=dataclasses.replace(FAST, **changes),
            **stream_parts(self._session, self.observer),
        )

    async def subscribed(self, *symbols: str) -> None:
        """Wait until the newest connection has subscribed these."""
        wanted = {stream_of(symbol) for symbol in symbols}
        await eventually(lambda: self.server.peers and wanted <= set(self.server.last.streams))


@pytest.fixture
async def bench():
    """A running server that greets with one price, and the fakes around a stream."""
    async with FakeStreamServer() as server, aiohttp.ClientSession() as session:
        yield Bench(server, session)


async def test_canary_is_always_subscribed(bench: Bench):
    """With nothing wanted the connection carries one symbol, so that silence has a meaning."""
    stream = bench.stream()
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        assert bench.server.attempts == ["/market/stream"]
        await eventually(lambda: bench.server.last.streams == [CANARY])
    assert not stream.connected


async def test_prices_and_rates_come_through_with_their_delay(bench: Bench):
    """Prices and rates, single and in lists, reach the sink translated; the observer learns of each."""
    rate = {"e": "assetIndexUpdate", "E": 2, "s": "BTCUSD", "B": "90", "A": "110"}
    stream = bench.stream()
    stream.want(["ETHUSDT"], asset_rates=True)
    async with RunningStream(stream):
        await bench.subscribed("ETHUSDT")
        assert ASSET_RATES in bench.server.last.streams
        await bench.server.last.send(price("ETHUSDT", 2), {"stream": ASSET_RATES, "data": [rate]}, price("X", 10**14))
        await eventually(lambda: len(bench.sink.told) == 4)
    _, mark, asset, future = bench.sink.all("event")
    assert mark == Mark(symbol="ETHUSDT", price=Decimal("100.5"), time_ms=2)
    assert asset == AssetRate(asset="BTC", bid=Decimal(90), ask=Decimal(110), time_ms=2)
    assert [(who, name) for who, name, _ in bench.observer.events[1:3]] == [
        ("market", "markPriceUpdate"),
        ("market", "assetIndexUpdate"),
    ]
    assert bench.observer.events[1][2] > 0
    assert bench.observer.events[3][2] == 0.0
    assert future.symbol == "X"


async def test_last_prices_are_subscribed_where_wanted_and_come_through(bench: Bench):
    """A symbol whose stop watches the last price has a stream of it beside its marks."""
    ticker = {"e": "24hrMiniTicker", "E": 3, "s": "ETHUSDT", "c": "99.5"}
    stream = bench.stream()
    stream.want(["ETHUSDT", "SOLUSDT"], asset_rates=False, last_prices=["ETHUSDT"])
    async with RunningStream(stream):
        await bench.subscribed("SOLUSDT")
        wanted = {CANARY, "ethusdt@miniTicker", stream_of("ETHUSDT"), stream_of("SOLUSDT")}
        assert set(bench.server.last.streams) == wanted
        await bench.server.last.send({"stream": "ethusdt@miniTicker", "data": ticker})
        await eventually(lambda: len(bench.sink.told) == 2)
    assert bench.sink.all("event")[1] == LastPrice(symbol="ETHUSDT", price=Decimal("99.5"), time_ms=3)
    assert bench.observer.events[1][:2] == ("market", "24hrMiniTicker")


async def test_new_wishes_are_subscribed_at_once_and_old_ones_once(bench: Bench):
    """A new symbol is subscribed on the open connection; what is subscribed or given up is not sent again."""
    stream = bench.stream()
    stream.want(["ETHUSDT"], asset_rates=False)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        stream.want(["SOLUSDT"], asset_rates=False)
        await bench.subscribed("SOLUSDT")
        stream.want(["SOLUSDT"], asset_rates=False)
        stream.want(["ETHUSDT", "SOLUSDT", "币安人生USDT"], asset_rates=False)
        await bench.subscribed("币安人生USDT")
    assert bench.server.last.streams == [
        CANARY,
        stream_of("ETHUSDT"),
        stream_of("SOLUSDT"),
        "币安人生usdt@markPrice@1s",
    ]
    assert len(bench.server.peers) == 1


async def test_many_symbols_go_in_chunks(bench: Bench):
    """No message subscribes more than a hundred streams."""
    stream = bench.stream()
    stream.want([f"S{n}USDT" for n in range(250)], asset_rates=False)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected and len(bench.server.last.streams) == 251)
    assert [len(message["params"]) for message in bench.server.last.received] == [100, 100, 51]


async def test_more_than_a_connection_carries_is_refused_loudly(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Beyond the limit of a connection the first symbols are served, the canary among them, and the log says so."""
    stream = bench.stream()
    stream.want([f"S{n}USDT" for n in range(MAX_STREAMS + 50)], asset_rates=True)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected and len(bench.server.last.streams) == MAX_STREAMS)
    assert {CANARY, ASSET_RATES} <= set(bench.server.last.streams)
    assert "1052 market streams wanted, 1000 served" in caplog.text


async def test_refused_symbol_stands_alone(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Where one symbol spoils a message, the others are subscribed and the bad one is logged, not tried for ever."""
    bench.server.answer = lambda message: refusal(message) if stream_of("BAD") in message["params"] else ok(message)
    stream = bench.stream()
    stream.want([*[f"S{n}USDT" for n in range(9)], "BAD"], asset_rates=False)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        await bench.server.last.send(price("S1USDT", 5))
        stream.want(["S1USDT", "BAD", "NEWUSDT"], asset_rates=False)
        await bench.subscribed("NEWUSDT")
    alone = [message for message in bench.server.last.received if message["params"] == [stream_of("BAD")]]
    assert len(alone) == 1
    assert "bad@markPrice@1s refused: error code 2" in caplog.text
    assert bench.sink.all("lost") == []


async def test_missing_answers_are_noticed_and_asked_for_again(bench: Bench):
    """A SUBSCRIBE without an answer is sent again."""
    answers = [nothing, nothing]
    bench.server.answer = lambda message: answers.pop()(message) if answers else ok(message)
    stream = bench.stream(answer_timeout=0.02)
    async with RunningStream(stream):
        await eventually(lambda: len(bench.server.peers) == 1 and len(bench.server.last.received) == 3)
    assert bench.sink.all("lost") == []


async def test_connection_that_never_answers_is_given_up(bench: Bench):
    """After three messages without an answer the connection is a loss, at the start and later."""
    bench.server.answer = nothing
    stream = bench.stream(answer_timeout=0.01)
    async with RunningStream(stream):
        await eventually(lambda: len(bench.sink.all("lost")) == 1)
        bench.server.answer = ok
        await eventually(lambda: len(bench.server.peers) >= 2 and bench.server.last.received)
        await asyncio.sleep(0.01)
        bench.server.answer = nothing
        stream.want(["ETHUSDT"], asset_rates=False)
        await eventually(lambda: len(bench.sink.all("lost")) == 2)
    assert bench.sink.all("lost") == ["no answer to 3 SUBSCRIBE messages"] * 2


async def test_subscribed_and_silent_from_the_start_is_a_loss(bench: Bench):
    """A server that accepts, confirms and sends nothing is not taken for a stream."""
    bench.server.greeting = None
    stream = bench.stream(market_silence=0.03)
    async with RunningStream(stream):
        await eventually(lambda: len(bench.sink.all("lost")) == 2)
        assert not stream.connected
    assert set(bench.sink.all("lost")) == {"subscribed, and silent"}


async def test_cut_before_the_first_price_is_noticed_at_once(bench: Bench):
    """A connection that ends while its first price is awaited is a loss at once, not after the allowed silence."""
    bench.server.greeting = None
    async with RunningStream(bench.stream(market_silence=60.0)):
        await eventually(lambda: bench.server.peers and bench.server.last.received)
        await asyncio.sleep(0.02)
        bench.server.last.cut()
        await eventually(lambda: bench.sink.all("lost"))
        await eventually(lambda: len(bench.server.peers) == 2)


async def test_silence_later_is_a_loss_and_the_stream_opens_again(bench: Bench):
    """Prices that stop for the allowed time end the connection although TCP looks well; the reopening is counted."""
    async with RunningStream(bench.stream(market_silence=0.05)):
        await eventually(lambda: len(bench.server.peers) >= 2 and bench.observer.reconnects)
    assert bench.sink.all("lost")[0].startswith("no market data for 0.")
    assert set(bench.observer.reconnects) == {"market"}


async def test_silence_is_seen_while_an_early_wish_has_no_answer(bench: Bench):
    """What becomes wanted before the first subscription is confirmed does not keep back the watch for silence."""
    bench.server.answer = nothing
    stream = bench.stream(market_silence=0.1, answer_timeout=60.0)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected and bench.server.last.received)
        stream.want(["ETHUSDT"], asset_rates=False)
        await bench.server.last.send(*ok(bench.server.last.received[0]))
        await eventually(lambda: bench.sink.all("lost"))
    assert bench.sink.all("lost")[0].startswith("no market data for 0.")


async def test_prices_keep_the_connection(bench: Bench):
    """As long as any price comes, the silence of the others is no loss."""
    async with RunningStream(bench.stream(market_silence=0.08)):
        await eventually(lambda: bench.server.peers)
        for _ in range(15):
            await bench.server.last.send(price(time_ms=bench.tick()))
            await asyncio.sleep(0.01)
    assert bench.sink.all("lost") == []


async def test_market_data_that_cannot_be_read_count_as_silence(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Broken prices are logged once, passed over, and do not keep a useless connection alive."""
    broken = {"e": "markPriceUpdate", "E": 5, "s": "BTCUSDT", "p": "NaN", "st": 1}

    async with RunningStream(bench.stream(market_silence=0.1)):
        await eventually(lambda: bench.server.peers)
        while not bench.sink.all("lost"):
            await bench.server.peers[0].send({**broken, "E": bench.tick()})
            await asyncio.sleep(0.005)
    said = [record for record in caplog.records if "not as documented" in record.getMessage()]
    assert len(said) == 1


async def test_loss_is_told_and_everything_is_subscribed_anew(bench: Bench):
    """After a cut the new connection carries all that is wanted then, and only that."""
    stream = bench.stream()
    stream.want(["ETHUSDT", "SOLUSDT"], asset_rates=False)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        stream.want(["ETHUSDT"], asset_rates=True)
        bench.server.last.cut()
        await eventually(lambda: len(bench.server.peers) == 2)
        await bench.subscribed("ETHUSDT")
    assert sorted(bench.server.last.streams) == sorted([ASSET_RATES, CANARY, stream_of("ETHUSDT")])
    assert len(bench.sink.all("lost")) == 1


async def test_renewal_has_no_gap_and_drops_what_nobody_wants(bench: Bench):
    """The new connection delivers before the old one closes, prices come once, and nothing is reported."""
    stream = bench.stream(renewal=0.05, overlap=0.1)
    stream.want(["ETHUSDT", "SOLUSDT"], asset_rates=False)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        old = bench.server.last
        stream.want(["ETHUSDT"], asset_rates=False)
        await eventually(lambda: len(bench.server.peers) == 2)
        both = price("ETHUSDT", bench.tick())
        await old.send(both)
        await bench.server.peers[1].send(both)
        await eventually(lambda: old.socket.closed)
    assert bench.server.peers[1].streams == [CANARY, stream_of("ETHUSDT")]
    assert [mark.symbol for mark in bench.sink.all("event")].count("ETHUSDT") == 1
    assert bench.sink.all("lost") == []


async def test_silent_new_connection_does_not_replace_a_speaking_one(bench: Bench):
    """At renewal the new connection must deliver a price first; else the old one stays."""
    async with RunningStream(bench.stream(renewal=0.05, overlap=0.01, market_silence=0.2)):
        await eventually(lambda: bench.server.peers)
        bench.server.greeting = None
        while len(bench.server.peers) < 3:
            await bench.server.peers[0].send(price(time_ms=bench.tick()))
            await asyncio.sleep(0.01)
        assert not bench.server.peers[0].socket.closed
    assert bench.sink.all("lost") == []


async def test_wish_during_a_renewal_reaches_the_new_connection(bench: Bench):
    """A request that is under way on the old connection when it is closed is no loss; the new one has it all."""
    ignored: list[str] = []

    def answer(message: dict) -> list[object]:
        """Confirm and send a price, but leave the first wish without an answer."""
        if message["params"] == [stream_of("ETHUSDT")] and not ignored:
            ignored.extend(message["params"])
            return []
        return [*ok(message), price(time_ms=bench.tick())]

    bench.server.greeting, bench.server.answer = None, answer
    stream = bench.stream(renewal=0.2, overlap=0.05, answer_timeout=5.0)
    async with RunningStream(stream):
        await eventually(lambda: stream.connected)
        old = bench.server.last
        stream.want(["ETHUSDT"], asset_rates=False)
        await eventually(lambda: old.socket.closed)
        stream.want(["ETHUSDT", "SOLUSDT"], asset_rates=False)
        await eventually(lambda: any(stream_of("SOLUSDT") in peer.streams for peer in bench.server.peers[1:]))
    assert ignored
    assert stream_of("ETHUSDT") in bench.server.peers[1].streams
    assert bench.sink.all("lost") == []


async def test_fault_in_the_sink_is_a_loss(bench: Bench, caplog: pytest.LogCaptureFixture):
    """A sink that raises is logged with its place, and the stream opens again."""
    bench.sink.raise_on = {"event"}  # which fails the reading while the subscription is under way
    async with RunningStream(bench.stream()):
        await eventually(lambda: len(bench.server.peers) == 2 and len(bench.sink.all("event")) == 2)
    assert bench.sink.all("lost") == ["fault of ours: KeyError"]
    assert any(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)
