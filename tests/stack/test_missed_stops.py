"""A stop that the exchange rejects while nobody listens: over a gap of the stream, and while the exporter is down."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from fair_clock import FairClock
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, stack, watching

SPEED = 5.0
Metrics = Mapping[tuple[str, Labels], float]
BNB = {"account": "live", "symbol": "BNBUSDT", "side": "short"}


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One series; ``None`` where it is absent."""
    return metrics.get((name, frozenset(labels.items())))


def unprotected(metrics: Metrics) -> bool:
    """Whether BNB is shown as a position without any stop."""
    since = value(metrics, "binance_position_unprotected_since_timestamp_seconds", **BNB)
    return since is not None and value(metrics, "binance_position_stop_coverage_ratio", **BNB) == 0


def counted(metrics: Metrics) -> bool:
    """Whether one rejected stop is counted, told by the history alone."""
    sources = {
        source: value(metrics, "binance_order_rejections_by_source_total", account="live", source=source)
        for source in ("stream", "history", "report", "log")
    }
    ended = value(metrics, "binance_protective_orders_ended_total", account="live", outcome="rejected")
    return sources == {"stream": 0, "history": 1, "report": 0, "log": 0} and ended == 1


def complete(metrics: Metrics) -> bool:
    """Whether the orders of all symbols were read."""
    return value(metrics, "binance_orphan_stops", account="live") is not None


async def test_a_stop_that_is_rejected_while_the_stream_is_down_is_found():
    """It counts once, with source ``history``, and the position shows as unprotected."""
    async with stack("november-stops", speed=SPEED) as running:
        await running.until(complete, "all orders were read")
        await running.sim("stream", target="live", action="refuse")
        await running.sim("stream", target="live", action="cut")
        await running.until_up("live", up=False)
        await running.sim("trigger", account="live", action="reject", symbol="BNBUSDT")
        await running.sim("price", symbol="BNBUSDT", mark="915")
        await running.sim("stream", target="live", action="resume")
        await running.until(unprotected, "BNB is unprotected")
        metrics = await running.until(counted, "the rejected stop is counted")
    reason = {"account": "live", "reason": "other", "intent": "close"}
    assert value(metrics, "binance_order_rejections_total", **reason) == 1
    assert value(metrics, "binance_order_last_rejection_timestamp_seconds", **reason) is not None


async def test_a_stop_that_is_rejected_while_the_exporter_is_down_is_found(tmp_path: Path):
    """Which stops worked is kept; a third start counts nothing more."""
    clock, environ = FairClock(SPEED), {"PLIMSOLL_EXPORTER__DATA_DIR": str(tmp_path)}
    async with running_simulator(scenario="november-stops", clock=clock, interval=1.0 / SPEED) as simulator:
        simulator.exchange.limits.clock = clock
        async with watching(simulator, clock=clock, environ=environ) as running:
            await running.until(complete, "all orders were read")
            await clock.sleep(10)
            await running.sim("trigger", account="live", action="reject", symbol="BNBUSDT")
        simulator.world.market.set_price("BNBUSDT", Decimal(915))
        async with watching(simulator, clock=clock, environ=environ) as running:
            await running.until(unprotected, "BNB is unprotected")
            await running.until(counted, "the rejected stop is counted")
        async with watching(simulator, clock=clock, environ=environ) as running:
            await running.until(complete, "all orders were read")
            await clock.sleep(10)
            assert counted(await running.metrics())
