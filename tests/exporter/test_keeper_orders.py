"""Open orders: two sources that fail each on its own, symbols in use often, all symbols in sweeps."""

from __future__ import annotations

from dataclasses import replace

import builders
from keeper_scene import Scene, watching
from plimsoll.errors import Unavailable
from plimsoll.model.events import OrderUpdate


def shown(scene: Scene) -> bool:
    """Whether the open orders shown are those of the truth."""
    return scene.view().book.orders == scene.account.orders


async def test_orders_are_read_after_the_core_and_followed():
    """Orders that exist are shown within seconds, new and cancelled ones at once."""
    scene = Scene("live")
    old = scene.account.place("BTCUSDT", algo=True)
    async with watching(scene=scene):
        assert shown(scene)
        assert scene.account.calls.index("wallet") < scene.account.calls.index("plain_orders")
        scene.account.place("ETHUSDT")
        scene.account.cancel(old)
        assert shown(scene)
        assert len(scene.account.orders) == 1
        await scene.pass_time(120)
        assert shown(scene)
        assert scene.view().corrections == {}


async def test_events_while_the_orders_are_read_are_replayed():
    """Orders placed and cancelled while the first list is on its way are not lost and do not come back."""
    scene = Scene("live")
    gone = scene.account.place("BTCUSDT")
    algo = scene.account.hold("algo_orders")
    async with watching(scene=scene, live=False):
        scene.account.freeze()
        scene.account.place("ETHUSDT")
        scene.account.cancel(gone)
        scene.account.place("ETHUSDT", algo=True)
        assert scene.view().book.orders is None
        algo.set()
        await scene.pass_time(1)
        assert shown(scene)


async def test_old_events_that_come_again_while_the_orders_are_read_bring_nothing_back():
    """The beginning of an order told again after its end, of another instant or the same, is no open order."""
    scene = Scene("live")
    algo = scene.account.hold("algo_orders")
    async with watching(scene=scene, live=False):
        placed = scene.account.place("BTCUSDT")
        ended = scene.account.cancel(placed)
        assert isinstance(ended, OrderUpdate)
        for time_ms in (placed.updated_ms, ended.time_ms):
            begun = replace(placed, updated_ms=time_ms)
            scene.account.tell(OrderUpdate(time_ms=time_ms, event_ms=time_ms, order=begun, execution="NEW", fill=None))
        algo.set()
        await scene.pass_time(1)
        assert shown(scene)
        assert scene.view().corrections == {}


async def test_a_cut_while_the_orders_are_read_discards_the_list():
    """A list read over a gap is thrown away; the next one is taken."""
    scene = Scene("live")
    algo = scene.account.hold("algo_orders")
    async with watching(scene=scene, live=False):
        scene.account.stream.cut()
        scene.account.place("ETHUSDT")
        scene.account.stream.open()
        algo.set()
        await scene.pass_time(70)
        assert shown(scene)
        assert scene.view().corrections == {}


async def test_a_failing_algo_endpoint_makes_orders_unknown_and_nothing_else():
    """Orders are unknown, not none, after the allowed age; the account stays live; they come back by themselves."""
    scene = Scene("live")
    async with watching(scene=scene):
        scene.account.place("BTCUSDT", algo=True)
        scene.account.place("BTCUSDT")
        await scene.pass_time(10)
        scene.account.fail_on("algo_orders", Unavailable("HTTP 502"))
        read_at = scene.view().sources["algo_orders"]
        await scene.pass_time(read_at + 59 - scene.clock.now())
        assert shown(scene)
        await scene.pass_time(2)
        assert scene.is_live()
        assert scene.view().book.orders is None
        assert scene.view().sources["algo_orders"] < scene.view().sources["orders"]
        scene.account.mend()
        await scene.pass_time(31)
        assert shown(scene)


async def test_a_flat_account_asks_all_the_same():
    """Without a symbol in use one is asked, so that a failing source is noticed."""
    async with watching() as scene:
        await scene.pass_time(70)
        scene.account.fail_on("algo_orders", Unavailable("HTTP 502"))
        await scene.pass_time(120)
        assert scene.view().book.orders is None


async def test_an_order_that_was_not_told_is_found_on_a_symbol_in_use():
    """A lost order event on a symbol in use is found by the reconcile, adopted and counted; the stream is reopened."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        kept = scene.account.place("BTCUSDT")
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.cancel(kept)
        scene.account.place("BTCUSDT", algo=True)
        scene.account.silent = False
        await scene.pass_time(62)
        assert shown(scene)
        assert scene.view().corrections == {"order": 2}
        assert scene.account.stream.distrusted


async def test_an_order_told_between_the_readings_is_no_correction():
    """An order event that comes between the two readings makes the difference vanish."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(10)
        scene.account.silent = True
        order = scene.account.place("BTCUSDT")
        scene.account.silent = False
        asked = scene.account.counts["algo_orders"]
        while scene.account.counts["algo_orders"] == asked:
            await scene.clock.elapse(0.5)
            scene.market.tick()
        scene.account.tell(
            OrderUpdate(time_ms=order.updated_ms, event_ms=order.updated_ms, order=order, execution="NEW", fill=None)
        )
        await scene.pass_time(5)
        assert shown(scene)
        assert scene.view().corrections == {}


async def test_an_orphan_on_a_flat_symbol_is_found_by_the_sweep():
    """An order that nobody told of, on a symbol that is not in use, is found by the full sweep."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.place("SOLUSDT", algo=True)
        scene.account.silent = False
        await scene.pass_time(120)
        assert not shown(scene)
        await scene.pass_time(800)
        assert shown(scene)
        assert scene.view().corrections == {"order": 1}


async def test_a_plain_order_on_a_flat_symbol_is_found_by_the_next_reading():
    """The account's own answer names the symbols with plain orders: what the stream lost is found in time."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.place("SOLUSDT")
        scene.account.silent = False
        await scene.pass_time(60)
        assert shown(scene)
        assert scene.view().corrections == {"order": 1}


async def test_orders_of_some_symbols_are_not_all_orders():
    """Until all symbols were read the list is not called complete, though margins may rest on it."""
    scene = Scene("live")
    scene.account.place("BTCUSDT")
    async with watching(scene=scene, live=False):
        seen = []
        for _ in range(200):
            book = scene.view().book
            seen.append((book is not None and book.orders is not None, book is not None and book.orders_complete))
            await scene.pass_time(0.05)
        assert (False, True) not in seen
        assert seen[-1] == (True, True)


async def test_orders_of_before_a_gap_are_asked_for_after_it():
    """After a gap the symbols that had orders before it are read at once, the others by a sweep soon after."""
    async with watching() as scene:
        scene.account.place("ETHUSDT")
        await scene.pass_time(100)
        scene.account.stream.cut()
        scene.account.place("SOLUSDT")
        scene.account.stream.open()
        await scene.pass_time(2)
        assert {order.symbol for order in scene.view().book.orders.values()} >= {"ETHUSDT"}
        await scene.pass_time(62)
        assert shown(scene)
        assert scene.view().book.orders_complete


async def test_a_cut_between_the_two_readings_discards_the_suspicion():
    """When the stream is lost before the second reading, nothing is counted: the account is read anew anyhow."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(10)
        scene.account.silent = True
        scene.account.place("BTCUSDT")
        scene.account.silent = False
        asked = scene.account.counts["algo_orders"]
        while scene.account.counts["algo_orders"] == asked:
            await scene.clock.elapse(0.5)
            scene.market.tick()
        scene.account.stream.cut()
        scene.account.stream.open()
        await scene.pass_time(5)
        assert shown(scene)
        assert scene.view().corrections == {}


async def test_what_lay_on_flat_symbols_before_the_start_is_no_correction():
    """Orders older than the process, on symbols without a position, are found by the first sweep; nobody lost them."""
    scene = Scene("live")
    scene.account.place("SOLUSDT")
    scene.account.place("ETHUSDT", algo=True)
    async with watching(scene=scene):
        await scene.pass_time(300)
        assert shown(scene)
        assert scene.view().corrections == {}
        assert scene.account.stream.distrusted == []


async def test_many_symbols_are_read_in_one_sweep():
    """With more symbols in use than a sweep costs, all orders are read at once instead of one by one."""
    scene = Scene("live")
    for number in range(50):
        symbol = f"S{number}USDT"
        scene.market.instruments[symbol] = builders.instrument(symbol)
        scene.account.place(symbol)
    async with watching(scene=scene):
        await scene.pass_time(60)
        asked = scene.account.counts["plain_orders"]
        await scene.pass_time(60)
        assert scene.account.counts["plain_orders"] <= asked + 2
        assert shown(scene)


async def test_memory_of_order_events_is_bounded_while_orders_cannot_be_read():
    """Thousands of orders while the list fails leave the last event of each order only, and not of all."""
    scene = Scene("live")
    scene.account.fail_on("plain_orders", Unavailable("HTTP 502"))
    async with watching(scene=scene):
        for _ in range(5100):
            scene.account.cancel(scene.account.place("BTCUSDT"))
        scene.account.place("BTCUSDT")
        assert len(scene.keeper._live._order_backlog) == 5000  # noqa: SLF001 - what this test is about
        scene.account.mend()
        await scene.pass_time(31)
        assert shown(scene)
