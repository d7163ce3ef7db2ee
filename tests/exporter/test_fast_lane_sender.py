"""One Alertmanager of the fast lane: when it is posted to, what it is told, and what its faults do."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lane_alertmanager import LaneAlertmanager, lane_alertmanager
from manual_clock import ManualClock
from patience import PATIENCE
from plimsoll.config.model import AlertmanagerConfig
from plimsoll.errors import SecretError
from plimsoll_exporter.fast_lane.alert import Alert
from plimsoll_exporter.fast_lane.sender import OUTCOMES, REPEAT_SECONDS, RETRY_SECONDS, Sender, Target, target

NOWHERE = "http://127.0.0.1:1"


def an_alert(name: str) -> Alert:
    """Something to post."""
    return {"labels": {"alertname": name}}


@dataclass
class Bench:
    """A sender, what fires, and how its posts ended."""

    clock: ManualClock = field(default_factory=ManualClock)
    alerts: list[Alert] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    sender: Sender | None = None

    def count(self, outcome: str, alerts: int) -> None:
        """Take an outcome."""
        assert outcome in OUTCOMES
        self.outcomes[outcome] += alerts

    def fire(self, *names: str) -> None:
        """Let alerts fire, and say so."""
        assert self.sender is not None
        self.alerts[:] = [an_alert(name) for name in names]
        self.sender.wake()

    async def rests(self) -> None:
        """Wait until the sender sleeps."""
        async with asyncio.timeout(PATIENCE):
            while not self.clock.sleepers:  # noqa: ASYNC110 - the clock tells nobody
                await asyncio.sleep(0.005)


@asynccontextmanager
async def sending(to: str, *, timeout: float = 5.0) -> AsyncIterator[Bench]:  # noqa: ASYNC109 - of the sender's posts
    """A running sender."""
    bench = Bench()
    where = Target(url=to, authorization=None)
    bench.sender = Sender(
        where, alerts=lambda: tuple(bench.alerts), clock=bench.clock, counted=bench.count, timeout=timeout
    )
    running = asyncio.create_task(bench.sender.run())
    try:
        await bench.rests()
        yield bench
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_news_is_posted_at_once_and_repeated_every_ten_seconds():
    """Nothing is posted while nothing fires; then at once, and again every ten seconds for as long as it does."""
    async with lane_alertmanager() as posted, sending(posted.url) as bench:
        await bench.clock.elapse(3 * REPEAT_SECONDS)
        assert posted.posts == []
        bench.fire("A")
        await posted.until(lambda: posted.names == [["A"]], "the first post")
        await posted.until(lambda: bench.outcomes["delivered"] == 1, "its count")
        await bench.rests()
        await bench.clock.elapse(REPEAT_SECONDS - 0.1)
        assert posted.names == [["A"]]
        await bench.clock.elapse(0.1)
        await posted.until(lambda: posted.names == [["A"], ["A"]], "its repetition")
        await posted.until(lambda: bench.outcomes["delivered"] == 2, "its count")
        bench.fire()
        await bench.rests()
        await bench.clock.elapse(3 * REPEAT_SECONDS)
        assert posted.names == [["A"], ["A"]]
    assert bench.outcomes == {"delivered": 2}


async def test_only_the_newest_state_is_sent():
    """What came and went while a post was on its way is never sent: no queue, and nothing late."""
    async with lane_alertmanager() as posted, sending(posted.url) as bench:
        posted.hold.clear()
        bench.fire("A")
        await posted.until(lambda: len(posted.posts) == 1, "a post on its way")
        bench.fire("A", "B")
        bench.fire("A", "C")
        posted.hold.set()
        await posted.until(lambda: len(posted.posts) == 2, "the next post")
        await posted.until(lambda: bench.outcomes["delivered"] == 3, "the count")
    assert posted.names == [["A"], ["A", "C"]]


@pytest.mark.parametrize("status", [500, 401, 302])
async def test_a_refused_post_is_tried_again(status: int, caplog: pytest.LogCaptureFixture):
    """Any answer but 2xx is a refusal: counted, told once, tried again after a second until it is taken."""
    async with lane_alertmanager() as posted, sending(posted.url) as bench:
        posted.status = status
        bench.fire("A")
        for posts in (1, 2):
            await posted.until(lambda: bench.outcomes["refused"] == posts, "refusals")  # noqa: B023 - used here
            await bench.rests()
            posted.status = status if posts == 1 else 200
            await bench.clock.elapse(RETRY_SECONDS)
        await posted.until(lambda: bench.outcomes["delivered"] == 1, "delivery")
    told = [record.getMessage() for record in caplog.records if posted.url in record.getMessage()]
    assert told == [
        f"{posted.url}: alerts do not arrive (refused, answer {status}); trying again",
        f"{posted.url}: alerts arrive again",
    ]


async def test_nobody_there_and_no_answer_are_told_apart():
    """A closed port is unreachable, silence a timeout; both are tried again."""
    async with sending(NOWHERE) as bench:
        bench.fire("A", "B")
        await LaneAlertmanager().until(lambda: bool(bench.outcomes), "the failure is counted")
        assert bench.outcomes == {"unreachable": 2}
    async with lane_alertmanager() as posted, sending(posted.url, timeout=0.05) as bench:
        posted.hold.clear()
        bench.fire("A")
        await posted.until(lambda: bench.outcomes["timeout"] == 1, "the time-out")
        posted.hold.set()
        await bench.rests()
        await bench.clock.elapse(RETRY_SECONDS)
        await posted.until(lambda: len(posted.posts) == 2, "another try")


def test_the_login_is_read_from_its_file_and_shown_nowhere(tmp_path: Path):
    """User and password become basic authentication; without a password file there is none."""
    file = tmp_path / "web.password"
    file.touch(mode=0o600)
    file.write_text("made-up\n")
    found = target(AlertmanagerConfig(url="http://127.0.0.1:9093/", username="plimsoll", password_file=file))
    assert found.url == "http://127.0.0.1:9093"
    assert found.authorization is not None
    assert base64.b64decode(found.authorization.reveal().removeprefix("Basic ")) == b"plimsoll:made-up"
    assert "***" in repr(found)
    assert target(AlertmanagerConfig(url="http://127.0.0.1:9093")).authorization is None
    with pytest.raises(SecretError, match="no such file"):
        target(AlertmanagerConfig(url="http://127.0.0.1:9093", username="u", password_file=tmp_path / "none"))
