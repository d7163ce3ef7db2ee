"""The newest event of every topic, by a clock that tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from manual_clock import ManualClock
from patience import until
from plimsoll_exporter.page.events import Event
from plimsoll_exporter.page.hub import HEARTBEAT_SECONDS, OLDEST_SECONDS, TICK_SECONDS, Hub, Topics


class World:
    """A state, and how often it was looked at."""

    def __init__(self) -> None:
        self.value = 0
        self.looks = 0
        self.broken = False

    def look(self) -> Callable[[], Topics]:
        """What makes the one topic."""
        self.looks += 1
        if self.broken:
            raise ZeroDivisionError("surprise")
        value = self.value
        return lambda: {"accounts": {"time": self.looks, "value": value}}


@pytest.fixture
def clock() -> ManualClock:
    """Time that stands still."""
    return ManualClock()


@pytest.fixture
def world() -> World:
    """A state of 0."""
    return World()


async def first(hub: Hub) -> list[Event]:
    """What a listener who just came gets."""
    while not (found := await hub.after(0)):
        pass
    return found


async def test_state_is_made_once_for_all(world: World, clock: ManualClock):
    """Three listeners get the very same events of one look."""
    hub = Hub(world.look, clock=clock)
    for _ in range(3):
        hub.join()
    got = [await first(hub) for _ in range(3)]

    assert world.looks == 1
    assert all(one is other for one, other in zip(got[0], got[2], strict=True))
    hub.end("stopping")


async def test_whoever_was_away_gets_the_newest_only(world: World, clock: ManualClock):
    """Of a hundred states a slow listener gets the last one, and nothing is kept for him."""
    hub = Hub(world.look, clock=clock)
    hub.join()
    number = (await first(hub))[-1].number
    for value in range(1, 101):
        await until(lambda: clock.sleepers == 1, lambda: world.looks)
        world.value = value
        clock.advance(TICK_SECONDS)
    await until(lambda: clock.sleepers == 1, lambda: world.looks)
    accounts, heartbeat = await hub.after(number)

    assert b'"value": 100' in accounts.plain
    assert b"event: heartbeat" in heartbeat.plain
    hub.end("stopping")


async def test_nobody_looks_while_nobody_listens(world: World, clock: ManualClock):
    """With the last listener the looking ends; the next one gets a state of his own time."""
    hub = Hub(world.look, clock=clock)
    hub.join()
    await first(hub)
    hub.leave()
    await asyncio.sleep(0)
    looks, world.value = world.looks, 7
    clock.advance(10 * HEARTBEAT_SECONDS)
    await asyncio.sleep(0)
    assert world.looks == looks

    hub.join()
    assert b'"value": 7' in (await first(hub))[0].plain
    hub.end("stopping")


async def test_end_is_told_and_final(world: World, clock: ManualClock):
    """The end wakes whoever listens, and nobody is made to wait afterwards."""
    hub = Hub(world.look, clock=clock)
    hub.join()
    number = (await first(hub))[-1].number
    waiting = asyncio.create_task(hub.after(number))
    await asyncio.sleep(0)
    hub.end("stopping")

    assert [one.plain for one in await waiting] == [b'event: end\ndata: {"reason": "stopping"}\n\n']
    assert await hub.after(waiting.result()[-1].number) == []


async def test_old_heartbeat_is_given_to_nobody_who_comes_later(world: World, clock: ManualClock):
    """While the state cannot be looked at, one who comes anew finds no heartbeat that would make old figures live."""
    hub = Hub(world.look, clock=clock)
    hub.join()
    assert any(b"event: heartbeat" in one.plain for one in await first(hub))
    world.broken = True
    for _ in range(int(OLDEST_SECONDS / TICK_SECONDS)):
        await until(lambda: clock.sleepers == 1, lambda: world.looks)
        clock.advance(TICK_SECONDS)
    hub.join()

    assert [one.plain.split(b"\n")[0] for one in await hub.after(0)] == [b"event: accounts"]
    hub.end("stopping")
