"""When positions were opened and by how many orders, as the keeper hears, keeps and shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exporter_state import Scene as Page
from exporter_state import account_view, exporter_view
from fake_exchange import FakeAccount
from keeper_scene import Scene, watching
from plimsoll.model.events import AccountUpdate
from plimsoll.model.terms import PositionSide
from plimsoll.risk.entries import SETTLE_MS
from plimsoll_exporter import api
from plimsoll_exporter.keeper.openings import OpeningWatch

BTC = ("BTCUSDT", PositionSide.BOTH)
LONG_ENOUGH = SETTLE_MS / 1000 + 2


def entries(scene: Scene) -> int | None:
    """Entries into BTC as shown; ``None`` where they are not."""
    view = scene.view()
    assert view.book is not None
    row = view.openings.of(BTC, view.book)
    return None if row is None else row.entries


def kept(scene: Scene) -> int | None:
    """Entries into BTC in the database."""
    return next((row.entries for row in scene.store.positions("live")), None)


async def test_entries_are_counted_and_go_with_the_position():
    """Two orders are two entries, a reduction is none, and nothing is left of a closed position."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        opened = scene.account.last_ms
        scene.account.trade("BTCUSDT", "2", "100")
        scene.account.trade("BTCUSDT", "-1", "100")
        assert (entries(scene), kept(scene)) == (2, 2)
        assert scene.view().openings.rows[BTC].opened_ms == opened
        await scene.pass_time(60)
        assert entries(scene) == 2
        scene.account.trade("BTCUSDT", "-2", "100")
        assert (scene.view().openings.rows, kept(scene)) == ({}, None)


async def test_an_event_that_is_told_twice_counts_once():
    """The stream may tell a fill again, at once or later."""
    async with watching() as scene:
        first = scene.account.trade("BTCUSDT", "1", "100")
        scene.account.tell(*first)
        second = scene.account.trade("BTCUSDT", "1", "100")
        scene.account.tell(*first, *second)
        await scene.pass_time(LONG_ENOUGH)
        assert entries(scene) == 2


async def test_fills_that_a_reading_told_already_do_not_count_again():
    """While the account is read, events wait; those of before the reading are in its positions."""
    async with watching() as scene:
        stream = scene.account.stream
        assert stream is not None
        scene.account.trade("BTCUSDT", "1", "100")
        stream.cut()
        scene.account.silent = True
        told = scene.account.trade("BTCUSDT", "-1", "100"), scene.account.trade("BTCUSDT", "3", "100")
        scene.account.silent = False
        stream.open()
        for events in told:
            scene.account.tell(*events)
        await scene.pass_time(LONG_ENOUGH)
        assert entries(scene) is None
        scene.account.trade("BTCUSDT", "-3", "100")
        scene.account.trade("BTCUSDT", "1", "100")
        assert entries(scene) == 1


async def test_a_history_goes_on_over_a_gap_in_which_nothing_happened():
    """The row agrees with what is read again, and so it is believed."""
    async with watching() as scene:
        stream = scene.account.stream
        assert stream is not None
        scene.account.trade("BTCUSDT", "1", "100")
        stream.cut()
        await scene.pass_time(3)
        stream.open()
        await scene.pass_time(3)
        scene.account.trade("BTCUSDT", "1", "100")
        assert entries(scene) == 2


@pytest.mark.parametrize("meanwhile", [(), ("-1", "1"), ("1",)])
async def test_a_history_is_believed_after_a_restart_where_nothing_happened(tmp_path: Path, meanwhile: tuple[str, ...]):
    """Another amount, or the same one after other trades, has an unknown history; an untouched one goes on."""
    async with watching(scene=Scene("live", folder=tmp_path)) as first:
        first.account.trade("BTCUSDT", "1", "100")
        truth = first.account
        assert kept(first) == 1
    for amount in meanwhile:
        truth.clock.advance(60)
        truth.silent = True
        truth.trade("BTCUSDT", amount, "100")
    again = Scene("live", folder=tmp_path)
    take_over(again.account, truth)
    async with watching(scene=again) as second:
        assert entries(second) == (None if meanwhile else 1)
        second.account.trade("BTCUSDT", "1", "100")
        assert entries(second) == (None if meanwhile else 2)
        assert kept(second) == entries(second)


def take_over(account: FakeAccount, other: FakeAccount) -> None:
    """Let an account be the other one, later."""
    account.balances, account.positions_held = other.balances, other.positions_held
    account.last_ms, account.numbers = other.last_ms, other.numbers


async def test_a_fill_that_nobody_told_makes_the_history_unknown():
    """A lost event is found by comparing amounts, once both of its events have had time to come."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        scene.account.silent = True
        _, update = scene.account.trade("BTCUSDT", "1", "100")
        scene.account.silent = False
        scene.account.tell(update)
        assert entries(scene) is None
        await scene.pass_time(LONG_ENOUGH)
        assert (entries(scene), kept(scene)) == (None, None)


async def test_a_change_that_leaves_the_amount_is_no_doubt():
    """Margin moved in or out changes the position's time and not its history, over a gap too."""
    async with watching() as scene:
        stream = scene.account.stream
        assert stream is not None
        scene.account.trade("BTCUSDT", "1", "100")
        time_ms = scene.account.stamp()
        held = scene.account.positions_held
        held[BTC] = replace(held[BTC], updated_ms=time_ms)
        row = scene.account.row("BTCUSDT")
        scene.account.tell(
            AccountUpdate(
                time_ms=time_ms, event_ms=time_ms + 1, reason="MARGIN_TRANSFER", balances=(), positions=(row,)
            )
        )
        await scene.pass_time(1)
        stream.cut()
        stream.open()
        await scene.pass_time(3)
        assert entries(scene) == 1


async def test_a_fault_of_ours_makes_histories_unknown_and_nothing_else(caplog: pytest.LogCaptureFixture):
    """Whatever breaks in here stays in here."""
    scene = Scene("live")
    watch = OpeningWatch("live", scene.store)
    async with watching(scene=scene):
        event, _ = scene.account.trade("BTCUSDT", "1", "100")
        watch.event(event)
        assert watch.openings.rows
        watch.seeded(None)  # type: ignore[arg-type] # stands for whatever may break
    assert watch.openings.rows == {}
    assert "unknown by a fault of ours" in caplog.text


async def test_what_is_known_is_on_the_page_and_in_json():
    """The series exist for positions whose history is known; the JSON says ``null`` for others."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        scene.account.trade("BTCUSDT", "1", "100")
        view = scene.view()
        opened_ms = view.openings.rows[BTC].opened_ms
        assert opened_ms is not None
        where = {"account": "live", "symbol": "BTCUSDT", "side": "long"}
        page = Page(exporter_view(view, state=scene.market_keeper.state()))
        assert page.value("binance_position_entries", **where) == 2
        assert page.value("binance_position_opened_timestamp_seconds", **where) == opened_ms / 1000
        unknown = account_view("live", book=view.book)
        assert Page(exporter_view(unknown)).value("binance_position_entries", **where) is None
        for shown, expected in ((view, (opened_ms / 1000, 2)), (unknown, (None, None))):
            found = api.account("live", exporter_view(shown, state=scene.market_keeper.state()), page.assessor)
            assert isinstance(found, dict)
            assert isinstance(found["positions"], list)
            (row,) = found["positions"]
            assert isinstance(row, dict)
            assert (row["opened_timestamp"], row["entries"]) == expected
