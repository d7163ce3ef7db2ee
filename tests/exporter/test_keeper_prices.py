"""Prices and an exchange's clock that jumps: none is ever shown for longer than the three seconds that are promised."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from keeper_scene import Scene, watching
from plimsoll.model.market import LastPrice, Mark
from plimsoll_exporter.keeper.prices import PRECISION_MS
from plimsoll_exporter.view import Status


class PricedScene(Scene):
    """A scene of one account whose prices the test tells itself."""

    def tell(self, price: str) -> None:
        """The stream tells a mark price of BTCUSDT, stamped by the exchange's clock."""
        self.hear(Mark(symbol="BTCUSDT", price=Decimal(price), time_ms=self.market.now_ms()))

    def hear(self, price: Mark | LastPrice) -> None:
        """The stream tells a price with a stamp of its own."""
        assert self.market.sink is not None
        self.market.sink.market_event(price)

    @property
    def shown(self) -> Decimal | None:
        """The mark price that may be shown now."""
        mark = self.watch.view().market.marks.get("BTCUSDT")
        return None if mark is None else mark.price


@pytest.fixture
async def scene() -> AsyncIterator[PricedScene]:
    """A live account with a position in BTCUSDT, told of no price by itself."""
    made = PricedScene("live")
    async with watching(scene=made):
        made.account.trade("BTCUSDT", "1", "100")
        await made.pass_time(2)
        made.ticking = False
        made.measure_clock()
        made.tell("101")
        assert made.is_live()
        yield made


@pytest.mark.parametrize("back", [0.5, 2.5, 4.0, 8.0, 3600.0])
async def test_a_clock_that_goes_back_makes_no_price_younger(scene: PricedScene, back: float):
    """What was told before the exchange's clock went back is shown for three seconds, whatever the clock says then."""
    await scene.pass_time(1)
    scene.set_exchange_clock(-back)
    scene.measure_clock()
    assert scene.shown == 101
    await scene.pass_time(1.7)
    scene.measure_clock()
    assert scene.shown == 101
    await scene.pass_time(0.8)
    for _ in range(12):
        assert scene.shown is None
        assert scene.view().status is Status.STALE
        await scene.pass_time(1)
        scene.measure_clock()


async def test_prices_of_the_clock_that_went_back_are_news(scene: PricedScene):
    """As soon as the clock is measured, what it stamps earlier than what was known before is taken over."""
    scene.set_exchange_clock(-8)
    await scene.pass_time(1)
    scene.tell("102")
    assert scene.shown == 101
    scene.measure_clock()
    scene.tell("103")
    assert scene.shown == 103
    assert scene.is_live()


async def test_a_price_that_is_stamped_ahead_was_made_when_it_was_heard(scene: PricedScene):
    """A clock that ran ahead by less than what is noticed makes no price last longer."""
    scene.set_exchange_clock(1.9)
    scene.tell("102")
    await scene.pass_time(2.9)
    assert scene.shown == 102
    await scene.pass_time(0.2 + PRECISION_MS / 1000)
    assert scene.shown is None


@pytest.mark.parametrize("ahead", [2.1, 2.5, 3.1, 3600.0])
async def test_what_is_dropped_for_its_stamp_makes_the_clock_be_measured(scene: PricedScene, ahead: float):
    """A clock that runs ahead by just more than is accepted is measured within seconds, not in its turn."""
    await scene.pass_time(5)
    measured = scene.market.counts["measure_clock"]
    scene.set_exchange_clock(ahead)
    scene.tell("102")
    assert scene.shown is None
    await scene.pass_time(5)
    assert scene.market.counts["measure_clock"] == measured + 1


async def test_what_a_price_took_on_its_way_counts(scene: PricedScene):
    """A price of two seconds ago is shown for one second, also where the clock goes back meanwhile."""
    late = Mark(symbol="BTCUSDT", price=Decimal(104), time_ms=scene.market.now_ms() + 500)
    await scene.pass_time(2.5)
    scene.hear(late)
    scene.set_exchange_clock(-8)
    scene.measure_clock()
    await scene.pass_time(0.7)
    assert scene.shown == 104
    await scene.pass_time(0.6)
    assert scene.shown is None


async def test_a_clock_that_goes_forward_makes_prices_older(scene: PricedScene):
    """A machine that slept finds its prices old: only the exchange's clock tells how long it slept."""
    scene.set_exchange_clock(3600)
    scene.measure_clock()
    assert scene.shown is None
    scene.tell("102")
    assert scene.shown == 102


async def test_stamps_stay_where_the_clock_is_merely_measured_anew(scene: PricedScene):
    """A measurement that differs by the time of an answer leaves stamps alone: they tell two prices apart."""
    before = scene.market_keeper.state().marks["BTCUSDT"]
    scene.set_exchange_clock(-PRECISION_MS / 1000)
    scene.measure_clock()
    assert scene.market_keeper.state().marks["BTCUSDT"] == before


async def test_last_prices_age_likewise(scene: PricedScene):
    """What stops watch is believed for a minute from when it was told, also after the clock went back."""
    last = LastPrice(symbol="BTCUSDT", price=Decimal(99), time_ms=scene.market.now_ms())
    scene.hear(last)
    scene.set_exchange_clock(-600)
    scene.measure_clock()
    assert scene.market_keeper.lasts()["BTCUSDT"].price == 99
    await scene.pass_time(61)
    assert not scene.market_keeper.lasts()
