"""The accounts of October, shown by the real exporter while the mirror and the bot trade, to the incident's digits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from october_play import until_played
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.actors.refusals import RefusedOrder
from plimsoll_simulator.scenarios.october_mirror import GAP_AT, SELL_AT, STORY_ENDS, TRANCHE_EVERY
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, watching

THIRD_FILL = 3 * TRANCHE_EVERY
ALL_BOUGHT = 8 * TRANCHE_EVERY

Metrics = Mapping[tuple[str, Labels], float]


@asynccontextmanager
async def october(option: str = "", refused: list[RefusedOrder] | None = None) -> AsyncIterator[Stack]:
    """The story at its beginning, watched with the shipped configuration; it moves only when told to."""
    company = as_tasks((refused if refused is not None else []).append)
    async with running_simulator(
        scenario="october-mirror" + option, speed=100, interval=0.1, company=company
    ) as simulator:
        simulator.exchange.stage.until = 0
        async with watching(simulator) as stack:
            for account in ("source", "eon", "live"):
                await stack.until_up(account)
            yield stack


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """A series of eon, or of the account named."""
    return metrics.get((name, frozenset({"account": "eon", **labels}.items())))


async def shown(stack: Stack, equity: float) -> Metrics:
    """A scrape that shows an equity of eon, to the cent; everything in it is of one moment."""
    found: list[Metrics] = []

    def holds(metrics: Metrics) -> bool:
        found[:] = [metrics]
        return value(metrics, "binance_account_equity_usd") == pytest.approx(equity, abs=0.005)

    await stack.until(holds, f"eon's equity is {equity}")
    return found[0]


def check(metrics: Metrics, **figures: float) -> None:
    """Account series of eon, by the middle of their names, to the digits given."""
    for name, wanted in figures.items():
        digits = len(str(wanted).partition(".")[2]) if isinstance(wanted, float) else 0
        assert round(value(metrics, f"binance_account_{name}") or 0, digits) == wanted, name


def symbol_leverage(metrics: Metrics) -> dict[str, float]:
    """The leverage of eon's symbols, as it is told in the incident."""
    found = {
        symbol: value(metrics, "binance_symbol_leverage_ratio", symbol=symbol) for symbol in ("BTCUSDT", "ETHUSDT")
    }
    return {symbol: round(each, 1) for symbol, each in found.items() if each is not None}


async def test_the_overexposure_is_shown_after_the_third_fill():
    """3.4x of BTC, 1.7x of ETH, 5.1x in all, margin 42,500, available about 7,400; refused entries change nothing."""
    refused: list[RefusedOrder] = []
    async with october(refused=refused) as stack:
        assert value(await stack.metrics(), "binance_account_leverage_ratio") == 0
        await until_played(stack.simulator, THIRD_FILL)
        for second in (THIRD_FILL, ALL_BOUGHT):
            await until_played(stack.simulator, second)
            metrics = await shown(stack, 49_872.03)
            check(
                metrics,
                equity_usd=49_872.03,
                gross_exposure_usd=255_000,
                net_exposure_usd=255_000,
                leverage_ratio=5.1,
                initial_margin_usd=42_500,
                available_balance_usd=7_372.03,
                positions=2,
            )
            assert symbol_leverage(metrics) == {"BTCUSDT": 3.4, "ETHUSDT": 1.7}
        assert len(refused) == 5


async def test_the_fall_is_shown_to_its_end():
    """At -1 % about 5,200 is available and source flat; left alone eon ends near 42,200 with both positions."""
    refused: list[RefusedOrder] = []
    async with october(refused=refused) as stack:
        await until_played(stack.simulator, SELL_AT)
        metrics = await shown(stack, 47_322.03)
        check(metrics, available_balance_usd=5_247.03, gross_exposure_usd=252_450, initial_margin_usd=42_075)
        await until_played(stack.simulator, STORY_ENDS)
        metrics = await shown(stack, 42_222.03)
        check(metrics, gross_exposure_usd=247_350, leverage_ratio=5.9, available_balance_usd=997.03, positions=2)
        assert symbol_leverage(metrics) == {"BTCUSDT": 3.9, "ETHUSDT": 2.0}
        assert value(metrics, "binance_account_positions", account="source") == 0
        assert value(metrics, "binance_account_equity_usd", account="live") == 5_000
        assert [each.wish.intent for each in refused].count("close") == 2
        assert len(refused) == 9


async def test_the_gap_is_shown():
    """Option ``gap``: equity falls from 45,027 to 41,151 from one second to the next."""
    async with october(":gap") as stack:
        await until_played(stack.simulator, GAP_AT - 1)
        await shown(stack, 45_027.03)
        await until_played(stack.simulator, GAP_AT)
        await shown(stack, 41_151.03)
