"""Since when positions are without enough stop or beyond one, as the keeper measures and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import builders
import exporter_state as state
from keeper_scene import Scene, watching
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.market import LastPrice
from plimsoll.model.orders import Order
from plimsoll.model.terms import OrderBook, PriceKind
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter.keeper.stops import StopWatch
from plimsoll_exporter.keeper.trust import fresh_lasts, last_needs
from plimsoll_exporter.view import StopTimes

BTC = ("BTCUSDT", "long")
NOBODY: Mapping[str, LastPrice] = {}


def last(price: str, symbol: str = "BTCUSDT", time_ms: int = 0) -> LastPrice:
    """One last price."""
    return LastPrice(symbol=symbol, price=Decimal(price), time_ms=time_ms)


def held(*orders: Order, mark: str = "100", known: bool = True) -> AccountFigures:
    """A long of 2 BTC with some orders at a mark."""
    book = builders.book([builders.position(amount="2")], orders=orders if known else None)
    return assess(book, builders.market({"BTCUSDT": mark}))


def test_a_position_without_a_stop_is_unprotected_since_it_was_first_seen():
    """The time stays while it is so, and goes when a stop is there or the position is gone."""
    watch = StopWatch(None)
    watch.look(held(), NOBODY, 10.0)
    watch.look(held(), NOBODY, 11.0)
    assert watch.times == StopTimes(unprotected={BTC: 10.0})
    watch.look(held(builders.stop(quantity="2")), NOBODY, 12.0)
    assert watch.times == StopTimes()
    watch.look(held(), NOBODY, 13.0)
    watch.look(assess(builders.book(), builders.market()), NOBODY, 14.0)
    assert watch.times == StopTimes()


def test_how_much_is_enough_is_configured():
    """With ``stop_coverage`` at one half, a half is enough; nothing never is."""
    half = held(builders.stop(quantity="1"))
    strict, mild, careless = StopWatch(None), StopWatch(Decimal("0.5")), StopWatch(Decimal(0))
    for watch in (strict, mild):
        watch.look(half, NOBODY, 10.0)
    careless.look(held(), NOBODY, 10.0)
    assert strict.times.unprotected == {BTC: 10.0}
    assert mild.times.unprotected == {}
    assert careless.times.unprotected == {BTC: 10.0}


def test_times_stand_still_while_nobody_can_know():
    """Neither an account that is not live nor unknown orders age a grace period, or are shown."""
    watch = StopWatch(None)
    watch.look(held(), NOBODY, 10.0)
    watch.look(None, NOBODY, 15.0)
    assert watch.times == StopTimes()
    watch.look(held(known=False), NOBODY, 20.0)
    assert watch.times == StopTimes()
    watch.look(held(), NOBODY, 21.0)
    assert watch.times.unprotected == {BTC: 20.0}


def test_which_price_passed_a_stop_is_told_apart():
    """The mark passes a stop that watches the last price; the watched price is unknown until it is told."""
    stop = builders.stop(quantity="2", trigger="90", watches=PriceKind.LAST)
    watch = StopWatch(None)
    watch.look(held(stop, mark="89"), NOBODY, 10.0)
    assert watch.times.overrun == {(*BTC, "mark"): 10.0}
    watch.look(held(stop, mark="89"), {"BTCUSDT": last("90")}, 11.0)
    assert watch.times.overrun == {(*BTC, "mark"): 10.0, (*BTC, "watched"): 11.0}
    watch.look(held(stop, mark="95"), {"BTCUSDT": last("95")}, 12.0)
    assert watch.times.overrun == {}


def test_last_prices_are_needed_where_a_stop_watches_them():
    """Only symbols with a position and a stop on the last price; a take-profit or an orphan needs none."""
    book = builders.book(
        [builders.position("BTCUSDT"), builders.position("ETHUSDT"), builders.position("SOLUSDT")],
        orders=[
            builders.stop("BTCUSDT"),
            builders.stop("ETHUSDT", watches=PriceKind.MARK, order_id=2),
            builders.stop("SOLUSDT", type_="TAKE_PROFIT_MARKET", order_id=3),
            builders.stop("DOTUSDT", order_id=4),
        ],
    )
    assert last_needs(book) == {"BTCUSDT"}
    assert last_needs(builders.book([builders.position()], orders=None)) == frozenset()


def test_a_last_price_holds_for_a_minute():
    """Nobody may have traded meanwhile; longer, and from a time to come, it is not believed."""
    now_ms = 100_000
    lasts = {
        "BTCUSDT": last("1", time_ms=now_ms - 60_000),
        "ETHUSDT": last("1", time_ms=now_ms - 60_001),
        "SOLUSDT": last("1", time_ms=now_ms + 5_000),
    }
    assert fresh_lasts(lasts, now_ms).keys() == {"BTCUSDT"}


def shown_times(times: StopTimes, *orders: Order) -> dict[str, float]:
    """The times on a page that the keeper made them for, by the end of their name."""
    book = builders.book([builders.position(amount="2")], orders=orders)
    view = state.exporter_view(state.account_view(book=book, stop_times=times), state=builders.market())
    scene = state.Scene(view)
    return {
        sample.name.removeprefix("binance_position_") + sample.labels.get("price", ""): sample.value
        for family in scene.registry.collect()
        for sample in family.samples
        if "_since_" in sample.name and sample.name.startswith("binance_position_")
    }


def test_a_page_tells_no_time_of_what_has_changed_since_the_keeper_looked():
    """A position that is covered now is not unprotected since, and one without stops has none to be beyond."""
    times = StopTimes(unprotected={BTC: 5.0}, overrun={(*BTC, "mark"): 6.0})
    assert shown_times(times) == {"unprotected_since_timestamp_seconds": 5.0}
    covered = shown_times(times, builders.stop(quantity="2"))
    assert covered == {"stop_overrun_since_timestamp_secondsmark": 6.0}


async def test_the_keeper_asks_for_the_last_price_and_takes_the_times():
    """A live account with a stop on the last price: the stream is asked for it, and the overrun has a time."""
    scene = Scene("live")
    scene.account.positions_held = {row.key: row for row in [builders.position(amount="1", entry="100")]}
    stop = builders.stop(trigger="90", quantity="1")
    scene.account.orders = {stop.key: stop}
    async with watching(scene=scene):
        assert scene.market.wanted_lasts == {"BTCUSDT"}
        assert scene.view().stop_times == StopTimes()
        scene.market.prices["BTCUSDT"] = Decimal(89)
        scene.market.lasts["BTCUSDT"] = Decimal(91)
        await scene.pass_time(2)
        assert scene.view().stop_times.overrun.keys() == {(*BTC, "mark")}
        scene.market.lasts["BTCUSDT"] = Decimal(90)
        await scene.pass_time(2)
        assert scene.view().stop_times.overrun.keys() == {(*BTC, "mark"), (*BTC, "watched")}
        scene.market_keeper.market_lost("test")
        assert scene.market_keeper.lasts() == {}


async def test_stops_of_symbols_that_were_not_read_yet_are_unknown():
    """Before all orders were read the book says which symbols it knows: those with a position among them."""
    scene = Scene("live")
    scene.account.positions_held = {row.key: row for row in [builders.position(amount="1", entry="100")]}
    async with watching(scene=scene, live=False):
        for _ in range(100):
            book = scene.view().book
            if book is not None and book.orders is not None:
                assert book.knows_orders_of("BTCUSDT")
                assert book.knows_orders_of("SOLUSDT") is book.orders_complete
            await scene.pass_time(0.05)
        assert scene.view().book.orders_complete


async def test_a_stop_limit_that_rests_after_its_trigger_still_covers_and_is_no_correction():
    """The list of conditional orders forgets it at the trigger; the plain order that it became covers on."""
    scene = Scene("live")
    scene.account.positions_held = {row.key: row for row in [builders.position(amount="1", entry="100")]}
    stop = replace(builders.stop(trigger="90", quantity="1", type_="STOP", order_id=70), price=Decimal(89))
    scene.account.orders = {stop.key: stop}
    async with watching(scene=scene):
        assert scene.figures().protection.coverage == 1
        time_ms = scene.account.stamp()
        became = replace(stop, book=OrderBook.PLAIN, order_id=5, updated_ms=time_ms)
        scene.account.orders = {became.key: became}
        told = replace(stop, status="TRIGGERED", actual_order_id=5, updated_ms=time_ms)
        more = {"time_ms": time_ms, "event_ms": time_ms, "average_price": None}
        scene.account.tell(AlgoUpdate(order=told, filled=None, **more))
        scene.account.tell(OrderUpdate(order=became, execution="NEW", fill=None, **more))
        await scene.pass_time(180)
        assert scene.view().corrections == {}
        assert scene.view().book.orders.keys() == {became.key}
        assert scene.figures().protection.coverage == 1
        assert scene.figures().protection.loss == 11
