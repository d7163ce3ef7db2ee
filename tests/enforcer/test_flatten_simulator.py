"""The flattener against the real simulator, on the wire: every kind of account, and every code of a close."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import product

import pytest

from flatten_stage import ORDER, FlattenStage, flatten_stage
from plimsoll_enforcer.flatten.result import FlattenResult

UNKNOWN = "Unknown error, please check your request or try again later."
MODES = [(hedge, margin) for hedge, margin in product((False, True), ("cross", "isolated", "multi"))]

PASSING = (
    (-1001, -1008, -1111, -1112, -1021, -1106, -2010, -2020, -4023),
    (-2022, -2022, -2022, -2022, -4118, -4118, -4118, -4118, -2024),
    (-4131, -4016, -4024, -4131, -4139, -5041, -4164, -9999, -4062),
    (-4087, -4105, -4106, -4107, -4189, -4400, -4401, -4061, -2023),
    (-2019, -2019, -2019, -2019, -4005, -4005, -4003, -4004),
    (-2015, -4088, -4140, -4141),
    (-1000, -1006, -1007, -4116),
)
"""Codes that the first orders of a run are refused with, one each; they are over then."""


def assert_flat(stage: FlattenStage, result: FlattenResult) -> None:
    """The account is flat, by its own word and by the exchange's books."""
    assert stage.flat()
    assert result.flat
    assert result.confirmed
    assert result.residual_exposure_usd == 0
    assert result.orders_left == 0
    assert {row.left for row in result.positions} <= {Decimal(0)}


async def open_all(stage: FlattenStage, *, hedge: bool, margin: str) -> None:
    """Give the empty account positions, plain orders and conditional orders in a mode."""
    await stage.sim("config", hedge=hedge)
    if margin == "multi":
        await stage.sim("config", multi_assets=True)
    for symbol, quantity in (("BTCUSDT", "0.1"), ("ETHUSDT", "2"), ("SOLUSDT", "30")):
        if margin == "isolated":
            await stage.sim("config", symbol=symbol, margin_type="ISOLATED")
        legs = (("BUY", "LONG"), ("SELL", "SHORT")) if hedge else ((("BUY", "SELL")[symbol == "ETHUSDT"], "BOTH"),)
        for side, leg in legs:
            await stage.sim("trade", symbol=symbol, side=side, quantity=quantity, position_side=leg)
    first = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.1", "position_side": "LONG" if hedge else "BOTH"}
    await stage.sim("order", **first, price="99000", reduce_only=not hedge)
    await stage.sim("order", **first, type="STOP_MARKET", trigger_price="80000", reduce_only=not hedge)
    await stage.sim("order", **{**first, "side": "BUY"}, type="STOP_MARKET", trigger_price="99000")
    await stage.sim("order", **{**first, "side": "BUY"}, price="80000")


@pytest.mark.parametrize(("hedge", "margin"), MODES)
async def test_every_mode_ends_flat(hedge: bool, margin: str):  # noqa: FBT001 - a parameter of the test
    """One-way and hedge, cross, isolated and multi-assets: positions, plain and conditional orders are all gone."""
    async with flatten_stage(account="eon") as stage:
        await open_all(stage, hedge=hedge, margin=margin)
        result = await stage.flatten()
        assert_flat(stage, result)
        assert stage.codes() == []
        assert result.orders_cancelled == 4
        for row in result.positions:
            assert row.closed == abs(row.amount)
            assert row.average_price is not None


@pytest.mark.parametrize("codes", PASSING)
async def test_codes_that_pass(codes: tuple[int, ...]):
    """Whatever codes the first closes are refused with, the account ends flat and nothing is opened."""
    async with flatten_stage() as stage:
        for code in codes:
            await stage.fail(code)
        assert_flat(stage, await stage.flatten())
        assert stage.market.client.simulator.exchange.requests.calls[ORDER] >= len(codes) + 4


async def test_a_market_order_that_is_too_large_is_split():
    """Pieces stay under the largest market order."""
    async with flatten_stage(account="eon") as stage:
        stage.account.wallets["USDT"] = Decimal(10**9)
        await stage.sim("trade", symbol="SOLUSDT", side="BUY", quantity="12000")
        await stage.market.sim("book", symbol="SOLUSDT", depth_usd=10**10)
        assert_flat(stage, await stage.flatten())
        assert [order.quantity for order in stage.log.sent.values()] == [4000, 4000, 4000]


async def test_a_thin_book_is_met_with_limit_orders():
    """A market order that is refused for the band goes out as a limit order within it."""
    async with flatten_stage() as stage:
        await stage.market.sim("price", symbol="BTCUSDT", mark="92000", last="98000")
        run = asyncio.ensure_future(stage.flatten())
        await stage.until(lambda: -4131 in stage.codes())
        await stage.market.sim("price", symbol="BTCUSDT", mark="92000")
        assert_flat(stage, await run)


async def test_a_cut_market_order_is_followed_by_the_rest():
    """What the book did not give at first is closed by further orders."""
    async with flatten_stage(account="eon") as stage:
        await stage.sim("trade", symbol="ADAUSDT", side="BUY", quantity="100000")
        await stage.market.sim("book", symbol="ADAUSDT", depth_usd=200)
        run = asyncio.ensure_future(stage.flatten())
        await stage.until(lambda: bool(stage.log.answers))
        await stage.market.sim("book", symbol="ADAUSDT", depth_usd=10**7)
        assert_flat(stage, await run)


async def test_markets_without_market_orders():
    """Where market orders are not allowed at all, limit orders close."""
    async with flatten_stage() as stage:
        await stage.market.sim("restrict", code=-4139)
        assert_flat(stage, await stage.flatten())


@pytest.mark.parametrize("code", [-4087, -4105, -4189, -4400, -4401])
async def test_only_reducing_is_allowed(code: int):
    """Restrictions to reducing do not stop a flatten, since it does nothing else."""
    async with flatten_stage() as stage:
        await stage.market.sim("restrict", account="live", code=code)
        assert_flat(stage, await stage.flatten())
        assert stage.codes() == []


async def test_a_closed_market_holds_up_nobody():
    """Three symbols close while the fourth is shut; that one is closed once it opens again."""
    async with flatten_stage() as stage:
        world = stage.market.client.simulator.world
        world.restrictions["live", "BTCUSDT"] = -4088
        run = asyncio.ensure_future(stage.flatten())
        await stage.until(
            lambda: {name for (name, _), row in stage.account.positions.items() if row.amount} == {"BTCUSDT"}
        )
        assert not run.done()
        world.restrictions.clear()
        assert_flat(stage, await run)


@pytest.mark.parametrize("executed", [True, False])
async def test_an_unknown_execution(executed: bool):  # noqa: FBT001 - a parameter of the test
    """Orders without an answer are looked up; what arrived is not sent again."""
    async with flatten_stage() as stage:
        body = {"code": 0, "msg": UNKNOWN}
        await stage.market.sim("fail", endpoint=ORDER, status=503, body=body, times=4, executed=executed)
        assert_flat(stage, await stage.flatten())
        assert len(stage.log.sent) == (4 if executed else 8)


async def test_orders_cannot_be_read():
    """While neither list of orders can be read, positions are closed all the same."""
    async with flatten_stage() as stage:
        for path in ("openOrders", "openAlgoOrders"):
            await stage.market.sim("fail", endpoint=f"GET /fapi/v1/{path}", status=500, body="broken", times=1000)
        run = asyncio.ensure_future(stage.flatten())
        await stage.until(lambda: not stage.held())
        assert not run.done()
        await stage.market.client.control("fail", "DELETE")
        assert_flat(stage, await run)


async def test_somebody_opens_after_flat():
    """What comes between the first clean look and the second is closed as well."""
    async with flatten_stage() as stage:
        run = asyncio.ensure_future(stage.flatten())
        await stage.until(lambda: "flat" in stage.log.kinds())
        await stage.sim("trade", symbol="BTCUSDT", side="BUY", quantity="0.01")
        await stage.sim("order", symbol="BTCUSDT", side="BUY", quantity="0.01", price="80000")
        assert_flat(stage, await run)
        assert "not-flat" in stage.log.kinds()


async def test_a_rehearsal_changes_nothing():
    """A dry run reads, says what it would do, and sends nothing."""
    async with flatten_stage() as stage:
        before = dict(stage.account.positions)
        result = await stage.flattener().rehearse(stage.log)
        assert dict(stage.account.positions) == before
        assert stage.log.sent == {}
        assert not result.flat
        assert {row.why_left for row in result.positions} == {"dry run: nothing was sent"}
        assert stage.log.kinds().count("would-close") == 4
        assert stage.log.kinds().count("would-cancel") == 4
        writes = {"POST /fapi/v1/order", "DELETE /fapi/v1/allOpenOrders", "DELETE /fapi/v1/algoOpenOrders"}
        assert not writes & set(stage.market.client.simulator.exchange.requests.calls)
