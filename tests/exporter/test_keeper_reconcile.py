"""What the stream does not tell is found by reading again, believed at the second reading, adopted and counted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from keeper_scene import Scene, watching
from plimsoll.errors import Unavailable
from plimsoll.model.events import (
    AccountUpdate,
    AssetModeChange,
    IgnoredEvent,
    LeverageChange,
    MarginCall,
    PositionChange,
    UnknownEvent,
)
from plimsoll.model.terms import MarginMode, PositionSide
from plimsoll_exporter.keeper.doubts import PATIENCE_SECONDS
from plimsoll_exporter.keeper.live import KEPT_EVENTS
from plimsoll_exporter.view import Status


def position_event(scene: Scene, symbol: str, amount: str, **changes: object) -> AccountUpdate:
    """An event of one position row."""
    now = scene.account.stamp()
    row = PositionChange(
        symbol=symbol,
        position_side=PositionSide.BOTH,
        amount=Decimal(amount),
        entry_price=Decimal(100),
        unrealized_pnl=Decimal(0),
        margin_mode=MarginMode.CROSS,
        isolated_wallet=Decimal(0),
    )
    return AccountUpdate(time_ms=now, event_ms=now, reason="ORDER", balances=(), positions=(replace(row, **changes),))


async def test_a_lost_event_is_found_adopted_counted_and_the_stream_distrusted():
    """Two readings that show the same lost trade correct the book within the allowed age; the stream is reopened."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "2", "100")
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.trade("BTCUSDT", "-1", "110")
        scene.account.silent = False
        await scene.pass_time(60)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.view().corrections == {"wallet": 1, "cross_wallet": 1, "position": 1}
        assert len(scene.account.stream.distrusted) == 1


async def test_a_silent_stream_of_a_busy_account_is_found():
    """Where nothing is told and every reading says something new, the difference is believed all the same."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.trade("BTCUSDT", "1", "100")
        for _ in range(70):
            scene.account.trade("BTCUSDT", "0.1", "100")
            await scene.pass_time(1)
        assert scene.account.stream.distrusted
        assert scene.view().corrections["position"] >= 1


async def test_a_difference_that_the_stream_tells_in_time_is_none():
    """An event that arrives between the two readings makes the difference vanish: nothing is counted."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.silent = True
        told, update = scene.account.trade("BTCUSDT", "1", "100")
        scene.account.silent = False
        readings = scene.account.counts["wallet"]
        while scene.account.counts["wallet"] == readings:
            await scene.clock.elapse(0.5)
            scene.market.tick()
        scene.account.tell(told, update)
        await scene.pass_time(5)
        assert scene.view().corrections == {}
        assert scene.account.stream.distrusted == []
        assert scene.agrees()


async def test_rest_that_lags_is_no_difference():
    """Readings older than what the stream told change and count nothing, also right after a new opening."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(1)
        scene.account.freeze()
        scene.account.trade("BTCUSDT", "1", "110")
        await scene.pass_time(38)
        scene.account.stream.cut()
        scene.account.stream.open()
        await scene.pass_time(2)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.view().corrections == {}
        scene.account.thaw()
        await scene.pass_time(10)
        assert scene.agrees()
        assert scene.view().corrections == {}


async def test_a_late_close_of_a_row_that_is_newer_does_no_harm():
    """A close that is older than the reading is dropped, though the row it names is held."""
    scene = Scene("live")
    positions = scene.account.hold("positions")
    async with watching(scene=scene, live=False):
        scene.account.trade("BTCUSDT", "1", "100")
        scene.account.trade("BTCUSDT", "-1", "100")
        scene.account.trade("BTCUSDT", "3", "100")
        positions.set()
        await scene.pass_time(2)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.account.stream.running == 1


async def test_an_unknown_event_makes_an_early_reading_and_no_storm(caplog: pytest.LogCaptureFixture):
    """An unknown event makes the keeper read soon; a flood of them costs few readings and one line in the log."""
    async with watching() as scene:
        await scene.pass_time(10)
        readings = scene.account.counts["wallet"]
        for _ in range(100):
            now = scene.account.stamp()
            scene.account.tell(UnknownEvent(time_ms=now, event_ms=now, name="NEW_THING"))
            await scene.clock.elapse(0.5)
            scene.market.tick()
        assert readings + 1 <= scene.account.counts["wallet"] <= readings + 5
        assert sum("NEW_THING" in record.getMessage() for record in caplog.records) == 1


async def test_suspicion_outlives_a_failed_reading():
    """When the early reading fails it is tried again, not forgotten until the regular one."""
    async with watching() as scene:
        await scene.pass_time(10)
        now = scene.account.stamp()
        scene.account.fail("wallet", Unavailable("HTTP 502"))
        readings = scene.account.counts["wallet"]
        scene.account.tell(UnknownEvent(time_ms=now, event_ms=now, name="NEW_THING"))
        await scene.pass_time(8)
        assert scene.account.counts["wallet"] == readings + 2


async def test_an_event_that_makes_no_sense_makes_the_account_be_read_again():
    """A position that cannot be is not taken in; the account is read anew, a bounded number of times."""
    async with watching() as scene:
        await scene.pass_time(10)
        readings = scene.account.counts["wallet"]
        for _ in range(20):
            scene.account.tell(position_event(scene, "BTCUSDT", "1", entry_price=Decimal(0)))
            await scene.clock.elapse(0.5)
            scene.market.tick()
        await scene.pass_time(6)
        assert scene.is_live()
        assert scene.agrees()
        assert readings + 1 <= scene.account.counts["wallet"] <= readings + 5


async def test_a_changed_position_mode_is_read_again():
    """The first row of the other mode makes the keeper read the switches; empty rows of it do not."""
    async with watching() as scene:
        await scene.pass_time(10)
        settings = scene.account.counts["settings"]
        scene.account.tell(position_event(scene, "BTCUSDT", "0", position_side=PositionSide.LONG))
        await scene.pass_time(1)
        assert scene.account.counts["settings"] == settings
        scene.account.mode = builders.settings(hedge=True)
        scene.account.trade("BTCUSDT", "1", "100", side=PositionSide.LONG)
        await scene.pass_time(7)
        assert scene.account.counts["settings"] > settings
        assert scene.is_live()
        assert scene.agrees()
        assert scene.view().book.settings == scene.account.mode


async def test_a_changed_assets_mode_is_read_again():
    """A change of the assets mode makes the keeper read the account anew and ask for the rates."""
    async with watching() as scene:
        scene.market.rates = (builders.rate("USDT", "0.999"), builders.rate("BNB", "500"))
        scene.account.mode = builders.settings(multi=True)
        now = scene.account.stamp()
        scene.account.tell(AssetModeChange(time_ms=now, event_ms=now, asset_mode=scene.account.mode.asset_mode))
        await scene.pass_time(8)
        assert scene.is_live()
        assert scene.figures().equity == Decimal("9990.000")
        assert scene.market.wants_rates


async def test_margin_calls_are_told_and_ignored_events_ignored(caplog: pytest.LogCaptureFixture):
    """A margin call is told at critical level; an event that tells nothing new changes nothing."""
    async with watching() as scene:
        now = scene.account.stamp()
        scene.account.tell(
            MarginCall(time_ms=0, event_ms=now, symbols=("BTCUSDT",)),
            IgnoredEvent(time_ms=now, event_ms=now, name="TRADE_LITE"),
        )
        assert any("BTCUSDT" in record.getMessage() for record in caplog.records if record.levelname == "CRITICAL")
        assert scene.is_live()


async def test_a_leverage_setting_follows_its_event_and_the_sweep():
    """The event moves the setting at once; one that was not told is found by the sweep at the second reading."""
    async with watching() as scene:
        scene.account.leverage["BTCUSDT"] = 3
        now = scene.account.stamp()
        scene.account.tell(LeverageChange(time_ms=now, event_ms=now, symbol="BTCUSDT", leverage=3))
        assert scene.view().book.leverage["BTCUSDT"] == 3
        scene.account.leverage |= {"ETHUSDT": 5, "NEWUSDT": 20}
        await scene.pass_time(910)
        assert scene.view().book.leverage == scene.account.leverage
        await scene.pass_time(PATIENCE_SECONDS)
        assert scene.view().corrections == {"leverage": 1}
        assert scene.account.stream.distrusted == []


async def test_a_mode_that_was_not_told_is_found_by_the_sweep():
    """A position mode changed without any event is found, counted and read anew."""
    async with watching() as scene:
        scene.account.mode = builders.settings(hedge=True)
        await scene.pass_time(910)
        assert scene.view().book.settings == scene.account.mode
        assert scene.view().corrections == {"position_mode": 1}
        assert scene.is_live()


async def test_failing_settings_do_not_make_sweeps_run_wild():
    """While the settings cannot be read the orders are swept no more often, and the account stays live."""
    scene = Scene("live")
    async with watching(scene=scene):
        await scene.pass_time(100)
        scene.account.fail_on("symbol_settings", Unavailable("HTTP 502"))
        weight = scene.account.weight
        await scene.pass_time(1800)
        assert scene.is_live()
        assert scene.account.weight - weight < 1800 / 60 * 40


async def test_tables_that_are_out_of_date_are_read_again(caplog: pytest.LogCaptureFixture):
    """Where the exchange computes otherwise its margin tables are read again and the difference is counted once."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "10", "100")
        await scene.pass_time(10)
        scene.account.tables["BTCUSDT"] = (builders.bracket(maintenance_ratio="0.02"),)
        await scene.pass_time(60)
        assert scene.view().corrections == {"maintenance_margin": 1}
        assert scene.agrees()
        await scene.pass_time(120)
        assert scene.view().corrections == {"maintenance_margin": 1}
        assert sum("computed otherwise" in record.getMessage() for record in caplog.records) == 1


async def test_a_table_that_is_missing_is_read_as_long_as_it_is_missing():
    """A held symbol without a margin table has unknown margin; the table is taken as soon as there is one."""
    scene = Scene("live")
    del scene.account.tables["SOLUSDT"]
    async with watching(scene=scene):
        scene.account.trade("SOLUSDT", "1", "100")
        await scene.pass_time(60)
        assert scene.figures().maintenance_margin is None
        scene.account.tables["SOLUSDT"] = (builders.bracket(),)
        await scene.pass_time(60)
        assert scene.agrees()


async def test_a_flood_during_a_sync_begins_it_again():
    """More events than may be put aside make the reading begin again, so that memory stays bounded."""
    scene = Scene("live")
    positions = scene.account.hold("positions")
    async with watching(scene=scene, live=False):
        for _ in range(KEPT_EVENTS + 5):
            scene.account.transfer("1")
        positions.set()
        await scene.pass_time(8)
        assert scene.is_live()
        assert scene.agrees()


async def test_many_differences_are_told_in_few_lines(caplog: pytest.LogCaptureFixture):
    """A thousand corrections are counted one by one and told in a dozen lines."""
    async with watching() as scene:
        scene.account.leverage |= {f"S{number}USDT": 10 for number in range(100)}
        await scene.pass_time(910)
        scene.account.leverage |= {f"S{number}USDT": 5 for number in range(100)}
        await scene.pass_time(910)
        assert scene.view().corrections == {"leverage": 100}
        assert sum("not told by the stream" in record.getMessage() for record in caplog.records) == 11


async def test_a_stale_view_keeps_its_book():
    """After a loss the last book is kept for people; the status says that it is not to be believed."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        scene.account.stream.cut()
        assert scene.view().status is Status.STALE
        assert scene.view().book.positions


async def test_what_comes_after_a_senseless_event_of_the_backlog_is_seen_by_the_next_reading():
    """Many senseless events put aside during one sync cost one more reading, not one reading each."""
    scene = Scene("live")
    positions = scene.account.hold("positions")
    async with watching(scene=scene, live=False):
        for _ in range(20):
            scene.account.tell(position_event(scene, "BTCUSDT", "1", entry_price=Decimal(0)))
        scene.account.trade("ETHUSDT", "1", "100")
        positions.set()
        await scene.pass_time(8)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.account.counts["settings"] <= 3


async def test_a_gap_in_the_middle_of_a_reconcile_discards_it():
    """A reconcile over which the stream was lost neither corrects nor confirms; the sync that follows does."""
    async with watching() as scene:
        await scene.pass_time(40)
        held = scene.account.hold("positions")
        await scene.pass_time(25)
        scene.account.stream.cut()
        scene.account.trade("BTCUSDT", "1", "100")
        scene.account.stream.open()
        held.set()
        await scene.pass_time(3)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.view().corrections == {}
