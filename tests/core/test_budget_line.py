"""The weight budget by a manual clock: who is next, who gives up, who is told to stop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from budget_bench import MID_MINUTE, URGENT_WEIGHT, Bench, fill, open_bench
from manual_clock import settle
from plimsoll.errors import Banned, Throttled, Unavailable


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench in the middle of a minute, closed at the end."""
    async with open_bench() as bench:
        yield bench


async def test_accounts_take_turns(bench: Bench):
    """An account with many waiting requests delays another by one of them."""
    await fill(bench)
    for account in ("a", "a", "a", "b", "c", "b"):
        await bench.ask(5, account)
    await bench.clock.elapse(31)
    assert bench.granted == ["a", "b", "c", "a", "b", "a"]


async def test_urgent_goes_first_and_routine_is_not_forgotten(bench: Bench):
    """Urgent requests go before routine ones, but every fourth turn is a routine one's."""
    await fill(bench)
    for number in range(2):
        await bench.ask(5, f"routine{number}", urgent=False)
    for number in range(5):
        await bench.ask(5, f"urgent{number}")
    await bench.clock.elapse(31)
    assert bench.granted == ["urgent0", "urgent1", "urgent2", "routine0", "urgent3", "urgent4", "routine1"]


async def test_light_requests_do_not_overtake_a_heavy_one(bench: Bench):
    """The head of the line waits for its weight while lighter ones wait behind it, else it might wait for ever."""
    await bench.ask(URGENT_WEIGHT - 10)
    bench.granted.clear()
    await bench.ask(40, "heavy")
    await bench.ask(1, "light")
    assert bench.granted == []
    await bench.clock.elapse(31)
    assert bench.granted == ["heavy", "light"]


@pytest.mark.parametrize(("retry_after", "silent"), [(20.0, 20.0), (None, 31.0)])
async def test_a_pause_holds_everybody(bench: Bench, retry_after: float | None, silent: float):
    """After 429 nothing goes until Retry-After, or until the next minute where there is none."""
    bench.budget.pause(Throttled("429", retry_after=retry_after))
    assert bench.budget.paused_until == bench.clock.monotonic() + silent
    urgent, routine = await bench.ask(1), await bench.ask(1, urgent=False)
    await bench.clock.elapse(silent - 0.5)
    assert not urgent.done()
    assert not routine.done()
    await bench.clock.elapse(0.5)
    assert urgent.done()
    assert routine.done()


async def test_a_pause_at_the_turn_lasts_a_whole_minute():
    """A 429 at the turn of the minute may belong to the new one, so the pause is not over a second later."""
    bench = Bench(now=MID_MINUTE + 30)
    bench.budget.pause(Throttled("429"))
    assert bench.budget.paused_until == bench.clock.monotonic() + 61


async def test_a_shorter_pause_does_not_end_a_longer_one(bench: Bench):
    """Of two pauses the later end counts."""
    bench.budget.pause(Throttled("429", retry_after=50))
    bench.budget.pause(Throttled("429", retry_after=5))
    assert bench.budget.paused_until == bench.clock.monotonic() + 50


async def test_a_pause_that_ends_before_the_minute_wakes_in_time(bench: Bench):
    """Requests that came during a short pause do not wait for the minute that others wait for."""
    await bench.ask(URGENT_WEIGHT - 10)
    heavy = await bench.ask(40)
    bench.budget.pause(Throttled("429", retry_after=3))
    bench.budget.set_limit(4800)
    assert not heavy.done()
    await bench.clock.elapse(3)
    assert heavy.done()


async def test_a_ban_fails_who_waits_and_who_comes(bench: Bench):
    """Nobody waits out a ban: all are told at once how long it lasts, until the end is near."""
    await fill(bench)
    waiting = await bench.ask(1)
    bench.budget.pause(Banned("418", code=-1003, retry_after=300))
    await settle()
    assert isinstance(waiting.exception(), Banned)
    late = await bench.ask(1)
    assert isinstance(late.exception(), Banned)
    assert late.exception().retry_after == 300
    assert late.exception().code == -1003
    await bench.clock.elapse(220)
    patient = await bench.ask(1)
    assert not patient.done()
    await bench.clock.elapse(80)
    assert patient.done()
    assert patient.exception() is None


async def test_who_gives_up_waiting_leaves_no_trace(bench: Bench):
    """A cancelled request neither goes nor holds up the one behind it."""
    await fill(bench)
    first, second = await bench.ask(5, "first"), await bench.ask(5, "second")
    third = await bench.ask(5, "second")
    first.cancel()
    third.cancel()
    await settle()
    assert bench.budget.waiting == 1
    await bench.clock.elapse(31)
    assert bench.granted == ["second"]
    assert second.done()


async def test_who_gives_up_at_the_very_moment_of_the_grant_gives_it_back(bench: Bench):
    """Weight granted to a request that was cancelled before it could go is free again."""
    await fill(bench)
    gone = await bench.ask(URGENT_WEIGHT, "gone")
    bench.clock.advance(31)
    bench.budget.set_limit(2400)
    gone.cancel()
    await settle()
    assert gone.cancelled()
    assert bench.granted == []
    assert (await bench.ask(URGENT_WEIGHT)).done()


async def test_who_gives_up_at_the_very_moment_before_the_grant_is_passed_over(bench: Bench):
    """A request cancelled a moment before its turn is left out, and its weight goes to the next."""
    await fill(bench)
    gone, stays = await bench.ask(5, "gone"), await bench.ask(5, "stays")
    gone.cancel()
    bench.clock.advance(31)
    bench.budget.set_limit(2400)
    await settle()
    assert gone.cancelled()
    assert stays.done()
    assert bench.granted == ["stays"]
    assert bench.budget.used == 5


async def test_who_gives_up_at_the_very_moment_of_a_ban_is_cancelled(bench: Bench):
    """A ban and a cancellation at once end the request, whichever came first."""
    await fill(bench)
    first, second = await bench.ask(5, "first"), await bench.ask(5, "second")
    first.cancel()
    bench.budget.pause(Banned("418", retry_after=300))
    second.cancel()
    await settle()
    assert first.cancelled()
    assert second.cancelled()


async def test_a_cancelled_request_on_its_way_counts(bench: Bench):
    """What was sent and abandoned may have been counted by the exchange."""
    task, _ = await bench.hold(40)
    task.cancel()
    await settle()
    assert bench.budget.used == 40


async def test_closing_frees_who_waits():
    """At shutdown nobody hangs: waiting requests and new ones fail as unavailable."""
    bench = Bench()
    bench.budget.close()
    bench = Bench()
    await fill(bench)
    waiting = await bench.ask(1)
    bench.budget.close()
    await settle()
    assert isinstance(waiting.exception(), Unavailable)
    assert isinstance((await bench.ask(1)).exception(), Unavailable)
    assert bench.clock.sleepers == 0


async def test_closing_at_the_very_moment_of_the_grant():
    """A request that was let go a moment before closing does not touch the closed connections."""
    bench = Bench()
    await fill(bench)
    waiting = await bench.ask(1)
    bench.clock.advance(31)
    bench.budget.set_limit(2400)
    bench.budget.close()
    await settle()
    assert isinstance(waiting.exception(), Unavailable)
    assert bench.granted == []


async def test_nobody_sleeps_when_nobody_waits(bench: Bench):
    """The budget keeps no task running while no request waits."""
    await fill(bench)
    assert bench.clock.sleepers == 0
    await bench.ask(5)
    assert bench.clock.sleepers == 1
    await bench.clock.elapse(31)
    assert bench.clock.sleepers == 0
