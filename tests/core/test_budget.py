"""The weight budget by a manual clock: what may go when, and who is next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_rest_server import Recorder
from manual_clock import ManualClock, settle
from plimsoll.errors import Banned, Throttled, Unavailable
from plimsoll.exchange.budget import WeightBudget
from plimsoll.exchange.clock import ExchangeClock

MID_MINUTE = 1_795_164_030.0
URGENT_WEIGHT = 1440
ROUTINE_WEIGHT = 1200


class Bench:
    """A budget, its clock, and the order in which requests were let go."""

    def __init__(self, *, now: float = MID_MINUTE) -> None:
        self.clock = ManualClock(now=now)
        self.exchange_clock = ExchangeClock(self.clock)
        self.recorder = Recorder()
        self.budget = WeightBudget(clock=self.clock, exchange_clock=self.exchange_clock, observer=self.recorder)
        self.granted: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(
        self, weight: int, account: str = "a", *, urgent: bool = True, reported: int | None = None
    ) -> asyncio.Task[None]:
        """Ask for a request that is answered at once, and let everything run."""
        task = asyncio.create_task(self._request(weight, account, urgent=urgent, reported=reported))
        self.tasks.append(task)
        await settle()
        return task

    async def hold(
        self, weight: int, account: str = "a", *, urgent: bool = True
    ) -> tuple[asyncio.Task[None], asyncio.Event]:
        """Ask for a request that stays on its way until the event is set."""
        answered = asyncio.Event()
        task = asyncio.create_task(self._request(weight, account, urgent=urgent, answered=answered))
        await settle()
        return task, answered

    async def _request(
        self,
        weight: int,
        account: str,
        *,
        urgent: bool,
        reported: int | None = None,
        answered: asyncio.Event | None = None,
    ) -> None:
        async with self.budget.spend(weight, account=account, urgent=urgent) as ticket:
            self.granted.append(account)
            if answered is not None:
                await answered.wait()
            if reported is not None:
                ticket.report(reported)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench in the middle of a minute, closed at the end."""
    bench = Bench()
    yield bench
    bench.budget.close()
    for task in bench.tasks:
        with suppress(Unavailable, Throttled, asyncio.CancelledError):
            await task
    await settle()


async def test_never_above_sixty_percent(bench: Bench):
    """Urgent requests fill the limit to sixty percent; the next one waits for the next minute."""
    for _ in range(URGENT_WEIGHT // 40):
        await bench.ask(40)
    assert bench.budget.used == URGENT_WEIGHT
    waiting = await bench.ask(1)
    assert not waiting.done()
    assert bench.budget.waiting == 1
    await bench.clock.elapse(30)
    assert not waiting.done()
    await bench.clock.elapse(1)
    assert waiting.done()
    assert bench.budget.used == 1


async def test_routine_leaves_room_for_urgent(bench: Bench):
    """Routine requests stop at fifty percent, so that a sudden resync finds weight left."""
    await bench.ask(ROUTINE_WEIGHT, urgent=False)
    routine = await bench.ask(1, urgent=False)
    urgent = await bench.ask(240)
    assert (routine.done(), urgent.done()) == (False, True)


async def test_requests_on_their_way_count(bench: Bench):
    """Weight is spoken for from the moment a request leaves, not from its answer."""
    _, answered = await bench.hold(URGENT_WEIGHT)
    waiting = await bench.ask(1)
    assert not waiting.done()
    answered.set()
    await bench.clock.elapse(31)
    assert waiting.done()


async def test_the_exchange_s_count_wins(bench: Bench):
    """Other programs behind the address fill it too: their weight shows in the header and holds us back."""
    await bench.ask(5, reported=URGENT_WEIGHT - 4)
    assert bench.budget.used == URGENT_WEIGHT - 4
    assert not (await bench.ask(5)).done()
    assert bench.recorder.weights == [(URGENT_WEIGHT - 4, 2400)]


async def test_an_older_count_does_not_win_over_a_newer_one(bench: Bench):
    """Answers overtake one another; within a minute the count only grows."""
    await bench.ask(5, reported=800)
    await bench.ask(5, reported=790)
    assert bench.budget.used == 800


async def test_a_count_of_the_last_minute_is_not_taken(bench: Bench):
    """A count that arrives after the turn of the minute says nothing about the new one, where the request may count."""
    async with bench.budget.spend(5, account="a", urgent=True) as ticket:
        await bench.clock.elapse(45)
        ticket.report(1400)
    assert bench.budget.used == 5


async def test_a_request_that_never_left_does_not_count(bench: Bench):
    """What certainly did not arrive is given back."""
    async with bench.budget.spend(40, account="a", urgent=True) as ticket:
        ticket.sent = False
    assert bench.budget.used == 0


async def test_what_is_sent_at_the_turn_counts_for_both_minutes():
    """Nobody knows to the second when the exchange's minute turns, so a full minute's weight cannot go twice."""
    bench = Bench(now=MID_MINUTE + 29.5)
    for _ in range(URGENT_WEIGHT // 40):
        await bench.ask(40)
    await bench.clock.elapse(2)
    assert bench.budget.used == URGENT_WEIGHT
    waiting = await bench.ask(1)
    assert not waiting.done()
    await bench.clock.elapse(60)
    assert waiting.done()


async def test_the_minute_is_the_exchange_s(bench: Bench):
    """The count starts afresh by the exchange's clock, not by ours."""
    now = bench.clock.monotonic()
    bench.exchange_clock.set(server_ms=int((MID_MINUTE + 20) * 1000), sent=now, received=now)
    await bench.ask(URGENT_WEIGHT)
    waiting = await bench.ask(1)
    await bench.clock.elapse(12)
    assert waiting.done()


async def test_a_smaller_limit_is_kept():
    """The limit that the exchange tells decides; one above our default lets waiting requests go at once."""
    bench = Bench()
    bench.budget.set_limit(100)
    await bench.ask(60)
    waiting = await bench.ask(1)
    assert not waiting.done()
    bench.budget.set_limit(4800)
    await settle()
    assert waiting.done()
    assert bench.recorder.weights == [(0, 100), (60, 4800)]


async def test_a_request_above_the_whole_allowance_goes_alone(bench: Bench):
    """A request heavier than all we may use waits for an empty minute and then goes, rather than never."""
    bench.budget.set_limit(50)
    await bench.ask(1)
    heavy = await bench.ask(40)
    assert not heavy.done()
    await bench.clock.elapse(31)
    assert heavy.done()


async def fill(bench: Bench) -> None:
    """Use the whole minute."""
    await bench.ask(URGENT_WEIGHT, "filler")
    bench.granted.clear()


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


REQUEST = st.tuples(st.sampled_from([1, 5, 10, 30, 40]), st.sampled_from("abc"), st.booleans(), st.floats(0, 20))


@settings(max_examples=40, deadline=None)
@given(requests=st.lists(REQUEST, max_size=80), shift=st.floats(-0.9, 0.9))
def test_no_true_minute_is_overrun_and_everybody_is_served(requests: list[tuple[int, str, bool, float]], shift: float):
    """However requests come, with a clock up to a second off, no true minute sees above sixty percent."""

    async def run() -> None:
        bench = Bench()
        bench.budget.set_limit(300)
        true_minutes: dict[int, int] = {}

        async def request(weight: int, account: str, *, urgent: bool) -> None:
            async with bench.budget.spend(weight, account=account, urgent=urgent):
                minute = int((bench.clock.now() + shift) // 60)
                true_minutes[minute] = true_minutes.get(minute, 0) + weight

        tasks = []
        for weight, account, urgent, gap in requests:
            tasks.append(asyncio.create_task(request(weight, account, urgent=urgent)))
            await bench.clock.elapse(gap)
        await bench.clock.elapse(60 * (len(requests) + 2))
        assert all(task.done() for task in tasks)
        assert max(true_minutes.values(), default=0) <= 180

    asyncio.run(run())
