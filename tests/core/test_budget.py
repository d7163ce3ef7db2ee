"""The weight budget by a manual clock: how much may go when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_bench import MID_MINUTE, ROUTINE_WEIGHT, URGENT_WEIGHT, Bench, open_bench
from manual_clock import settle


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench in the middle of a minute, closed at the end."""
    async with open_bench() as bench:
        yield bench


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


async def test_what_never_left_at_the_turn_counts_for_no_minute():
    """An outage at the turn of the minute eats nothing of the next one."""
    bench = Bench(now=MID_MINUTE + 29.5)
    async with bench.budget.spend(40, account="a", urgent=True) as ticket:
        ticket.sent = False
    await bench.clock.elapse(2)
    assert bench.budget.used == 0


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
