"""When accounts are judged: near a limit soon after news, with what comes beside it; twice a second without any."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from keeper_scene import Scene
from ledger_scene import figures, remembering
from manual_clock import ManualClock
from plimsoll_exporter.keeper.news import APART_SECONDS, EVENT_SECONDS, PUSH_SECONDS, News

NEAR = frozenset({"eon", "live"})
ALL = NEAR | {"far"}
EVERY = 0.5


class Looker:
    """Notes what is to be looked at, with the time since the beginning; a look takes no time."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self.clock = ManualClock()
        self.news = News(accounts, every=EVERY, clock=self.clock)
        self.looks: list[tuple[float, frozenset[str]]] = []
        self._began = self.clock.monotonic()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            names = await self.news.wait()
            self.news.looked(names)
            self.looks.append((round(self.clock.monotonic() - self._began, 6), frozenset(names)))


@contextmanager
def looking() -> Iterator[Looker]:
    """One that looks until the block ends."""
    looker = Looker(ALL)
    looker.news.looked(ALL)
    for name in NEAR:
        looker.news.watch(name, closely=True)
    task = asyncio.create_task(looker.run())
    try:
        yield looker
    finally:
        task.cancel()


async def test_without_news_all_are_judged_twice_a_second():
    """The fallback needs neither prices nor events."""
    with looking() as looker:
        await looker.clock.elapse(1.2)
    assert looker.looks == [(0.5, ALL), (1.0, ALL)]


async def test_many_accounts_are_judged_in_groups():
    """Two hundred: forty at a time, every tenth of a second, each account twice a second as ever."""
    looker = Looker(f"a{number:03}" for number in range(200))
    task = asyncio.create_task(looker.run())
    await looker.clock.elapse(1.49)
    task.cancel()
    assert [time for time, _ in looker.looks] == [round(0.1 * number, 6) for number in range(15)]
    groups = [names for _, names in looker.looks]
    assert {len(names) for names in groups} == {40}
    assert groups[:5] == groups[5:10] == groups[10:]
    assert len(frozenset[str]().union(*groups[:5])) == 200


async def test_a_push_of_prices_is_judged_once_and_at_once():
    """Prices of ten symbols, some milliseconds apart, are one look at every account near a limit."""
    with looking() as looker:
        await looker.clock.elapse(0.2)
        for _ in range(10):
            looker.news.prices()
            await looker.clock.elapse(PUSH_SECONDS / 11)
        await looker.clock.elapse(0.4)
    assert looker.looks == [(round(0.2 + PUSH_SECONDS, 6), NEAR), (0.5, frozenset({"far"}))]


async def test_an_event_is_judged_with_those_that_belong_to_it():
    """Only its account is looked at, after the wallet's change has had time to be explained."""
    with looking() as looker:
        await looker.clock.elapse(0.2)
        for _ in range(3):
            looker.news.account("eon")
            await looker.clock.elapse(EVENT_SECONDS / 4)
        await looker.clock.elapse(0.2)
    assert looker.looks == [(round(0.2 + EVENT_SECONDS, 6), frozenset({"eon"}))]


async def test_prices_hurry_what_events_asked_for():
    """One look serves both."""
    with looking() as looker:
        await looker.clock.elapse(0.2)
        looker.news.account("eon")
        looker.news.prices()
        await looker.clock.elapse(0.31)
    assert looker.looks == [(round(0.2 + PUSH_SECONDS, 6), NEAR), (0.5, frozenset({"far"}))]


async def test_news_of_an_account_far_from_its_limits_hurry_nobody():
    """It waits for its turn, and so does one that no longer is near; prices ask for nothing where nobody is near."""
    with looking() as looker:
        looker.news.account("far")
        for name in NEAR:
            looker.news.watch(name, closely=False)
            looker.news.account(name)
        looker.news.prices()
        await looker.clock.elapse(0.6)
    assert looker.looks == [(0.5, ALL)]


async def test_a_flood_of_prices_is_judged_ten_times_a_second():
    """However much comes, looks leave the machine to others; and no price stays unjudged."""
    with looking() as looker:
        for _ in range(1000):
            looker.news.prices()
            await looker.clock.elapse(0.001)
        await looker.clock.elapse(APART_SECONDS)
    assert 9 <= len(looker.looks) <= 11
    assert looker.looks[-1][0] >= 1.0


async def test_what_comes_while_accounts_are_judged_is_judged_again():
    """News of the time of a look are not lost with it."""
    with looking() as looker:
        looker.news.prices()
        await looker.clock.elapse(APART_SECONDS)
        looker.news.account("live")
        await looker.clock.elapse(EVENT_SECONDS)
    assert [names for _, names in looker.looks] == [NEAR, frozenset({"live"})]


async def test_near_its_limit_a_breach_counts_as_the_second_mark_comes(tmp_path: Path):
    """One mark makes none however often it is looked at; the second, half a second later, is judged at once."""
    async with near(tmp_path) as scene:
        fall(scene, 10)
        await scene.clock.elapse(0.9)
        assert not figures(scene).breached
        fall(scene, 0)
        await scene.clock.elapse(PUSH_SECONDS)
        assert figures(scene).breached


async def test_samples_within_half_a_second_make_no_breach(tmp_path: Path):
    """More looks than before, but those nearer than half a second to the first one count for nothing."""
    async with near(tmp_path) as scene:
        fall(scene, 10)
        for _ in range(4):
            await scene.clock.elapse(0.12)
            scene.market.tick()
        assert not figures(scene).breached
        fall(scene, -10)
        await scene.clock.elapse(0.4)
        assert not figures(scene).breached


async def test_an_event_near_the_limit_is_judged_soon(tmp_path: Path):
    """A fill of an account near its limit gives a sample without waiting for the turn of all."""
    async with near(tmp_path) as scene:
        before = scene.view().trusted_at
        scene.account.trade("BTCUSDT", "-1", "87")
        await scene.clock.elapse(EVENT_SECONDS)
        assert scene.view().trusted_at == scene.clock.now() != before


async def test_a_second_sample_waits_for_no_other_account():
    """Half a second after the look that a price asked for comes the next, whenever the others have their turn."""
    with looking() as looker:
        looker.news.watch("eon", closely=False)
        await looker.clock.elapse(0.2)
        looker.news.prices()
        await looker.clock.elapse(0.6)
    first = 0.2 + PUSH_SECONDS
    assert looker.looks == [
        (round(first, 6), frozenset({"live"})),
        (0.5, frozenset({"eon", "far"})),
        (round(first + EVERY, 6), frozenset({"live"})),
    ]


@asynccontextmanager
async def near(folder: Path) -> AsyncIterator[Scene]:
    """An account that has lost 7 % of 10 %, a quarter of a second after a push of marks."""
    async with remembering(folder) as scene:
        scene.account.trade("BTCUSDT", "50", "100")
        await scene.pass_time(5)
        scene.market.prices["BTCUSDT"] -= 13
        await scene.pass_time(5)
        await scene.clock.elapse(0.25)
        assert scene.keeper.near
        yield scene


def fall(scene: Scene, by: int) -> None:
    """A push of marks with another price."""
    scene.market.prices["BTCUSDT"] -= by
    scene.market.tick()
