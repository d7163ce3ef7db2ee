"""The user-data stream against a server that misbehaves: forms, losses, delivery."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest

from fake_stream_server import (
    FakeStreamServer,
    RunningStream,
    eventually,
    nothing,
    refusal,
)
from plimsoll.config.model import StreamForm
from plimsoll.exchange.forms import EVENTS, private_url
from plimsoll.model.events import AccountUpdate, IgnoredEvent, UnknownEvent
from user_stream_bench import Bench, funding, times

EVENTS_URL = f"/private/ws?listenKey=key-1&events={'/'.join(EVENTS)}"


@pytest.fixture
async def bench():
    """A running server and the fakes around a stream."""
    async with FakeStreamServer() as server, aiohttp.ClientSession() as session:
        yield Bench(server, session)


@pytest.mark.parametrize(
    ("form", "path"),
    [
        (StreamForm.EVENTS, EVENTS_URL),
        (StreamForm.SUBSCRIBE, "/private/stream"),
        (StreamForm.QUERY, "/private/ws?listenKey=key-1"),
        (StreamForm.PATH, "/private/ws/key-1"),
    ],
)
async def test_each_form_opens_its_own_url_and_stays_with_it(bench: Bench, form: StreamForm, path: str):
    """A fixed form is the only one used, before and after a loss and a distrust."""
    stream = bench.stream(form)
    assert not stream.connected
    async with RunningStream(stream):
        await bench.opened()
        assert stream.connected
        assert stream.form == form.value
        bench.server.last.cut()
        await bench.opened(2)
        stream.distrust("a change was not told")
        await bench.opened(3)
    assert bench.server.attempts == [path] * 3
    assert bench.sink.all("opened") == [form.value] * 3
    assert not stream.connected


async def test_subscribe_form_sends_the_key_and_accepts_wrapped_events(bench: Bench):
    """The subscribe form sends the listen key by message and reads wrapped events."""
    async with RunningStream(bench.stream(StreamForm.SUBSCRIBE)):
        await bench.opened()
        assert bench.server.last.received == [{"method": "SUBSCRIBE", "params": ["key-1"], "id": 1}]
        await bench.server.last.send({"stream": "key-1", "data": funding(7)})
        await bench.got()
    assert isinstance(bench.sink.all("event")[0], AccountUpdate)


async def test_event_before_the_answer_to_subscribe_is_kept(bench: Bench):
    """An event that overtakes the answer proves the subscription: opened is told first, then the event."""
    bench.server.answer = lambda message: [
        {"stream": "key-1", "data": funding(7)},
        {"result": None, "id": message["id"]},
    ]
    async with RunningStream(bench.stream(StreamForm.SUBSCRIBE)):
        await bench.got()
        await bench.server.last.send(funding(8))
        await bench.got(2)
    assert [what for what, _ in bench.sink.told] == ["opened", "event", "event"]


async def test_event_stands_for_a_missing_answer_to_subscribe(bench: Bench):
    """A subscription that is never confirmed and yet delivers is kept."""
    bench.server.answer = lambda _: [{"stream": "key-1", "data": funding(7)}]
    async with RunningStream(bench.stream(StreamForm.SUBSCRIBE, answer_timeout=0.02, renewal=0.05)):
        await bench.got()
        await eventually(lambda: len(bench.server.peers) == 2)
    assert bench.sink.all("lost") == []


async def test_auto_takes_the_next_form_where_one_is_refused(bench: Bench):
    """A handshake refused with 400 and a subscription without answer each lead to the next form."""
    bench.server.refuse = lambda path: 400 if "events=" in path else None
    bench.server.answer = nothing
    async with RunningStream(bench.stream(StreamForm.AUTO)):
        await bench.opened()
    assert bench.sink.told == [
        ("lost", "handshake refused with status 400"),
        ("lost", "no answer to the subscription"),
        ("opened", "query"),
    ]


async def test_auto_takes_the_next_form_where_the_subscription_is_refused(bench: Bench):
    """An error answer to the subscription fails the form, and after the last form comes the first again."""
    refused_once = ["events=", "?listenKey=key-1"]
    bench.server.refuse = lambda path: 404 if refused_once and refused_once[0] in path and refused_once.pop(0) else None
    bench.server.answer = refusal
    async with RunningStream(bench.stream(StreamForm.AUTO)):
        await bench.opened()
    assert bench.sink.all("lost") == [
        "handshake refused with status 404",
        "subscription refused: error code 2",
        "handshake refused with status 404",
    ]
    assert bench.sink.all("opened") == ["events"]


async def test_distrust_takes_the_next_form_and_a_proven_form_is_kept(bench: Bench):
    """Distrust leads to the next form; one that has delivered is kept over losses and refusals."""
    stream = bench.stream(StreamForm.AUTO)
    stream.distrust("nothing is open yet, so there is nothing to distrust")
    async with RunningStream(stream):
        await bench.opened()
        stream.distrust("a REST change without an event")
        stream.distrust("said twice")
        await bench.opened(2)
        assert stream.form == "subscribe"
        await bench.server.last.send(funding(1))
        await bench.got()
        bench.server.answer = refusal
        bench.server.last.cut()
        await eventually(lambda: len(bench.sink.all("lost")) >= 3)
        bench.server.answer = lambda message: [{"result": None, "id": message["id"]}]
        await bench.opened(3)
    assert bench.sink.all("lost")[0] == "a REST change without an event"
    assert set(bench.sink.all("opened")[1:]) == {"subscribe"}


async def test_network_failures_do_not_change_the_form(bench: Bench):
    """What speaks of the server or the way to it does not speak against the form."""
    answers = [503, 429]
    bench.server.refuse = lambda _: answers.pop() if answers else None
    async with RunningStream(bench.stream(StreamForm.AUTO)):
        await bench.opened()
    assert bench.sink.all("opened") == ["events"]


async def test_it_never_gives_up(bench: Bench):
    """Many refusals in a row are each reported, and the first acceptance opens the stream."""
    bench.server.refuse = lambda _: 503 if len(bench.server.attempts) <= 12 else None
    async with RunningStream(bench.stream()):
        await bench.opened()
        assert len(bench.sink.all("lost")) == 12
        assert bench.observer.reconnects == ["desk"]


async def test_every_loss_and_reopening_is_told_in_order(bench: Bench):
    """Cut, closed and distrusted: each gives one loss and one opening, and each reopening is counted."""
    stream = bench.stream()
    async with RunningStream(stream):
        await bench.opened()
        bench.server.last.cut()
        await bench.opened(2)
        await bench.server.last.socket.close(code=1012)
        await bench.opened(3)
        stream.distrust("the keeper says so")
        await bench.opened(4)
    assert [what for what, _ in bench.sink.told] == ["opened", "lost"] * 3 + ["opened"]
    assert bench.sink.all("lost")[1:] == ["closed by the server with code 1012", "the keeper says so"]
    assert bench.observer.reconnects == ["desk"] * 3


async def test_dead_connection_is_noticed(bench: Bench):
    """A server that accepts and never pongs is given up and reported."""
    bench.server.pong = False
    async with RunningStream(bench.stream(heartbeat=0.05)):
        await bench.opened(2)
    assert bench.sink.all("lost")[0] == "no pong: the connection is dead"


async def test_hanging_handshake_is_given_up(bench: Bench):
    """A server that takes the connection and never answers the handshake is a loss like any other."""
    bench.server.hang = True
    async with RunningStream(bench.stream(open_timeout=0.02)):
        await eventually(lambda: len(bench.sink.all("lost")) >= 2)
    assert set(bench.sink.all("lost")) == {"no connection in time"}


async def test_burst_is_delivered_whole_and_in_order(bench: Bench):
    """Thousands of events at once arrive each once and in order, while the loop is held up."""
    async with RunningStream(bench.stream()):
        await bench.opened()
        sending = asyncio.create_task(bench.server.last.send(*[funding(n) for n in range(1, 3001)]))
        await bench.got(3000)
        await sending
    assert times(bench.sink) == list(range(1, 3001))


async def test_duplicates_are_passed_on_once(bench: Bench):
    """The same event twice on one connection, raw or wrapped, is one event."""
    async with RunningStream(bench.stream()):
        await bench.opened()
        await bench.server.last.send(funding(1), funding(1), {"stream": "key-1", "data": funding(1)}, funding(2))
        await bench.got(2)
    assert times(bench.sink) == [1, 2]
    assert [name for _, name, _ in bench.observer.events] == ["ACCOUNT_UPDATE", "ACCOUNT_UPDATE"]


async def test_memory_of_events_is_bounded_and_begins_anew_with_each_life(bench: Bench):
    """After a loss the same event counts as new, since the account was read again in between."""
    async with RunningStream(bench.stream()):
        await bench.opened()
        await bench.server.last.send(*[funding(n) for n in range(1, 4200)], funding(1))
        await bench.got(4200)
        bench.server.last.cut()
        await bench.opened(2)
        await bench.server.last.send(funding(4199))
        await bench.got(4201)
    assert times(bench.sink)[-2:] == [1, 4199]


async def test_unknown_ignored_and_malformed_events(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Unknown ones pass as such, broken known ones as unknown so that the account is read again; each is counted."""
    broken = {"e": "ACCOUNT_UPDATE", "E": 5, "a": "?"}
    async with RunningStream(bench.stream()):
        await bench.opened()
        await bench.server.last.send(
            "nonsense", [1, 2], {"e": "NOVELTY", "E": 3}, {"e": "TRADE_LITE", "E": 4}, broken, {"no": "type"}, broken
        )
        await bench.got(4)
    events = bench.sink.all("event")
    assert [type(event) for event in events] == [UnknownEvent, IgnoredEvent, UnknownEvent, UnknownEvent]
    assert [event.name for event in events] == ["NOVELTY", "TRADE_LITE", "malformed", "malformed"]
    assert [name for _, name, _ in bench.observer.events] == ["unknown", "TRADE_LITE", "malformed", "malformed"]
    assert bench.sink.all("lost") == []
    assert "not as documented" in caplog.text


async def test_event_nested_without_measure_does_no_harm(bench: Bench):
    """A message nested deeper than can be written again is passed on as unreadable or unknown, never a crash."""
    deep = '{"e":"ACCOUNT_UPDATE","a":' + "[" * 900 + "]" * 900 + "}"
    async with RunningStream(bench.stream()):
        await bench.opened()
        await bench.server.last.send(deep, funding(1))
        await eventually(lambda: 1 in times(bench.sink))
    assert bench.sink.all("lost") == []


async def test_delay_is_told_and_never_negative(bench: Bench):
    """The delay is exchange time to arrival; a time in the future or none gives 0."""
    stream = bench.stream()
    async with RunningStream(stream):
        await bench.opened()
        await bench.server.last.send(funding(1), funding(9_999_999_999_999), {"e": "NOVELTY"})
        await bench.got(3)
    past, future, none = (delay for _, _, delay in bench.observer.events)
    assert past > 1e9
    assert future == none == 0.0


async def test_fault_in_the_sink_is_a_loss_and_the_stream_goes_on(bench: Bench, caplog: pytest.LogCaptureFixture):
    """A sink that raises, on an event, an opening or a loss, is logged and the stream opens again."""
    bench.sink.raise_on = {"event", "opened", "lost"}
    async with RunningStream(bench.stream()):
        await bench.opened(2)
        await bench.server.last.send(funding(1))
        await bench.opened(3)
    assert bench.sink.all("lost") == ["fault of ours: KeyError"] * 2
    faults = [record for record in caplog.records if record.levelno == logging.ERROR and record.exc_info]
    assert len(faults) == 3


async def test_cancelling_in_every_state_is_clean(bench: Bench):
    """Cancelled while connecting, in a pause, or while a loss is being handled, ``run`` ends and leaves nothing."""
    bench.server.hang = True
    async with RunningStream(bench.stream(open_timeout=5.0)):
        await eventually(lambda: bench.server.attempts)
    bench.server.hang = False
    bench.server.refuse = lambda _: 503
    async with RunningStream(bench.stream(backoff_start=60.0, backoff_limit=60.0)):
        await eventually(lambda: bench.sink.all("lost"))
    bench.server.refuse = lambda _: None
    stream = bench.stream()
    async with RunningStream(stream):
        await bench.opened()
        stream.distrust("a loss and a cancellation at the same moment")
    opened = bench.stream()
    for turns in range(12):
        async with RunningStream(opened):
            await eventually(lambda: len(bench.server.attempts) > 1 + turns)  # noqa: B023 - called at once
            for _ in range(turns):
                await asyncio.sleep(0)


async def test_listen_key_is_never_logged(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Whatever happens, the listen key stays out of the log and out of the reasons."""
    caplog.set_level(logging.DEBUG, logger="plimsoll")
    bench.keys.key = "hush-hush"
    answers = [400, 503]
    bench.server.refuse = lambda _: answers.pop() if answers else None
    async with RunningStream(bench.stream(StreamForm.AUTO)):
        await bench.opened()
        await bench.server.last.send({"stream": "hush-hush", "data": {"e": 1}}, '{"hush-hush"')
        bench.server.last.cut()
        await bench.opened(2)
    assert "hush" not in caplog.text
    assert "hush" not in repr(bench.sink.told)


def test_auto_is_no_form():
    """A URL is built for a form, not for the choice between forms; a strange key is encoded."""
    with pytest.raises(ValueError, match="not a form"):
        private_url("ws://x", StreamForm.AUTO, "k")
    assert private_url("ws://x/", StreamForm.QUERY, "a&b/ü") == "ws://x/private/ws?listenKey=a%26b%2F%C3%BC"
