"""How orders end in a crash and in an outage of the streams, as a running exporter counts it.

No bot sends orders in these stories, so nothing is refused: whatever were counted as rejected would be a false alarm.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fair_clock import FairClock
from plimsoll_simulator.scenarios.flash_crash import RECOVERY_ENDS
from plimsoll_simulator.scenarios.stream_outage import ROUND
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, watching

SPEED = 5.0
ACCOUNTS = ("source", "eon", "live")
Metrics = Mapping[tuple[str, Labels], float]


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One series; ``None`` where it is absent."""
    return metrics.get((name, frozenset(labels.items())))


def ended(metrics: Metrics, account: str, outcome: str) -> float | None:
    """How many stops of an account ended so."""
    return value(metrics, "binance_protective_orders_ended_total", account=account, outcome=outcome)


def check_none_is_rejected(metrics: Metrics) -> None:
    """Every counter of rejections stands at 0, and no time of a rejection is told."""
    counted = [number for (name, _), number in metrics.items() if name == "binance_order_rejections_total"]
    assert len(counted) == len(ACCOUNTS) * 24
    assert set(counted) == {0}
    assert not {name for name, _ in metrics} & {
        "binance_order_last_rejection_timestamp_seconds",
        "binance_order_rejections_by_symbol_total",
    }
    assert {ended(metrics, account, "rejected") for account in ACCOUNTS} == {0}


@asynccontextmanager
async def telling(scenario: str) -> AsyncIterator[Stack]:
    """A story that goes as fast as the clock of all who are in it, and the exporter that watches it."""
    clock = FairClock(SPEED)
    made = running_simulator(scenario=scenario, clock=clock, speed=SPEED, interval=1.0 / SPEED)
    async with made as simulator:
        simulator.exchange.limits.clock = clock
        simulator.exchange.stage.until = 0
        async with watching(simulator, clock=clock) as running:
            for account in ACCOUNTS:
                await running.until_up(account)
            simulator.exchange.stage.until = None
            yield running


async def played(running: Stack, second: int) -> None:
    """Wait for a second of the story."""
    await running.until(lambda _: running.simulator.exchange.stage.second >= second, f"second {second} of the story")


async def test_stops_slip_in_a_crash_and_none_is_rejected():
    """``flash-crash``: two stops fill past their triggers; one account is liquidated, one deleveraged."""
    async with telling("flash-crash") as running:
        await played(running, RECOVERY_ENDS)
        await running.until(
            lambda seen: ended(seen, "live", "filled") == 1 and ended(seen, "source", "filled") == 1, "both stops"
        )
        for account in ACCOUNTS:
            await running.until_up(account)
        metrics = await running.metrics()
    check_none_is_rejected(metrics)
    for account, count in (("live", 1), ("source", 1), ("eon", 0)):
        assert value(metrics, "binance_stop_slippage_ratio_count", account=account) == count
        slipped = value(metrics, "binance_stop_slippage_ratio_sum", account=account)
        assert slipped is not None
        assert (slipped > 0) is bool(count)
        assert slipped < 0.1
    assert value(metrics, "binance_forced_closes_total", account="eon", kind="liquidation") == 1
    assert value(metrics, "binance_forced_closes_total", account="source", kind="adl") == 1


async def test_an_outage_of_streams_is_no_rejection():
    """``stream-outage``: streams cut, silent, late and refused in turn tell of no refused order and no lost stop."""
    async with telling("stream-outage") as running:
        await played(running, ROUND - 5)
        for account in ACCOUNTS:
            await running.until_up(account)
        metrics = await running.metrics()
        outcomes = ("filled", "rejected", "cancelled", "expired")
        assert {ended(metrics, account, outcome) for account in ACCOUNTS for outcome in outcomes} == {0}
        filled = {
            account: sum(
                number
                for (name, labels), number in metrics.items()
                if name == "binance_orders_total" and {("account", account), ("outcome", "filled")} <= labels
            )
            for account in ACCOUNTS
        }
    check_none_is_rejected(metrics)
    assert all(0 < number <= ROUND // 7 for number in filled.values())
