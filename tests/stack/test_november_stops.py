"""November's question, asked of a running exporter: are the stops there, do they cover, should they have triggered?

The base case and its variants, each with the figures of the record.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fair_clock import FairClock
from plimsoll_exporter.catalogue_stops import ACCOUNT_STOPS
from plimsoll_exporter.catalogue_stops import STOPS as STOPS_OF_POSITION
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, stack, watching

SPEED = 5.0
Metrics = Mapping[tuple[str, Labels], float]

STOPS = {
    # symbol, side: coverage, distance from mark to stop, loss at the stop from entry (USD)
    ("BNBUSDT", "short"): (1, 0.0093, 38.93),
    ("BTCUSDT", "short"): (1, 0.0100, 23.79),
    ("SOLUSDT", "short"): (1, 0.0142, 6.67),
    ("DOTUSDT", "long"): (0, None, None),
}
COVERAGE = "binance_position_stop_coverage_ratio"
UNPROTECTED = "binance_position_unprotected_since_timestamp_seconds"
OVERRUN = "binance_position_stop_overrun_since_timestamp_seconds"
ORPHANS = "binance_orphan_stops"
ENTRIES = "binance_position_entries"
OPENED = "binance_position_opened_timestamp_seconds"
SLIPPAGE = "binance_stop_slippage_ratio"
PROTECTIVE_ENDED = "binance_protective_orders_ended_total"
BY_SOURCE = "binance_order_rejections_by_source_total"
OUTCOMES = ("filled", "rejected", "cancelled", "expired")
SERIES = {metric.name for theme in (ACCOUNT_STOPS, STOPS_OF_POSITION) for metric in theme.metrics}
"""Every figure about stops, the limits apart."""


def shown(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One series of the account live; ``None`` where it is absent."""
    return metrics.get((name, frozenset({"account": "live", **labels}.items())))


def short(metrics: Metrics, name: str, symbol: str, **labels: str) -> float | None:
    """One series of a short of the account live."""
    return shown(metrics, name, symbol=symbol, side="short", **labels)


def overruns(metrics: Metrics) -> set[tuple[str, str]]:
    """Symbol and price of every overrun on the page."""
    labels = [dict(labels) for name, labels in metrics if name == OVERRUN]
    return {(label["symbol"], label["price"]) for label in labels}


def ended_rejected(metrics: Metrics) -> bool:
    """Whether exactly one stop ended, rejected, and is one rejected close."""
    outcomes = {outcome: shown(metrics, PROTECTIVE_ENDED, outcome=outcome) for outcome in OUTCOMES}
    closes = [
        number
        for (name, labels), number in metrics.items()
        if name == "binance_order_rejections_total" and {("account", "live"), ("intent", "close")} <= labels
    ]
    last = shown(metrics, "binance_protective_order_last_end_timestamp_seconds", outcome="rejected")
    return outcomes == dict.fromkeys(OUTCOMES, 0) | {"rejected": 1} and sum(closes) == 1 and last is not None


@asynccontextmanager
async def november(option: str = "") -> AsyncIterator[Stack]:
    """The story with the exporter watching; all orders were read."""
    async with stack(f"november-stops{option and ':'}{option}", speed=SPEED) as running:
        await running.until(lambda seen: shown(seen, ORPHANS) is not None, "all orders were read")
        yield running


async def test_the_table_of_november_is_shown_to_its_digits():
    """Coverage, distance and loss of every position, and the sums of the account, are those of the record."""
    async with november() as running:
        since = ("DOTUSDT", "long")
        await running.until(
            lambda seen: shown(seen, UNPROTECTED, symbol=since[0], side=since[1]) is not None, "DOT has no stop"
        )
        metrics = await running.metrics()
    for (symbol, side), (coverage, distance, loss) in STOPS.items():
        where = {"symbol": symbol, "side": side}
        assert shown(metrics, COVERAGE, **where) == coverage
        assert shown(metrics, "binance_position_stop_beyond_liquidation", **where) == 0
        assert shown(metrics, "binance_position_stop_may_open", **where) == 0
        if distance is None:
            assert shown(metrics, "binance_position_stop_distance_ratio", **where) is None
            assert shown(metrics, "binance_position_stop_price_usd", **where) is None
            assert shown(metrics, "binance_position_loss_at_stop_usd", **where) is None
        else:
            assert shown(metrics, "binance_position_stop_distance_ratio", **where) == pytest.approx(distance, abs=5e-5)
            assert shown(metrics, "binance_position_loss_at_stop_usd", **where) == pytest.approx(loss, abs=5e-3)
            assert shown(metrics, UNPROTECTED, **where) is None
    assert shown(metrics, "binance_account_stop_coverage_ratio") == pytest.approx(0.813, abs=5e-4)
    assert shown(metrics, "binance_account_unprotected_exposure_usd") == pytest.approx(808.22, abs=5e-3)
    assert shown(metrics, "binance_account_loss_at_stops_usd") == pytest.approx(69.39, abs=5e-3)
    assert shown(metrics, ORPHANS) == 0
    assert overruns(metrics) == set()


async def test_the_mark_price_passes_a_stop_that_watches_the_last_price():
    """``overrun-mark``: only the mark price is beyond BTC's trigger; the stop still covers."""
    async with november("overrun-mark") as running:
        await running.until(lambda seen: overruns(seen) == {("BTCUSDT", "mark")}, "the mark price passed BTC's stop")
        metrics = await running.metrics()
        (row,) = [row for row in (await running.account("live"))["positions"] if row["symbol"] == "BTCUSDT"]
    assert short(metrics, COVERAGE, "BTCUSDT") == 1
    distance = short(metrics, "binance_position_stop_distance_ratio", "BTCUSDT")
    assert distance is not None
    assert distance < 0
    assert row["stop_watches"] == "last"
    assert overruns(metrics) == {("BTCUSDT", "mark")}


async def test_the_watched_price_passes_a_stop_that_does_not_trigger():
    """``overrun-watched``: the watched price itself is beyond BTC's trigger, and so is the mark."""
    async with november("overrun-watched") as running:
        both = {("BTCUSDT", "watched"), ("BTCUSDT", "mark")}
        await running.until(lambda seen: overruns(seen) == both, "the watched price passed BTC's stop")
        metrics = await running.metrics()
    assert short(metrics, COVERAGE, "BTCUSDT") == 1


async def test_a_gap_over_the_trigger_is_no_overrun():
    """``gap``: BNB's stop triggers and fills at 921; no page calls it overrun or BNB unprotected on the way."""
    async with november("gap") as running:
        overrun: set[tuple[str, str]] = set()
        covered: set[float | None] = set()

        def filled(seen: Metrics) -> bool:
            overrun.update(overruns(seen))
            covered.add(short(seen, COVERAGE, "BNBUSDT"))
            return None in covered

        await running.until(filled, "BNB's stop filled")
        metrics = await running.until(lambda seen: shown(seen, f"{SLIPPAGE}_count") == 1, "its slippage is counted")
    assert overrun | overruns(metrics) == set()
    assert covered == {1, None}
    assert shown(metrics, f"{SLIPPAGE}_sum") == pytest.approx(0.0068, abs=5e-5)
    assert shown(metrics, f"{SLIPPAGE}_bucket", le="0.005") == 0
    assert shown(metrics, f"{SLIPPAGE}_bucket", le="0.01") == 1
    assert shown(metrics, PROTECTIVE_ENDED, outcome="filled") == 1
    assert shown(metrics, PROTECTIVE_ENDED, outcome="rejected") == 0
    assert shown(metrics, "binance_account_positions") == 3
    assert shown(metrics, ORPHANS) == 0


async def test_a_rejected_stop_leaves_the_position_uncovered():
    """``rejected``: the matching engine rejects BNB's stop at its trigger: nothing covers the position any more."""
    async with november("rejected") as running:
        await running.until(lambda seen: short(seen, UNPROTECTED, "BNBUSDT") is not None, "BNB is unprotected")
        metrics = await running.metrics()
    assert short(metrics, COVERAGE, "BNBUSDT") == 0
    assert short(metrics, "binance_position_stop_price_usd", "BNBUSDT") is None
    assert overruns(metrics) == set()
    assert ended_rejected(metrics)
    assert shown(metrics, BY_SOURCE, source="stream") == 1
    assert shown(metrics, f"{SLIPPAGE}_count") == 0


async def test_a_stop_that_did_not_grow_covers_half():
    """``partial``: the position doubles and the stop keeps its quantity; the position lacks stop, though not all."""
    async with november("partial") as running:
        await running.until(lambda seen: short(seen, UNPROTECTED, "BNBUSDT") is not None, "BNB lacks stop")
        metrics = await running.metrics()
    assert short(metrics, COVERAGE, "BNBUSDT") == 0.5


async def test_the_second_entry_is_counted_and_kept(tmp_path: Path):
    """``partial``, watched since the position was opened: two entries, half covered, after a restart too."""
    clock, environ = FairClock(SPEED), {"PLIMSOLL_EXPORTER__DATA_DIR": str(tmp_path)}
    async with running_simulator(scenario="november-stops:partial", clock=clock, interval=1.0 / SPEED) as simulator:
        simulator.exchange.limits.clock = clock
        simulator.exchange.stage.until = 0
        async with watching(simulator, clock=clock, environ=environ) as running:
            await running.until(lambda seen: shown(seen, ORPHANS) is not None, "all orders were read")
            metrics = await running.metrics()
            assert {name for name, _ in metrics} & {ENTRIES, OPENED} == set()
            trade = {"account": "live", "symbol": "BNBUSDT", "quantity": "2.17", "price": "896.80"}
            await running.sim("trade", **trade, side="BUY")
            await running.sim("trade", **trade, side="SELL")
            seen = await running.until(lambda seen: short(seen, ENTRIES, "BNBUSDT") == 1, "the position was opened")
            opened = short(seen, OPENED, "BNBUSDT")
            await running.until(lambda seen: short(seen, COVERAGE, "BNBUSDT") == 1, "the stop covers")
            await running.sim("story")
            metrics = await running.until(lambda seen: short(seen, ENTRIES, "BNBUSDT") == 2, "the second entry")
            metrics = await running.until(lambda seen: short(seen, COVERAGE, "BNBUSDT") == 0.5, "half is covered")
        async with watching(simulator, clock=clock, environ=environ) as running:
            again = await running.until(lambda seen: short(seen, COVERAGE, "BNBUSDT") == 0.5, "half is covered")
    for found in (metrics, again):
        assert short(found, ENTRIES, "BNBUSDT") == 2
        assert short(found, OPENED, "BNBUSDT") == opened
        assert short(found, ENTRIES, "BTCUSDT") is None


async def test_a_plain_stop_covers_as_well_and_counts_once():
    """``plain-stop``: BNB's stop moves to the old order list; coverage, price and count are as before."""
    async with november("plain-stop") as running:

        async def book() -> str:
            orders = (await running.account("live"))["orders"]
            assert isinstance(orders, list)
            return next(order["book"] for order in orders if order["symbol"] == "BNBUSDT")

        await running.until(
            lambda _: any(each.symbol == "BNBUSDT" for each in running.simulator.world.accounts["live"].open_orders()),
            "the stop moved",
        )
        await running.until(lambda seen: short(seen, COVERAGE, "BNBUSDT") == 1, "the plain stop covers")
        metrics = await running.metrics()
        assert await book() == "plain"
    assert short(metrics, "binance_position_stop_price_usd", "BNBUSDT") == 914.74
    assert shown(metrics, "binance_open_orders", purpose="stop") == 3
    assert shown(metrics, "binance_account_stop_coverage_ratio") == pytest.approx(0.813, abs=5e-4)


async def test_a_list_that_cannot_be_read_makes_coverage_unknown():
    """``source-down``: no series says 0 or 1 of stops that nobody can see, the account is live, times stand still."""
    dot = {"symbol": "DOTUSDT", "side": "long"}
    async with november("source-down") as running:
        await running.until(lambda seen: shown(seen, UNPROTECTED, **dot) is not None, "DOT has no stop")
        began = await running.value(UNPROTECTED, account="live", **dot)
        await running.until(lambda seen: shown(seen, "binance_account_stop_coverage_ratio") is None, "it is unknown")
        unknown_at, metrics = running.simulator.exchange.limits.clock.now(), await running.metrics()
        assert shown(metrics, "binance_account_up") == 1
        assert SERIES.isdisjoint(name for name, _ in metrics)
        assert shown(metrics, "binance_account_positions") == 4
        healed_at = running.simulator.exchange.limits.clock.now()
        await running.sim_delete("fail")
        await running.until(lambda seen: shown(seen, UNPROTECTED, **dot) is not None, "it is known again")
        again = await running.value(UNPROTECTED, account="live", **dot)
    assert began is not None
    assert again is not None
    assert again - began >= healed_at - unknown_at - 0.5  # times are moved on at looks, half a second apart
