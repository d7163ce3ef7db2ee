"""The simulator as a server: what goes on while the story stands still, and arithmetic that nobody else can change."""

from __future__ import annotations

import asyncio
from decimal import ROUND_HALF_UP, Decimal, localcontext

from patience import PATIENCE
from plimsoll_simulator import outside
from plimsoll_simulator.server import running_simulator
from simulator_client import simulator_client


async def test_a_halted_story_does_not_hold_up_a_liquidation():
    """Prices and the story stand still, yet the exchange goes on with what it does every second."""
    async with running_simulator(interval=0.01, speed=100) as simulator:
        world, stage, sold = simulator.world, simulator.exchange.stage, asyncio.Event()
        stage.until = stage.second
        account = world.accounts["live"]
        world.listeners.append(
            lambda _account, event: sold.set() if "autoclose" in str(event) and "CALCULATED" in str(event) else None
        )
        outside.trade(world, account, "BTCUSDT", "BUY", Decimal(2))
        world.market.set_price("BTCUSDT", Decimal(85000))
        async with asyncio.timeout(PATIENCE):
            await sold.wait()
        assert stage.second == stage.until


async def test_a_simulator_keeps_to_its_own_rounding():
    """Whatever a library has done to the decimal context (ccxt sets it for good), an average entry is the same."""
    with localcontext() as context:
        context.rounding, context.prec = ROUND_HALF_UP, 9
        async with simulator_client(interval=3600) as client:
            for price in ("100.00000002", "100.00000003"):
                fill = {"account": "live", "symbol": "ADAUSDT", "side": "BUY", "quantity": "1", "price": price}
                await client.control("trade", **fill)
            assert client.simulator.world.accounts["live"].position("ADAUSDT").entry == Decimal("100.00000002")
