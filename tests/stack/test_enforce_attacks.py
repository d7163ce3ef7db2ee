"""Attacks on the running enforcer: messages that are none, an exchange that wants silence, clocks, many orders."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import aiohttp
import pytest

from enforcement_stage import Stage, enforcement, message, tell
from enforcer_stack import OPERATOR, WEBHOOK, Enforced

NO_NEIGHBOURS = {"PLIMSOLL_ALERTMANAGER": "[]"}

WATCHED = 3.0
"""Seconds for which the account is left alone after the messages: longer than one re-read takes to come."""


def bodies(true: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Messages made of a true breach that must not be taken for one, each with the status of its answer."""
    whole = message(true)
    (alert,) = whole["alerts"]
    return {
        "cut off": (json.dumps(whole)[:-9], 400),
        "a list": ("[]", 400),
        "version 3": (json.dumps({**whole, "version": "3"}), 400),
        "alerts that are none": (json.dumps({**whole, "alerts": [None, 1, "x", []]}), 202),
        "too deep": ("[" * 100_000, 400),
        "a number without end": (json.dumps(whole)[:-1] + ', "x": ' + "9" * 5000 + "}", 400),
        "half a character": (json.dumps(message(true, account="\ud800eon")), 202),
        "a rule of half a character": (json.dumps(message(true, rule="\ud800")), 202),
        "a letter of another script": (json.dumps(message(true, account="\u0435on")), 202),
        "capitals": (json.dumps(message(true, account="EON")), 202),
        "a space": (json.dumps(message(true, account="eon ")), 202),
        "another rule": (json.dumps(message(true, rule="TMAD")), 202),
        "another account": (json.dumps(message(true, account="source")), 202),
        "another wish": (json.dumps(message(true, enforce="Flatten")), 202),
        "a list for a name": (json.dumps({**whole, "alerts": [{**alert, "labels": {"account": ["eon"]}}]}), 202),
        "resolved": (json.dumps(message(true, status="resolved")), 202),
        "too long": (json.dumps({**whole, "pad": "x" * 1_100_000}), 413),
    }


async def sent(enforced: Enforced, body: str, token: str = WEBHOOK) -> int:
    """Post a body as it is; gives the status."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{enforced.url}/api/v1/alerts", data=io.BytesIO(body.encode()), headers=headers) as answer,
    ):
        return answer.status


def held(stage: Stage) -> tuple[object, ...]:
    """What the account holds, and every order that it ever had."""
    account = stage.simulator.world.accounts["eon"]
    return {(one.symbol, str(one.amount)) for one in account.positions.values()}, set(account.orders)


async def test_messages_that_are_none_close_nothing_and_break_nothing(tmp_path: Path):
    """Each is answered as it deserves, the account stays as it is, and a true alert after all of them closes it."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        before, true = held(stage), await stage.annotations(lost="0.12")
        for name, (body, status) in bodies(true).items():
            assert await sent(enforced, body) == status, name
        for token in ("", OPERATOR, WEBHOOK + "x", WEBHOOK[:-1]):
            assert await sent(enforced, json.dumps(message(true)), token) == 401
        await asyncio.sleep(WATCHED)
        assert held(stage) == before
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "accepted"
        await enforced.until(lambda: stage.flat, "eon is flat")


@pytest.mark.parametrize("status", [418, 429])
async def test_an_exchange_that_wants_silence_during_a_run_only_delays(tmp_path: Path, status: int):
    """Every call is answered so, with a time to wait, as the run begins: it ends flat all the same."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "accepted"
        body = {"code": -1003, "msg": "Way too many requests."}
        await stage.sim("fail", endpoint="*", status=status, body=body, headers={"Retry-After": "1"}, times=4)
        await enforced.until(lambda: stage.flat, "eon is flat")


async def test_a_hundred_and_twenty_orders_go_too(tmp_path: Path):
    """Resting orders of three symbols and conditional ones that would open: all cancelled, everything closed."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        for number in range(120):
            symbol = ("BTCUSDT", "ETHUSDT", "SOLUSDT")[number % 3]
            await stage.sim("order", account="eon", symbol=symbol, side="BUY", quantity="1", price="20")
        for number in range(10):
            opening = {"type": "STOP_MARKET", "trigger_price": str(9000 + number)}
            await stage.sim("order", account="eon", symbol="ETHUSDT", side="BUY", quantity="0.1", **opening)
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "accepted"
        await enforced.until(lambda: stage.flat, "eon is flat")


async def test_a_symbol_that_is_delisted_while_held_holds_nothing_up(tmp_path: Path):
    """It is settled by the exchange; the others are closed and the account ends flat."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        await stage.sim("trade", account="eon", symbol="ETHUSDT", side="BUY", quantity="2")
        claimed = await stage.annotations(lost="0.12")
        await stage.sim("symbol", symbol="ETHUSDT", status="SETTLING")
        assert await tell(enforced, claimed) == "accepted"
        await enforced.until(lambda: stage.flat, "eon is flat")


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_a_clock_ten_seconds_off_changes_nothing(tmp_path: Path, seconds: int):
    """The exchange's clock jumps against ours: an untrue alert closes nothing, a true one closes."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        await stage.sim("clock", offset_seconds=seconds)
        before = held(stage)
        assert await tell(enforced, await stage.annotations(lost="0.02")) == "accepted"
        await asyncio.sleep(WATCHED)
        assert held(stage) == before
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "duplicate"
        await enforced.until(lambda: stage.flat, "eon is flat")
