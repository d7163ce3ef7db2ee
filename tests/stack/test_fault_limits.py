"""Being told to slow down: 429, 418 and their pauses, which the whole address keeps."""

from __future__ import annotations

import asyncio

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
    until_counted,
    until_failed,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Witness, until_true

TOO_MANY = {"code": -1003, "msg": "Too many requests; current limit of IP is 2400 requests per minute."}
BAN = {"code": -1003, "msg": "Way too much request weight used; IP banned. Please use WebSocket Streams."}
FAST = 2 * SPEED
"""For pauses of minutes."""

SLOW = SPEED / 2
"""For what must be seen before a pause of less than a minute is over."""


async def no_calls_until(running: Stack, pause: float, since: float) -> None:
    """Watch that not one REST call is made before ``pause`` exchange seconds have passed on the stack's clock.

    Raises:
        AssertionError: One was, or the pause is over before anybody could watch.
    """
    await asyncio.sleep(0.1)  # what left before the pause has arrived
    assert not passed(running, pause, since), "the pause is over already"
    before = await calls(running)
    while not passed(running, pause, since):
        assert await calls(running) == before
        await asyncio.sleep(0.05)


async def until_early_in_the_minute(running: Stack) -> None:
    """Wait until the exchange's next minute begins in more than half a minute and less than a promise."""
    second = running.simulator.world.time_ms() / 1000 % 60
    if not 15 <= second < 25:
        await running.simulator.world.clock.sleep((15 - second) % 60)


async def fresh(running: Stack, account: str) -> None:
    """Have an account read whole, so that its promise holds for a minute from now on."""
    await reread(running, account)
    await until_counted(running, "binance_stream_reconnects_total", stream=account)
    await until_true(running, account)


@pytest.mark.parametrize("headers", [{"Retry-After": "25"}, {}], ids=["with-retry-after", "without"])
async def test_429_makes_the_whole_address_wait(headers: dict[str, str], caplog: pytest.LogCaptureFixture):
    """After 429 nothing is asked as long as it says, or until the next minute; who is live stays live and right."""
    async with stack(STANDING, speed=SLOW) as running:
        await until_early_in_the_minute(running)
        await fresh(running, "eon")
        async with Witness(running, "eon", "live", speed=SLOW) as witness:
            await fail(running, ACCOUNT, account="live", times=1, status=429, body=TOO_MANY, headers=headers)
            began = running.simulator.world.clock.monotonic()
            await reread(running, "live")
            await until_failed(running, "account", "throttled")
            await until_logged(caplog, "live", "GET /fapi/v3/account", "Too many requests", "HTTP 429")
            await running.sim("transfer", account="eon", amount="10")
            await until_true(running, "eon")
            if headers:
                assert await shows_nothing(running, "live")
                await no_calls_until(running, 24, began)
            await until_true(running, "live")
        assert witness.shown["eon"] == witness.pages


@pytest.mark.parametrize("told", ["by-header", "in-the-text"])
async def test_418_stops_every_call_of_the_address_for_as_long_as_it_says(told: str, caplog: pytest.LogCaptureFixture):
    """While the address is banned not one call leaves; accounts with a good stream stay live within their promise."""
    async with stack(STANDING, speed=SLOW) as running:
        await fresh(running, "eon")
        async with Witness(running, "eon", "live", speed=SLOW) as witness:
            ban: dict[str, object] = {"status": 418, "body": BAN, "headers": {"Retry-After": "40"}}
            if told == "in-the-text":
                until = running.simulator.world.time_ms() + 40_000
                ban = {"status": 418, "body": {"code": -1003, "msg": f"Way too many; IP banned until {until}."}}
            began = running.simulator.world.clock.monotonic()
            await fail(running, ACCOUNT, account="live", times=1, **ban)
            await reread(running, "live")
            await until_failed(running, "account", "banned")
            await running.sim("transfer", account="eon", amount="10")
            await until_true(running, "eon")
            assert await shows_nothing(running, "live")
            await no_calls_until(running, 39, began)
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
