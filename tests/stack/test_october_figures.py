"""The accounts of October, shown by the real exporter while the mirror and the bot trade, to the incident's digits."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from october_play import until_played
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.actors.refusals import RefusedOrder
from plimsoll_simulator.scenarios.october_mirror import GAP_AT, SELL_AT, STORY_ENDS, TRANCHE_EVERY
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, watching

FIRST_FILL = TRANCHE_EVERY
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


def mirror(metrics: Metrics, name: str, symbol: str) -> float | None:
    """A series of the mirror from source to eon; both are in one-way mode, so that ``side`` is empty."""
    labels = {"source": "source", "destination": "eon", "symbol": symbol, "side": ""}
    return metrics.get((f"binance_mirror_{name}", frozenset(labels.items())))


async def test_the_limits_of_the_shipped_configuration_are_shown():
    """Symbol limit 2 and account limit 3, which eon passes with its third fill at the latest; none for source."""
    async with october() as stack:
        await until_played(stack.simulator, THIRD_FILL)
        metrics = await shown(stack, 49_872.03)
        check(metrics, leverage_limit_ratio=3, available_margin_limit_ratio=0.1, stop_grace_seconds=30)
        for symbol in ("BTCUSDT", "ETHUSDT"):
            assert value(metrics, "binance_symbol_leverage_limit_ratio", symbol=symbol) == 2
        assert value(metrics, "binance_account_leverage_limit_ratio", account="source") is None


async def test_the_mirror_drifts_from_the_first_oversized_fill_on():
    """Expected 10,625 USD, actual 85,000: seen within 15 s of the fill, and still of that moment two fills later."""
    async with october() as stack:
        assert mirror(await stack.metrics(), "drift_ratio", "BTCUSDT") is None
        before = time.time()
        await until_played(stack.simulator, FIRST_FILL)
        await stack.until(lambda found: mirror(found, "drift_since_timestamp_seconds", "BTCUSDT") is not None, "drift")
        metrics = await stack.metrics()
        assert mirror(metrics, "expected_quantity", "BTCUSDT") == pytest.approx(10_625 / 85_000)
        assert mirror(metrics, "actual_quantity", "BTCUSDT") == pytest.approx(1)
        assert mirror(metrics, "drift_ratio", "BTCUSDT") == pytest.approx(0.875)
        assert mirror(metrics, "drift_usd", "BTCUSDT") == pytest.approx(85_000 - 10_625)
        since = mirror(metrics, "drift_since_timestamp_seconds", "BTCUSDT")
        assert since is not None
        assert before <= since <= before + 15
        await until_played(stack.simulator, THIRD_FILL)
        metrics = await shown(stack, 49_872.03)
        assert mirror(metrics, "drift_since_timestamp_seconds", "BTCUSDT") == since
        await stack.until(lambda found: mirror(found, "drift_since_timestamp_seconds", "ETHUSDT") is not None, "ETH")


async def test_what_only_eon_still_holds_drifts_wholly():
    """Source has sold everything and eon's closes were refused: 0 expected, a ratio of 1."""
    async with october() as stack:
        await until_played(stack.simulator, SELL_AT)
        await shown(stack, 47_322.03)
        await stack.until(lambda found: value(found, "binance_account_positions", account="source") == 0, "source flat")
        metrics = await stack.metrics()
        for symbol, held in (("BTCUSDT", 2), ("ETHUSDT", 27.2)):
            assert mirror(metrics, "expected_quantity", symbol) == 0
            assert mirror(metrics, "actual_quantity", symbol) == pytest.approx(held)
            assert mirror(metrics, "drift_ratio", symbol) == 1
