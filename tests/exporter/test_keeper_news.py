"""When accounts are judged: soon after news, together with what comes beside it, and twice a second without any."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keeper_scene import watching
from ledger_scene import figures, remembering
from manual_clock import ManualClock, settle
from plimsoll_exporter.keeper.news import APART_SECONDS, EVENT_SECONDS, PUSH_SECONDS, News
from plimsoll_exporter.keeper.watch import LOOK_SECONDS

BOTH = frozenset({"eon", "live"})
LATEST = 0.5


class Looker:
    """Notes what is to be looked at, with the time since the beginning; a look takes no time."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.news = News(("eon", "live"), clock=self.clock)
        self.looks: list[tuple[float, frozenset[str]]] = []
        self._began = self.clock.monotonic()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            names = await self.news.wait(self.clock.monotonic() + LATEST)
            self.looks.append((round(self.clock.monotonic() - self._began, 6), frozenset(names)))


@contextmanager
def looking() -> Iterator[Looker]:
    """One that looks until the block ends."""
    looker = Looker()
    task = asyncio.create_task(looker.run())
    try:
        yield looker
    finally:
        task.cancel()


async def test_without_news_all_are_judged_twice_a_second():
    """The fallback needs neither prices nor events."""
    with looking() as looker:
        await looker.clock.elapse(1.2)
    assert looker.looks == [(0.5, BOTH), (1.0, BOTH)]


async def test_a_push_of_prices_is_judged_once_and_at_once():
    """Prices of ten symbols, some milliseconds apart, are one look at every account."""
    with looking() as looker:
        await looker.clock.elapse(0.2)
        for _ in range(10):
            looker.news.prices()
            await looker.clock.elapse(PUSH_SECONDS / 11)
        await looker.clock.elapse(0.4)
    assert looker.looks == [(round(0.2 + PUSH_SECONDS, 6), BOTH)]


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
        await looker.clock.elapse(0.3)
    assert looker.looks == [(round(0.2 + PUSH_SECONDS, 6), BOTH)]


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
    assert [names for _, names in looker.looks] == [BOTH, frozenset({"live"})]


async def test_a_breach_counts_half_a_second_after_the_mark_that_makes_it(tmp_path: Path):
    """The first sample is taken as the mark comes, the second half a second later: not sooner, and hardly later."""
    async with remembering(tmp_path) as scene:
        scene.account.trade("BTCUSDT", "50", "100")
        await scene.pass_time(10.3)
        scene.market.prices["BTCUSDT"] -= 30
        scene.market.tick()
        await settle()
        assert not figures(scene).breached
        await scene.clock.elapse(LOOK_SECONDS)
        assert not figures(scene).breached
        await scene.clock.elapse(PUSH_SECONDS)
        assert figures(scene).breached


async def test_two_samples_of_one_push_make_no_breach(tmp_path: Path):
    """More looks than before, but those nearer than half a second to the first one count for nothing."""
    async with remembering(tmp_path) as scene:
        scene.account.trade("BTCUSDT", "50", "100")
        await scene.pass_time(10.3)
        scene.market.prices["BTCUSDT"] -= 30
        for _ in range(4):
            scene.market.tick()
            await scene.clock.elapse(0.12)
        assert not figures(scene).breached
        scene.market.prices["BTCUSDT"] += 30
        scene.market.tick()
        await scene.clock.elapse(5)
        assert not figures(scene).breached


async def test_an_event_looks_at_no_other_account():
    """The stream of one account does not make the others be judged."""
    async with watching("eon", "live") as scene:
        scene.accounts["eon"].trade("BTCUSDT", "1", "100")
        await scene.pass_time(3)
        await scene.clock.elapse(0.25)
        before = {name: scene.view(name).trusted_at for name in scene.accounts}
        scene.accounts["eon"].trade("BTCUSDT", "1", "100")
        await scene.clock.elapse(EVENT_SECONDS)
        after = {name: scene.view(name).trusted_at for name in scene.accounts}
    assert [name for name in after if after[name] != before[name]] == ["eon"]
