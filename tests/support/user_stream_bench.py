"""A user stream on a bench: a server that obeys the test, and fakes that record what comes out."""

from __future__ import annotations

import dataclasses

import aiohttp

from fake_stream_server import (
    FAST,
    FakeListenKeys,
    FakeStreamServer,
    RecordingObserver,
    RecordingSink,
    eventually,
    stream_parts,
)
from plimsoll.config.model import StreamForm
from plimsoll.exchange.user_stream import UserStream


def funding(time_ms: int) -> dict:
    """An ``ACCOUNT_UPDATE``; another time makes it another event."""
    balance = {"a": "USDT", "wb": "100", "cw": "100", "bc": "-1"}
    return {"e": "ACCOUNT_UPDATE", "E": time_ms, "T": time_ms, "a": {"m": "FUNDING_FEE", "B": [balance], "P": []}}


def times(sink: RecordingSink) -> list[int]:
    """The times of the events that came through."""
    return [event.time_ms for event in sink.all("event")]


class Bench:
    """A server, a stream against it, and what came out."""

    def __init__(self, server: FakeStreamServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.keys = FakeListenKeys()
        self.sink = RecordingSink()
        self.observer = RecordingObserver()
        self.session = session

    def stream(self, form: StreamForm = StreamForm.EVENTS, **changes: float) -> UserStream:
        """A stream that is not running yet."""
        return UserStream(
            account="desk",
            url=self.server.url,
            form=form,
            reader=self.keys,
            sink=self.sink,
            timings=dataclasses.replace(FAST, **changes),
            **stream_parts(self.session, self.observer),
        )

    async def opened(self, count: int = 1) -> None:
        """Wait until the stream was opened so often."""
        await eventually(lambda: len(self.sink.all("opened")) >= count and len(self.server.peers) >= count)

    async def got(self, count: int = 1) -> None:
        """Wait until so many events came through."""
        await eventually(lambda: len(self.sink.all("event")) >= count)
