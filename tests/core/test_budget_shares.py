"""The weight budget for programs that act: their own shares, their own patience, and requests that weigh nothing."""

from __future__ import annotations

import pytest

from budget_bench import fill, open_bench
from plimsoll.errors import Throttled, Unavailable
from plimsoll.exchange.budget import Shares

ACTING = Shares(urgent=0.9, routine=0.75, patience=5.0)


async def test_a_program_has_shares_of_its_own():
    """Urgent requests go up to nine tenths of the limit, routine ones to three quarters."""
    async with open_bench(ACTING) as bench:
        await bench.ask(1800, urgent=False)
        routine = await bench.ask(1, urgent=False)
        urgent = await bench.ask(360)
        beyond = await bench.ask(1)
        assert (routine.done(), urgent.done(), beyond.done()) == (False, True, False)


async def test_what_weighs_nothing_stands_in_no_line():
    """An order goes at once though the weight is used up and heavier requests of its account wait."""
    async with open_bench() as bench:
        await fill(bench)
        heavy = await bench.ask(40)
        order = await bench.ask(0)
        assert (heavy.done(), order.done()) == (False, True)
        assert bench.budget.used == 1440


async def test_a_silence_holds_back_what_weighs_nothing_too():
    """After 429 nothing leaves before the time is over, and then at once; it may be prolonged meanwhile."""
    async with open_bench() as bench:
        bench.budget.pause(Throttled("too many", retry_after=3))
        order = await bench.ask(0)
        await bench.clock.elapse(2)
        bench.budget.pause(Throttled("too many", retry_after=4))
        await bench.clock.elapse(2)
        assert not order.done()
        await bench.clock.elapse(2)
        assert order.done()


async def test_a_silence_beyond_the_patience_fails_it():
    """A program that acts hears at once that it must be silent for long, and a longer silence ends a wait."""
    async with open_bench(ACTING) as bench:
        bench.budget.pause(Throttled("too many", retry_after=3))
        waiting = await bench.ask(0)
        reading = await bench.ask(5)
        bench.budget.pause(Throttled("too many", retry_after=60))
        await bench.clock.elapse(3)
        for task in (waiting, reading, await bench.ask(0)):
            with pytest.raises(Throttled) as held:
                await task
            assert held.value.retry_after is not None
            assert held.value.retry_after > ACTING.patience


async def test_the_end_of_the_program_ends_the_wait():
    """What waits in a silence does not leave after the adapter was closed."""
    async with open_bench() as bench:
        bench.budget.pause(Throttled("too many", retry_after=3))
        order = await bench.ask(0)
        bench.budget.close()
        await bench.clock.elapse(3)
        with pytest.raises(Unavailable):
            await order
