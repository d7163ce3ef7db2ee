"""Slippage of stops in the ledger: each stop once, over restarts, whichever of its two events tells the trigger."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import builders
from exporter_state import Scene, account_view, exporter_view
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.terms import Direction, OrderBook
from plimsoll_exporter.rejections.counts import BOUNDS, PROTECTIVE, SLIPPAGE, SLIPPAGE_SUM, OrderCounts, bound_of
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.streams import OrderEnds
from rejection_scene import ledger_in

HELD = builders.book([builders.position("BNBUSDT", "-2.17", "896.80")])


def finished(price: str | None = "921", *, order_id: int = 7, actual: int = 99) -> AlgoUpdate:
    """November's stop of BNB, filled."""
    order = builders.order(
        "BNBUSDT",
        Direction.BUY,
        "2.17",
        "0",
        order_id=order_id,
        book=OrderBook.ALGO,
        type_="STOP_MARKET",
        trigger="914.74",
        executed="2.17",
        reduce_only=True,
        status="FINISHED",
        actual_order_id=actual,
    )
    average = None if price is None else Decimal(price)
    return AlgoUpdate(time_ms=5, event_ms=6, order=order, average_price=average, filled=order.executed)


def born(*, order_id: int = 99) -> OrderUpdate:
    """The market order that the stop became, filled; it does not tell a trigger."""
    order = builders.order(
        "BNBUSDT",
        Direction.BUY,
        "2.17",
        "0",
        order_id=order_id,
        type_="STOP_MARKET",
        reduce_only=True,
        executed="2.17",
        status="FILLED",
    )
    return OrderUpdate(time_ms=5, event_ms=6, order=order, execution="TRADE", fill=None, average_price=Decimal(921))


def slipped(ledger: Ledger) -> tuple[dict[str, int], Decimal, int]:
    """Counts by bound and sum of slippage, and how many stops filled."""
    shown = ledger.shown("eon")
    found = {bound: int(count.value) for (bound,), count in shown.of(SLIPPAGE).items() if count.value}
    return found, shown.of(SLIPPAGE_SUM)[()].value, int(shown.of(PROTECTIVE)["filled",].value)


def test_a_stop_counts_once_over_its_events_and_a_restart(tmp_path: Path):
    """The order that it became, its own end, and both again after a restart: one fill, one slippage of 0.68 %."""
    for _ in range(2):
        with ledger_in(tmp_path) as ledger:
            ends = OrderEnds("eon", ledger)
            for event in (born(), finished(), born(), finished()):
                ends.event(event, HELD)
            found, total, filled = slipped(ledger)
            assert (found, filled) == ({"0.01": 1}, 1)
            assert round(total, 4) == Decimal("0.0068")


def test_better_fills_count_as_none_and_unknown_ones_not_at_all(tmp_path: Path):
    """The adverse part alone is slippage; without a price there is nothing to say."""
    with ledger_in(tmp_path) as ledger:
        ends = OrderEnds("eon", ledger)
        ends.event(finished("910"), HELD)
        ends.event(finished(None, order_id=8, actual=100), HELD)
        assert slipped(ledger) == ({"0": 1}, Decimal(0), 2)


@pytest.mark.parametrize(
    ("slippage", "bound"), [("0", "0"), ("0.0005", "0.0005"), ("0.00051", "0.001"), ("7", "Infinity")]
)
def test_bounds_hold_what_is_not_above_them(slippage: str, bound: str):
    """As Prometheus counts: up to and with the bound."""
    assert bound_of(Decimal(slippage)) == bound


def test_an_account_has_its_histogram_before_the_first_stop():
    """Every bucket, count and sum stand at 0, while the account is not live too; buckets add up."""
    scene = Scene(exporter_view(account_view("eon")))
    assert scene.value("binance_stop_slippage_ratio_sum", account="eon") == 0
    assert scene.value("binance_stop_slippage_ratio_count", account="eon") == 0
    bounds = [
        sample
        for family in scene.registry.collect()
        for sample in family.samples
        if "slippage_ratio_bucket" in sample.name
    ]
    assert len(bounds) == len(BOUNDS)
    assert OrderCounts().of(SLIPPAGE_SUM).keys() == {()}
