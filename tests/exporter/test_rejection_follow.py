"""Following logs: what a line becomes, when it counts, and what waits while something cannot be read or written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.config.model import RejectionLog
from plimsoll.database.database import FILE_NAME
from plimsoll.risk.rejections import Intent
from plimsoll_exporter.rejections.follow import HOLD_SECONDS, LogFollower, followers
from plimsoll_exporter.rejections.ledger import Ledger
from rejection_scene import ledger_in, rejections, sources, told

LINE = "APIError(code=-2019): Margin is insufficient.\n"
HOUR_AHEAD = "2026-11-20T09:40:00Z ERROR " + LINE
"""The clock of the tests stands at 08:40:00 UTC of that day."""


@dataclass
class Scene:
    """A log, its follower and where it counts."""

    path: Path
    clock: ManualClock
    ledger: Ledger
    follower: LogFollower

    async def logs(self, text: str) -> None:
        """The bot writes, and the follower looks."""
        with self.path.open("a") as log:
            log.write(text)
        await self.follower.step()


def following(path: Path, ledger: Ledger, clock: ManualClock, *, reported: bool = False) -> LogFollower:
    """A new follower of a log of eon's."""
    (follower,) = followers([RejectionLog(path=path, account="eon")], ledger, clock=clock, reported=reported)
    return follower


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A log that is there, and bots that do not report."""
    clock, path = ManualClock(), tmp_path / "bot.log"
    path.write_text("INFO here we go\n")
    with ledger_in(tmp_path, clock) as ledger:
        yield Scene(path, clock, ledger, following(path, ledger, clock))


async def test_a_line_counts_with_its_words(scene: Scene):
    """Code and words are kept; symbol and intent are not in a line."""
    await scene.follower.step()
    await scene.logs(LINE)
    shown = scene.ledger.shown("eon")
    assert (rejections(shown), sources(shown)) == ({"unknown": 1}, {"log": 1})
    order = shown.ended[0]
    assert (order.code, order.message, order.symbol) == (-2019, "Margin is insufficient.", "")
    assert order.time == scene.clock.now()


async def test_a_fresh_line_of_another_zone_is_of_now(scene: Scene):
    """A line just written that tells a time an hour off has a zone of its own: its time is that of reading."""
    await scene.follower.step()
    await scene.logs(HOUR_AHEAD)
    assert scene.ledger.shown("eon").ended[0].time == scene.clock.now()


async def test_a_line_read_late_keeps_its_own_time(scene: Scene):
    """After a restart the lines of an hour ago are an hour old, and meet the reports of then."""
    await scene.follower.step()
    scene.ledger.report(told(time=scene.clock.now()))
    text = "2026-11-20T08:40:01Z ERROR " + LINE
    scene.clock.advance(3600)
    with scene.path.open("a") as log:
        log.write(text)
    again = following(scene.path, scene.ledger, scene.clock)
    await again.step()
    assert sources(scene.ledger.shown("eon")) == {"report": 1}


async def test_a_line_waits_for_the_report_that_knows_more(scene: Scene):
    """Where bots report, the report of the same event comes first even when the line was read before it."""
    follower = following(scene.path, scene.ledger, scene.clock, reported=True)
    scene.follower = follower
    await follower.step()
    await scene.logs(LINE)
    assert sources(scene.ledger.shown("eon")) == {}
    scene.ledger.report(told(time=scene.clock.now(), intent=Intent.CLOSE))
    scene.clock.advance(HOLD_SECONDS)
    await follower.step()
    assert (rejections(scene.ledger.shown("eon")), sources(scene.ledger.shown("eon"))) == ({"close": 1}, {"report": 1})
    scene.clock.advance(1)
    await scene.logs(LINE)
    scene.clock.advance(HOLD_SECONDS)
    await follower.step()
    assert sources(scene.ledger.shown("eon")) == {"report": 1, "log": 1}


async def test_a_restart_while_lines_wait_reads_them_again(scene: Scene):
    """What was read and not counted was not acknowledged."""
    follower = following(scene.path, scene.ledger, scene.clock, reported=True)
    scene.follower = follower
    await follower.step()
    await scene.logs(LINE)
    again = following(scene.path, scene.ledger, scene.clock)
    await again.step()
    assert sources(scene.ledger.shown("eon")) == {"log": 1}


async def test_nothing_is_lost_while_the_database_fails(scene: Scene, tmp_path: Path):
    """Lines wait and count when it can be written again, once."""
    await scene.follower.step()
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await scene.logs(LINE + LINE)
    assert sources(scene.ledger.shown("eon")) == {}
    other.execute("ROLLBACK")
    other.close()
    await scene.follower.step()
    await scene.follower.step()
    assert sources(scene.ledger.shown("eon")) == {"log": 2}


async def test_a_log_that_cannot_be_read_is_told_once(scene: Scene, caplog: pytest.LogCaptureFixture):
    """The reason is in the log once, and the follower goes on when it can be read again."""
    await scene.follower.step()
    scene.path.unlink()
    scene.path.mkdir()
    await scene.follower.step()
    await scene.follower.step()
    assert caplog.text.count("cannot be followed") == 1
    scene.path.rmdir()
    await scene.logs(LINE)
    assert sources(scene.ledger.shown("eon")) == {"log": 1}


async def test_logs_are_looked_at_every_second(scene: Scene):
    """The follower runs until cancelled."""
    task = asyncio.create_task(scene.follower.run())
    while not scene.clock.sleepers:  # noqa: ASYNC110 - the clock has no event for its sleepers
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
