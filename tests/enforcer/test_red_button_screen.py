"""The terminal of the red button, and what of a run is shown on it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from manual_clock import ManualClock
from patience import PATIENCE
from plimsoll_enforcer.button.screen import Screen, terminal
from plimsoll_enforcer.button.telling import Telling

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Its end to read from, its end to write to."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_what_is_said_is_shown_in_its_order(pipe: Pipe):
    """Each text with a line break at its end; closing waits for all of it."""
    screen = Screen(pipe[1], None)
    screen.say("one")
    screen.say("two\nthree")
    screen.close()
    assert os.read(pipe[0], 100) == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("blocking", [True, False])
def test_a_terminal_that_takes_nothing_holds_up_nobody(pipe: Pipe, blocking: bool):  # noqa: FBT001 - a case
    """A paused terminal: saying returns at once, and what was said comes when it goes on."""
    os.set_blocking(pipe[1], blocking)
    text = "x" * 300_000
    screen = Screen(pipe[1], None)
    began = time.monotonic()
    screen.say(text)
    screen.say("last")
    assert time.monotonic() - began < 30
    seen = b""
    while not seen.endswith(b"last\n"):
        seen += os.read(pipe[0], 65_536)
    screen.close()
    assert len(seen) == len(text) + 6


def test_a_terminal_that_is_gone_is_no_error(pipe: Pipe):
    """Neither a reader that left nor a stream that never was raises anything."""
    os.close(pipe[0])
    for screen in (Screen(pipe[1], None), Screen(None, None)):
        screen.say("anybody?")
        screen.say("no")
        screen.close()


async def test_a_question_gets_one_line_at_a_time(pipe: Pipe):
    """What is typed ahead stays for the next question; the end of the input, and no input at all, is empty."""
    screen = Screen(None, pipe[0])
    os.write(pipe[1], b"\neon\nrest")
    os.close(pipe[1])
    async with asyncio.timeout(PATIENCE):
        assert [await screen.ask("?") for _ in range(4)] == ["\n", "eon\n", "rest", ""]
        assert await Screen(None, None).ask("?") == ""


async def test_a_question_that_nobody_waits_for_any_more_disturbs_nothing(pipe: Pipe):
    """After Ctrl-C at the question a late answer goes nowhere."""
    screen = Screen(None, pipe[0])
    asking = asyncio.create_task(screen.ask("?"))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    os.write(pipe[1], b"eon\n")
    await asyncio.sleep(0.05)


def test_streams_that_were_closed_are_none(monkeypatch: pytest.MonkeyPatch):
    """A program started without stdin and stdout says and hears nothing, whatever has their numbers now."""
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stdin", None)
    screen = terminal()
    screen.say("hidden")
    screen.close()


def test_what_repeats_itself_is_shown_now_and_then():
    """A failure that comes again and again is one line each ten seconds, with a count; a change is shown at once."""
    clock, lines = ManualClock(), []
    telling = Telling(clock, lines.append)
    for _ in range(24):
        telling.step("read-failed", "positions: no connection")
        telling.step("read", "positions could not be read")
        clock.advance(0.5)
    telling.step("read", "no position")
    telling.step("read", "positions could not be read")
    telling.step("answered", "BTCUSDT: filled, 1 filled")
    telling.step("answered", "BTCUSDT: filled, 1 filled")
    assert [line.split(None, 2)[2] for line in lines] == [
        "read-failed    positions: no connection",
        "read           positions could not be read",
        "read-failed    positions: no connection (19 more times meanwhile)",
        "read           positions could not be read (19 more times meanwhile)",
        "read           no position",
        "read           positions could not be read",
        "answered       BTCUSDT: filled, 1 filled",
        "answered       BTCUSDT: filled, 1 filled",
    ]
