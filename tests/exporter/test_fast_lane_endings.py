"""Ends of alerts, told to an Alertmanager that does not hold them: when, which ones, and what its faults do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from lane_alertmanager import lane_alertmanager
from manual_clock import ManualClock
from patience import until
from plimsoll_exporter.fast_lane.alert import Alert
from plimsoll_exporter.fast_lane.endings import EVERY_SECONDS, Endings
from plimsoll_exporter.fast_lane.sender import Target


def labelled(name: str) -> dict[str, dict[str, str]]:
    """An alert that is over."""
    return {"labels": {"alertname": name, "account": "eon"}}


def held(name: str) -> dict[str, object]:
    """The same, as Alertmanager tells that it holds it; its labels come in another order."""
    labels = {"account": "eon", "alertname": name}
    return {"labels": labels, "annotations": {}, "status": {}, "startsAt": "2026-11-21T12:00:00Z"}


@dataclass
class Bench:
    """Running endings and what is over."""

    clock: ManualClock = field(default_factory=ManualClock)
    over: list[Alert] = field(default_factory=list)

    async def minute(self) -> None:
        """Let a minute pass, and wait until what it brought is done."""
        await self.clock.elapse(EVERY_SECONDS)
        await until(lambda: bool(self.clock.sleepers), lambda: "it never sleeps again")


@asynccontextmanager
async def telling(url: str) -> AsyncIterator[Bench]:
    """Endings that run."""
    bench = Bench()
    endings = Endings(Target(url=url, authorization=None), over=lambda: tuple(bench.over), clock=bench.clock)
    running = asyncio.create_task(endings.run())
    try:
        await until(lambda: bool(bench.clock.sleepers), lambda: "it never sleeps")
        yield bench
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_is_forgotten_is_told_every_minute_and_what_is_held_is_not():
    """An alert that is held is somebody's who still reports it: its end is not ours to tell."""
    async with lane_alertmanager() as posted, telling(posted.url) as bench:
        await bench.minute()
        assert posted.posts == []
        bench.over[:] = [labelled("A"), labelled("B")]
        posted.held[:] = [held("B")]
        await bench.minute()
        assert posted.names == [["A"]]
        posted.held[:] = [held("A"), held("B")]
        await bench.minute()
        assert posted.names == [["A"]]
        posted.held.clear()
        await bench.minute()
        assert posted.names == [["A"], ["A", "B"]]


async def test_what_fires_again_while_the_question_is_answered_is_not_ended():
    """An end posted after the new beginning would end that: what is over is looked up when the answer is there."""
    asked = iter([[labelled("A")], []])
    async with lane_alertmanager() as posted:
        clock = ManualClock()
        target = Target(url=posted.url, authorization=None)
        running = asyncio.create_task(Endings(target, over=lambda: next(asked), clock=clock).run())
        await until(lambda: bool(clock.sleepers), lambda: "it never sleeps")
        await clock.elapse(EVERY_SECONDS)
        await until(lambda: bool(clock.sleepers), lambda: "it never sleeps again")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert list(asked) == []
        assert posted.posts == []


async def test_faults_are_said_once_and_tried_again(caplog: pytest.LogCaptureFixture):
    """Refused or not answered: one line in the log, and the next minute tells."""
    async with lane_alertmanager() as posted, telling(posted.url) as bench:
        bench.over[:] = [labelled("A")]
        posted.status = 500
        await bench.minute()
        await bench.minute()
        assert posted.posts == []
        posted.status = 200
        await bench.minute()
        assert posted.names == [["A"]]
    async with telling("http://127.0.0.1:1") as bench:
        bench.over[:] = [labelled("A")]
        await bench.minute()
    assert [record.getMessage().split("; ")[1] for record in caplog.records] == ["trying on", "trying on"]
