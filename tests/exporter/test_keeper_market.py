"""Prices, rates and rules: freshness, seeds, symbols that nobody knows yet, and a market reader that fails."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from keeper_scene import Scene, watching
from manual_clock import settle
from plimsoll.errors import Throttled, Unavailable
from plimsoll.model.market import Mark
from plimsoll_exporter.view import Status


async def test_old_marks_make_stale_and_fresh_ones_live():
    """A mark older than three seconds makes the accounts that hold the symbol stale, and only those."""
    async with watching("holder", "flat") as scene:
        scene.accounts["holder"].trade("BTCUSDT", "1", "100")
        await scene.pass_time(5)
        assert scene.is_live("holder")
        scene.ticking = False
        await scene.pass_time(4)
        assert scene.view("holder").status is Status.STALE
        assert scene.view("holder").reason == "the mark price of BTCUSDT is 4 s old"
        assert scene.is_live("flat")
        scene.market.tick()
        assert scene.is_live("holder")


async def test_late_and_repeated_marks_are_ignored():
    """An older mark never replaces a newer one; the same one again changes nothing."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        new = replace(scene.market.mark("BTCUSDT"), price=Decimal(105))
        scene.market.sink.market_event(new)
        scene.market.sink.market_event(Mark(symbol="BTCUSDT", price=Decimal(90), time_ms=new.time_ms - 1))
        scene.market.sink.market_event(new)
        assert scene.market_keeper.state().marks["BTCUSDT"] == new


async def test_a_price_of_a_time_to_come_is_no_price():
    """A mark or rate stamped in the future is dropped, and does not keep the true ones that follow from being shown."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(5)
        ahead_ms = scene.market.now_ms() + 3_600_000
        before = scene.market_keeper.state()
        scene.market.sink.market_event(Mark(symbol="BTCUSDT", price=Decimal(7), time_ms=ahead_ms))
        scene.market.sink.market_event(builders.rate("BNB", "7", time_ms=ahead_ms))
        assert scene.market_keeper.state() == before
        await scene.pass_time(3)
        assert scene.is_live()


async def test_strange_stamps_make_the_clock_be_measured_but_rarely():
    """A price far from the exchange's time brings the next measurement forward, not more than once in five seconds."""
    async with watching() as scene:
        await scene.pass_time(20)
        measured = scene.market.counts["measure_clock"]
        for _ in range(100):
            scene.market.sink.market_event(Mark(symbol="BTCUSDT", price=Decimal(7), time_ms=1))
            await scene.pass_time(0.1)
        assert measured < scene.market.counts["measure_clock"] <= measured + 3


async def test_an_asset_is_not_valued_at_an_old_price():
    """BNB besides the equity is worth what BNBUSDT costs now; when nobody says, its worth is not known."""
    async with watching() as scene:
        scene.account.transfer("2", "BNB")
        await scene.pass_time(3)
        assert scene.figures().other_assets is not None
        scene.ticking = False
        await scene.pass_time(5)
        assert "BNBUSDT" not in scene.watch.view().market.marks


async def test_late_rates_are_ignored():
    """An older rate never replaces a newer one."""
    async with watching() as scene:
        scene.market.sink.market_event(builders.rate("BNB", "500", time_ms=10))
        scene.market.sink.market_event(builders.rate("BNB", "400", time_ms=9))
        assert scene.market_keeper.state().rates["BNB"].bid == 500


async def test_the_mark_of_an_account_s_own_event_serves_until_the_stream_tells_one():
    """A position in a symbol without a mark is valued at once by what its own event implies."""
    scene = Scene("live")
    del scene.market.prices["SOLUSDT"]
    async with watching(scene=scene):
        scene.market.prices["SOLUSDT"] = Decimal(140)
        scene.market.hold("marks")
        scene.account.trade("SOLUSDT", "2", "139")
        assert scene.market_keeper.state().marks["SOLUSDT"].price == 140
        assert scene.is_live()
        scene.market.prices["SOLUSDT"] = Decimal(141)
        await scene.pass_time(1)
        assert scene.market_keeper.state().marks["SOLUSDT"].price == 141


async def test_bnb_for_fees_makes_its_mark_needed():
    """As soon as there is BNB in the wallet its price is streamed; the zero balance of before asks for nothing."""
    async with watching() as scene:
        assert "BNBUSDT" not in scene.market.wanted
        scene.account.transfer("3", "BNB")
        assert "BNBUSDT" in scene.market.wanted
        await scene.pass_time(1)
        assert scene.figures().other_assets == 300
        scene.account.transfer("-3", "BNB")
        assert "BNBUSDT" not in scene.market.wanted


async def test_multi_assets_mode_needs_rates_and_says_when_they_are_old():
    """Without any rate the account is not live; old rates make it stale."""
    scene = Scene("live")
    scene.account.mode = builders.settings(multi=True)
    async with watching(scene=scene, live=False):
        await scene.pass_time(2)
        assert (scene.view().status, scene.view().reason) == (Status.SYNCING, "no conversion rates yet")
        scene.market.rates = (builders.rate("USDT", "0.999"), builders.rate("BNB", "500"))
        await scene.pass_time(2)
        assert scene.is_live()
        assert scene.figures().equity == Decimal("9990.000")
        scene.market.rates = ()
        await scene.pass_time(12)
        assert scene.view().status is Status.STALE
        assert "conversion rate of USDT" in scene.view().reason


async def test_rates_are_seeded_when_first_needed():
    """The first account in multi-assets mode makes the rates be read over REST."""
    scene = Scene("live")
    scene.account.mode = builders.settings(multi=True)
    scene.market.rates = (builders.rate("USDT", "0.999"),)
    scene.ticking = False
    async with watching(scene=scene, live=False):
        assert scene.market.counts["asset_rates"] == 1
        assert scene.is_live()


async def test_marks_are_seeded_at_the_start_and_after_a_loss():
    """One reading over REST at the start and one after each loss bridge a short gap."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(1)
        seeds = scene.market.counts["marks"]
        scene.ticking = False
        await scene.pass_time(2)
        scene.market.sink.market_lost("cut")
        await settle()
        assert scene.market.counts["marks"] == seeds + 1
        await scene.pass_time(2)
        assert scene.is_live()


async def test_a_failed_seed_is_tried_again():
    """A seed that fails is not forgotten."""
    scene = Scene("live")
    scene.ticking = False
    scene.market.fail("marks", Unavailable("HTTP 502"), Unavailable("HTTP 502"))
    async with watching(scene=scene, live=False):
        await scene.pass_time(4)
        assert scene.market.counts["marks"] == 3
        assert scene.market_keeper.state().marks


async def test_one_market_endpoint_that_fails_holds_up_no_other():
    """While the clock cannot be measured rules and marks are read all the same, and the log says it once."""
    scene = Scene("live")
    scene.market.fail_on("measure_clock", Unavailable("HTTP 502"))
    async with watching(scene=scene):
        await scene.pass_time(300)
        assert scene.is_live()
        assert scene.market.counts["marks"] == 1
        assert scene.market.counts["measure_clock"] <= 20


async def test_a_throttled_market_waits(caplog: pytest.LogCaptureFixture):
    """A 429 with a time is waited for, and is one line in the log."""
    scene = Scene("live")
    scene.market.fail_on("marks", Throttled("429", retry_after=60.0))
    async with watching(scene=scene, live=False):
        await scene.pass_time(300)
        assert scene.market.counts["marks"] <= 6
        assert sum("429" in record.getMessage() for record in caplog.records) == 1


async def test_rules_that_fail_keep_the_account_syncing():
    """Without the exchange's rules nothing can be valued: the account says so and recovers by itself."""
    scene = Scene("live")
    scene.market.fail_on("rules", Unavailable("HTTP 502"))
    async with watching(scene=scene, live=False):
        await scene.pass_time(10)
        assert scene.view().status is Status.SYNCING
        assert "HTTP 502" in scene.view().reason
        scene.market.mend()
        await scene.pass_time(31)
        assert scene.is_live()


async def test_rules_are_read_once_for_many_accounts():
    """Twenty accounts that start at once share one reading of the rules."""
    async with watching(*(f"a{number}" for number in range(20))) as scene:
        assert scene.market.counts["rules"] == 1


async def test_a_symbol_nobody_knows_is_looked_for_once_a_minute():
    """A position in a symbol that is not in the rules: read again, known by REST, and the rules once a minute."""
    async with watching() as scene:
        scene.account.tables["NEWUSDT"] = (builders.bracket(),)
        scene.market.prices["NEWUSDT"] = Decimal(10)
        scene.account.trade("NEWUSDT", "5", "10")
        await scene.pass_time(8)
        assert scene.is_live()
        assert scene.agrees()
        await scene.pass_time(300)
        assert 4 <= scene.market.counts["rules"] <= 7
        scene.market.instruments["NEWUSDT"] = builders.instrument("NEWUSDT")
        await scene.pass_time(61)
        known = scene.market.counts["rules"]
        await scene.pass_time(600)
        assert scene.market.counts["rules"] == known
        assert scene.agrees()


async def test_money_counted_in_another_coin_needs_that_coin_s_mark():
    """Equity that stands in BTC is not live while the price of BTC is old."""
    scene = Scene("live")
    scene.market.instruments["ETHBTC"] = builders.instrument("ETHBTC")
    scene.account.balances["BTC"] = builders.balance("BTC", "1")
    async with watching(scene=scene):
        assert scene.agrees()
        scene.ticking = False
        await scene.pass_time(5)
        assert scene.view().reason == "the mark price of BTCUSDT is 5 s old"


async def test_a_held_symbol_without_a_mark_is_told():
    """Before any mark of a held symbol is known the account is not live and says which one is missing."""
    scene = Scene("live")
    scene.account.trade("SOLUSDT", "1", "100")
    scene.market.prices, prices = {"SOLUSDT": Decimal(100)}, scene.market.prices
    scene.market.hold("marks")
    scene.ticking = False
    async with watching(scene=scene, live=False):
        assert scene.view().reason == "no mark price of SOLUSDT yet"
        assert "marks" not in scene.view().sources
        scene.market.prices = prices
