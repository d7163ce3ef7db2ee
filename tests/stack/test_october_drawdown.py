"""October's drawdown on the real exporter, up to the breach and left alone: 50,000, 45,000, and where it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from october_play import until_played
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.scenarios.october_mirror import GAP_AT, STORY_ENDS
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, watching

Metrics = Mapping[tuple[str, Labels], float]


@asynccontextmanager
async def october() -> AsyncIterator[Stack]:
    """The story at its beginning, watched with the shipped configuration; it moves only when told to."""
    async with running_simulator(
        scenario="october-mirror", speed=100, interval=0.1, company=as_tasks(lambda _: None)
    ) as simulator:
        simulator.exchange.stage.until = 0
        async with watching(simulator) as stack:
            await stack.until_up("eon")
            yield stack


def tmad(metrics: Metrics, name: str, **labels: str) -> float | None:
    """A series of eon's rule."""
    return metrics.get((f"binance_account_{name}", frozenset({"account": "eon", "rule": "tmad", **labels}.items())))


async def lost(stack: Stack, usd: float) -> Metrics:
    """A scrape that shows a drawdown of so many USD, to the cent."""

    def holds(metrics: Metrics) -> bool:
        return tmad(metrics, "drawdown_usd") == pytest.approx(usd, abs=0.005)

    return await stack.until(holds, f"a drawdown of {usd} USD")


async def test_the_drawdown_of_october():
    """Reference 50,000 and floor 45,000; near at 6 % and 8 %; breached by two samples; left alone near 42,200."""
    async with october() as stack:
        metrics = await lost(stack, 0)
        assert tmad(metrics, "drawdown_reference_usd") == 50_000
        assert tmad(metrics, "drawdown_floor_usd") == 45_000
        assert tmad(metrics, "drawdown_limit_ratio") == 0.1
        assert tmad(metrics, "drawdown_near_ratio", level="warning") == 0.06
        assert tmad(metrics, "drawdown_near_ratio", level="critical") == 0.08
        assert tmad(metrics, "drawdown_breached", on_breach="flatten") == 0
        await until_played(stack.simulator, GAP_AT - 1)
        metrics = await lost(stack, 4_972.97)
        assert tmad(metrics, "drawdown_ratio") == pytest.approx(0.0994594)
        assert tmad(metrics, "drawdown_breached", on_breach="flatten") == 0
        assert tmad(metrics, "breach_samples") == 0
        assert tmad(metrics, "drawdown_at_stops_ratio") is None
        await until_played(stack.simulator, GAP_AT)
        metrics = await lost(stack, 5_023.97)
        assert tmad(metrics, "drawdown_breached", on_breach="flatten") == float(
            (tmad(metrics, "breach_samples") or 0) > 1
        )
        metrics = await stack.until(lambda found: tmad(found, "drawdown_breached", on_breach="flatten") == 1, "breach")
        assert (tmad(metrics, "breach_samples") or 0) >= 2
        await until_played(stack.simulator, STORY_ENDS)
        metrics = await lost(stack, 50_000 - 42_222.03)
        assert tmad(metrics, "drawdown_breached", on_breach="flatten") == 1
        assert tmad(metrics, "drawdown_reference_usd") == 50_000
        assert tmad(metrics, "flows_until_timestamp_seconds") is not None
