"""One account in trouble, the others untouched; and one source of an account in trouble, the rest of it shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from stack_faults import (
    ALGO_ORDERS,
    ORDERS,
    SPEED,
    STANDING,
    fail,
    heal,
    reread,
    shows_nothing,
    until_failed,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Witness, shown, until_true


async def everything_fails(running: Stack) -> None:
    """Every call of ``live`` fails at once."""
    await fail(running, "*", account="live", status=500, body="")
    await reread(running, "live")


async def nothing_answers(running: Stack) -> None:
    """Every call of ``live`` waits for ever."""
    await fail(running, "*", account="live", delay=60)
    await reread(running, "live")


async def key_gone(running: Stack) -> None:
    """The key of ``live`` is revoked and its stream ended."""
    await running.sim("key", account="live", revoked=True)
    await running.sim("stream", target="live", action="expire-key")


async def stream_refused(running: Stack) -> None:
    """The stream of ``live`` cannot be opened."""
    await running.sim("stream", target="live", action="refuse")
    await reread(running, "live")


async def rubbish(running: Stack) -> None:
    """Every answer to ``live`` is HTML."""
    await fail(running, "*", account="live", status=200, body="<html></html>")
    await reread(running, "live")


TROUBLES = [everything_fails, nothing_answers, key_gone, stream_refused, rubbish]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
async def test_one_account_in_trouble_never_delays_another(
    trouble: Callable[[Stack], Awaitable[None]], caplog: pytest.LogCaptureFixture
):
    """While one account is down the others' fills, transfers, readings and prices go on being shown, always right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "source", "eon", speed=SPEED) as witness:
        await trouble(running)
        await running.until_up("live", up=False)
        for number in range(1, 6):
            await running.sim("trade", account="eon", symbol="BTCUSDT", side="BUY", quantity=f"0.0{number}")
            await until_true(running, "eon")
            await running.sim("transfer", account="source", amount=f"-{number}")
            await until_true(running, "source")
        await reread(running, "eon")
        await running.sim("trade", account="eon", symbol="ETHUSDT", side="SELL", quantity="1")
        await until_true(running, "eon")
        assert await shows_nothing(running, "live")
        assert await running.value("binance_account_up", account="live") == 0
    assert witness.shown["source"] == witness.pages
    await until_logged(caplog, "live", "stream")


@pytest.mark.parametrize("endpoint", [ALGO_ORDERS, ORDERS], ids=["algo", "plain"])
async def test_one_order_source_fails_alone(endpoint: str, caplog: pytest.LogCaptureFixture):
    """With one list failing the orders are unknown, so absent, never fewer; the account stays live and right."""
    name = endpoint.rpartition("/")[2]
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await fail(running, endpoint, account="live", status=503, body="")
        await reread(running, "live")
        await until_failed(running, name, "unknown")
        await until_logged(caplog, "live", endpoint, "HTTP 503")
        await running.until_up("live")
        await running.sim("trade", account="live", symbol="DOTUSDT", side="SELL", quantity="50")
        page = await running.until(
            lambda metrics: shown(metrics, "live").get("DOTUSDT long quantity") == 250, "the fill is shown"
        )
        figures = shown(page, "live")
        assert not any(figure.startswith("orders ") for figure in figures)
        assert "available" not in figures
        await heal(running)
        await until_true(running, "live")


async def test_an_order_source_that_fails_while_live_is_borne_up_to_the_allowed_age():
    """Without a gap the orders are carried by the stream until the allowed age is over; then they are unknown."""
    async with stack(STANDING, speed=2 * SPEED) as running, Witness(running, "live", speed=2 * SPEED):
        await fail(running, ALGO_ORDERS, account="live", status=500, body="")
        page = await running.until(
            lambda metrics: "equity" in shown(metrics, "live") and "orders stop" not in shown(metrics, "live"),
            "the account is shown and its orders are unknown",
        )
        assert page["binance_account_up", frozenset({("account", "live")})] == 1
        order = next(iter(running.simulator.world.accounts["live"].algo_orders))
        await running.sim("cancel", account="live", algo_id=order)
        await heal(running)
        await until_true(running, "live")


async def test_all_accounts_lose_everything_at_once():
    """All streams cut at the same moment, prices moving meanwhile: all are read anew and right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "source", "eon", "live", speed=SPEED):
        await running.sim("stream", target="all", action="cut")
        await asyncio.sleep(0.2)
        await running.sim("trade", account="eon", symbol="BTCUSDT", side="BUY", quantity="0.05")
        for account in ("source", "eon", "live"):
            await until_true(running, account)
