"""Being told to slow down: 429, 418 and their pauses, which the whole address keeps."""

from __future__ import annotations

import asyncio
import time

import pytest

from stack_faults import (
    ACCOUNT,
    SPEED,
    STANDING,
    calls,
    fail,
    failures_of,
    passed,
    reread,
    shows_nothing,
    until_failed,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Witness, until_true

TOO_MANY = {"code": -1003, "msg": "Too many requests; current limit of IP is 2400 requests per minute."}
BAN = {"code": -1003, "msg": "Way too much request weight used; IP banned. Please use WebSocket Streams."}
FAST = 4 * SPEED
"""For pauses of minutes."""


async def no_calls_for(running: Stack, seconds: float, speed: float) -> None:
    """Watch that not one REST call is made for so many fast seconds.

    Raises:
        AssertionError: One was.
    """
    before, began = await calls(running), time.monotonic()
    while not passed(seconds, began, speed):
        await asyncio.sleep(0.05)
        assert await calls(running) == before


@pytest.mark.parametrize("headers", [{"Retry-After": "25"}, {}], ids=["with-retry-after", "without"])
async def test_429_makes_the_whole_address_wait(headers: dict[str, str], caplog: pytest.LogCaptureFixture):
    """After 429 nothing is asked as long as it says, or until the next minute; who is live stays live and right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await fail(running, ACCOUNT, account="live", times=1, status=429, body=TOO_MANY, headers=headers)
        await reread(running, "live")
        await until_failed(running, "account", "throttled")
        await until_logged(caplog, "live", "GET /fapi/v3/account", "Too many requests", "HTTP 429")
        await running.sim("transfer", account="eon", amount="10")
        await until_true(running, "eon")
        if headers:
            await no_calls_for(running, 15, SPEED)
            assert await shows_nothing(running, "live")
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


@pytest.mark.parametrize("told", ["by-header", "in-the-text"])
async def test_418_stops_every_call_of_the_address_for_as_long_as_it_says(told: str, caplog: pytest.LogCaptureFixture):
    """While the address is banned not one call leaves; accounts with a good stream stay live within their promise."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        ban: dict[str, object] = {"status": 418, "body": BAN, "headers": {"Retry-After": "40"}}
        if told == "in-the-text":
            until = running.simulator.world.time_ms() + 40_000
            ban = {"status": 418, "body": {"code": -1003, "msg": f"Way too many; IP banned until {until}."}}
        await fail(running, ACCOUNT, account="live", times=1, **ban)
        await reread(running, "live")
        await until_failed(running, "account", "banned")
        await no_calls_for(running, 25, SPEED)
        await running.sim("transfer", account="eon", amount="10")
        await until_true(running, "eon")
        assert await shows_nothing(running, "live")
        await until_logged(caplog, "live", "HTTP 418")
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


async def test_a_ban_longer_than_the_promise_makes_everybody_stale_and_ends_by_itself(
    caplog: pytest.LogCaptureFixture,
):
    """A ban of unknown length silences us for two minutes: all go stale when their promise runs out, and come back."""
    async with stack(STANDING, speed=FAST) as running, Witness(running, "eon", "live", speed=FAST):
        await fail(running, "*", times=1, status=418, body=BAN)
        await running.sim("transfer", account="eon", amount="-250", event=False)
        await reread(running, "live")
        for account in ("live", "eon", "source"):
            await running.until_up(account, up=False)
        assert "not reconciled for" in str((await running.account("eon"))["reason"])
        for account in ("live", "eon", "source"):
            await until_true(running, account)
    await until_logged(caplog, "held back", "HTTP 418")


async def test_a_budget_used_up_by_others_is_never_overdrawn():
    """Where others behind the address have used the weight, we wait for the next minute and never meet a 429."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        limits = running.simulator.exchange.limits
        limits.clock = running.simulator.world.clock  # its minutes as fast as ours
        limits.charge("127.0.0.1", "fapi", 1600)
        for account in ("live", "eon", "source"):
            await reread(running, account)
        for account in ("live", "eon", "source"):
            await until_true(running, account)
        assert await failures_of(running, "throttled") == await failures_of(running, "banned") == 0
