"""API keys that are refused, revoked, restored or allowed too much."""

from __future__ import annotations

import logging

import pytest

from fair_clock import FairClock
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.server import running_simulator
from stack_faults import (
    ALWAYS,
    SPEED,
    STANDING,
    counted,
    fail,
    heal,
    reread,
    shows_nothing,
    until_counted,
    until_failed,
    until_logged,
)
from stack_harness import stack, watching
from stack_truth import Witness, until_true


async def test_a_key_that_may_not_read_from_the_start(caplog: pytest.LogCaptureFixture):
    """An account whose key may not read shows nothing and says why; the others are live; it comes when it may."""
    clock = FairClock(SPEED)
    async with running_simulator(scenario=STANDING, clock=clock, interval=1 / SPEED) as simulator:
        simulator.world.accounts["live"].permissions["enableReading"] = False
        async with watching(simulator, clock=clock) as running:
            for account in ("eon", "source"):
                await until_true(running, account)
            await until_failed(running, "openListenKey", "key")
            await until_logged(caplog, "live", "code -2015")
            assert await shows_nothing(running, "live")
            assert await running.value("binance_account_up", account="live") == 0
            await running.sim("key", account="live", permissions={"enableReading": True})
            await until_true(running, "live")


async def test_a_key_revoked_while_running_and_restored(caplog: pytest.LogCaptureFixture):
    """A revoked key makes the account stale within the promise, harms nobody else, and a restored one heals it."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await running.sim("key", account="live", revoked=True)
        await running.sim("transfer", account="live", amount="-40", event=False)
        await running.until_up("live", up=False)
        assert await shows_nothing(running, "live")
        assert await counted(running, "binance_api_failures_total", endpoint="account", kind="key") > 0
        await until_logged(caplog, "live", "GET /fapi/v3/account", "code -2015")
        await running.sim("key", account="live", revoked=False)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


async def test_a_key_revoked_with_its_stream(caplog: pytest.LogCaptureFixture):
    """Where the stream ends with the key nothing is shown at once, and all comes back with the key."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await running.sim("key", account="live", revoked=True)
        await running.sim("stream", target="live", action="expire-key")
        await running.until_up("live", up=False)
        await until_failed(running, "openListenKey", "key")
        assert await shows_nothing(running, "live")
        assert await running.value("binance_stream_connected", account="live") == 0
        await until_logged(caplog, "live", "POST /fapi/v1/listenKey", "code -2015")
        await running.sim("key", account="live", revoked=False)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


async def test_a_key_that_may_move_money_is_said_loudly(caplog: pytest.LogCaptureFixture):
    """A key that may withdraw is told by its metric and, as critical, by the log; the account is live all the same."""
    clock = FairClock(SPEED)
    async with running_simulator(scenario=STANDING, clock=clock, interval=1 / SPEED) as simulator:
        simulator.world.accounts["live"].permissions["enableWithdrawals"] = True
        async with watching(simulator, clock=clock) as running:
            await until_counted(
                running, "binance_api_key_permission", account="live", key="read", permission="withdraw"
            )
            await until_logged(caplog, "live", "the key may move money", level=logging.CRITICAL)
            assert (
                await running.value("binance_api_key_permission", account="eon", key="read", permission="withdraw") == 0
            )
            await until_true(running, "live")


async def test_permissions_that_cannot_be_read_are_unknown_and_harm_nothing(caplog: pytest.LogCaptureFixture):
    """Without the wallet's answer the permissions are absent, not 0, and the account is live."""
    clock = FairClock(SPEED)
    async with running_simulator(scenario=STANDING, clock=clock, interval=1 / SPEED) as simulator:
        wallet = "GET /sapi/v1/account/apiRestrictions"
        simulator.exchange.rest_faults.add(RestFault(endpoint=wallet, times=ALWAYS, status=502, body="<html></html>"))
        async with watching(simulator, clock=clock) as running:
            await until_true(running, "live")
            await until_logged(caplog, "live: permissions", "GET /sapi/v1/account/apiRestrictions", "HTTP 502")
            await heal(running)
            await until_counted(running, "binance_api_key_permission", account="live", key="read", permission="read")


async def test_a_wrong_secret_is_the_keys_fault(caplog: pytest.LogCaptureFixture):
    """An answer that the signature is wrong is counted as the key's fault, and the secret is nowhere in the log."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        body = {"code": -1022, "msg": "Signature for this request is not valid."}
        await fail(running, "GET /fapi/v3/account", account="live", status=400, body=body)
        await reread(running, "live")
        await until_failed(running, "account", "key")
        await until_logged(caplog, "live", "code -1022")
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")
