"""Figures are computed once for a book and a market, and never shown for another: keepers and pages share them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Never

import pytest

import builders
from counted_assess import Counted
from keeper_scene import Scene, watching
from plimsoll.model.market import LastPrice
from plimsoll.risk.assess import assess
from plimsoll_exporter.figures import Kept


def test_figures_of_the_same_book_and_market_are_computed_once():
    """Asked again, the figures are the very same."""
    counted = Counted()
    kept, book, market = (
        Kept(1, counted.prepare),
        builders.book([builders.position()]),
        builders.market({"BTCUSDT": "101"}),
    )

    assert kept(book, market) is kept(book, market)
    assert counted.calls == 1


def test_another_book_or_market_is_computed_anew():
    """Equal is not enough to be the same, and what has changed is never shown as it was."""
    kept, book = Kept(3), builders.book([builders.position()])
    before, after = builders.market({"BTCUSDT": "101"}), builders.market({"BTCUSDT": "102"})
    kept(book, before)

    assert kept(book, after) == assess(book, after)
    larger = replace(book, balances={"USDT": builders.balance(wallet="5")})
    assert kept(larger, after).wallet == Decimal(5)
    assert kept(book, before) == assess(book, before)


def test_the_room_for_figures_is_limited():
    """With room for two, books of long ago are forgotten and those of late are not."""
    counted, market = Counted(), builders.market()
    kept, books = Kept(2, counted.prepare), [builders.book() for _ in range(9)]
    for book in books:
        kept(book, market)
    assert counted.calls == 9

    kept(books[-1], market)
    kept(books[-2], market)
    assert counted.calls == 9
    kept(books[0], market)
    assert counted.calls == 10


def test_a_fault_is_not_kept():
    """What could not be computed is tried again."""

    def fail(_: object) -> Never:
        raise ZeroDivisionError

    book, market = builders.book(), builders.market()
    for kept in (Kept(1, fail), Kept(1, lambda _: fail)):
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                kept(book, market)


async def test_the_market_is_one_object_until_something_changes():
    """Whoever looks sees the same market, and pages see the same until a price changes or grows too old."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(5)
        keeper = scene.market_keeper
        state, shown = keeper.state(), keeper.shown()
        assert keeper.state() is state
        assert keeper.shown() is shown
        assert "BTCUSDT" in shown.marks

        scene.market.tick()
        assert keeper.state() is not state

        shown = keeper.shown()
        scene.ticking = False
        await scene.pass_time(60)
        assert keeper.shown() is not shown
        assert not keeper.shown().marks
        assert keeper.state().marks


async def test_pages_and_looks_share_figures_while_another_symbol_has_no_price():
    """Nobody wants ETHUSDT, so its price is too old to be shown; what a look computed is not computed for a page."""
    counted = Counted()
    async with watching(scene=Scene("live", assess=Kept(9, counted.prepare))) as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(5)
        keeper, watch = scene.market_keeper, scene.watch
        scene.market.tick()
        watch.look()
        assert "ETHUSDT" in keeper.state().marks
        assert "ETHUSDT" not in keeper.shown().marks
        made, view = counted.calls, watch.view()
        for account in view.accounts:
            assert account.book is not None
            scene.assess(account.book, view.market)
        assert counted.calls == made


async def test_prices_that_end_with_the_stream_are_gone_from_the_market():
    """The last price holds only while nothing is missed, also where the market was looked at before."""
    async with watching() as scene:
        keeper = scene.market_keeper
        keeper.market_event(LastPrice(symbol="BTCUSDT", price=Decimal(100), time_ms=scene.market.now_ms()))
        assert "BTCUSDT" in keeper.state().lasts

        keeper.market_lost("test")
        assert not keeper.state().lasts
