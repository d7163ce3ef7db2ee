"""What the supervisor does where a real server is hard to bring to it."""

from __future__ import annotations

import asyncio

import pytest

from fair_loop import LoopClock
from fake_stream_server import FAST, eventually
from plimsoll.exchange.messages import Recent, event_name
from plimsoll.exchange.pacing import StreamTimings
from plimsoll.exchange.socket import Socket, SocketLost
from plimsoll.exchange.supervisor import Line, Supervisor


class BrokenErrand:
    """An errand whose connections fail in the ways given, and then for good."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.losses: list[str] = []

    async def connect(self, *, renewal: bool) -> Socket:  # noqa: ARG002 - the signature of an errand
        """Fail."""
        raise self.failures.pop(0) if self.failures else SocketLost("no server")

    async def prepare(self, line: Line) -> None:
        """Never reached."""

    def opened(self) -> None:
        """Never reached."""

    def lost(self, reason: str, *, form_failed: bool) -> None:  # noqa: ARG002 - the signature of an errand
        """Record."""
        self.losses.append(reason)


async def run_until(errand: BrokenErrand, losses: int, timings: StreamTimings = FAST) -> asyncio.Task:
    """Run a supervisor until it has reported so many losses, then cancel it."""
    task = asyncio.create_task(Supervisor(errand, name="x", clock=LoopClock(), timings=timings).run())
    await eventually(lambda: len(errand.losses) >= losses)
    task.cancel()
    await asyncio.wait({task})
    return task


async def test_cancellation_by_nobody_is_a_loss():
    """A stray cancellation does not end the stream; one from outside does."""
    errand = BrokenErrand(asyncio.CancelledError())
    task = await run_until(errand, 3)
    assert errand.losses[:2] == ["cancelled by nobody", "no server"]
    assert task.cancelled()


async def test_fault_of_ours_is_reported_by_name(caplog: pytest.LogCaptureFixture):
    """An error that nobody foresaw, deep in a group, is logged and becomes a loss."""
    errand = BrokenErrand(ExceptionGroup("outer", [ExceptionGroup("inner", [ZeroDivisionError()])]))
    await run_until(errand, 2)
    assert errand.losses[:2] == ["fault of ours: ZeroDivisionError", "no server"]
    assert "fault of ours" in caplog.text


async def test_distrust_of_a_stream_that_is_not_open_does_nothing():
    """There is nothing to reopen before the first opening."""
    supervisor = Supervisor(BrokenErrand(), name="x", clock=LoopClock(), timings=FAST)
    assert not supervisor.distrust("why")
    assert not supervisor.connected


def test_memory_takes_what_has_no_identity_as_new():
    """A message too deep to be compared is never taken for a duplicate."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    memory = Recent()
    assert memory.is_new(deep)
    assert memory.is_new(deep)


def test_memory_forgets_the_oldest_first():
    """Only the last events are remembered."""
    memory = Recent(2)
    assert [memory.is_new({"n": n}) for n in (1, 2, 2, 3, 1)] == [True, True, False, True, True]


def test_name_of_an_event_is_found_in_both_forms():
    """The name is read raw and wrapped; lists and odd messages have none."""
    assert event_name({"e": "A"}) == event_name({"stream": "s", "data": {"e": "A"}}) == "A"
    assert event_name([{"e": "A"}]) is event_name({"e": 5}) is event_name({}) is None
