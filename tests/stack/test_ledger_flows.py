"""Money that comes and goes, on the real exporter: no drawdown moves, in either asset mode, and each flow is one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from stack_faults import SPEED, STANDING
from stack_harness import Stack, stack
from stack_truth import true_row

RULES = json.dumps(
    {
        "total": {"from": "high-water", "ratio": 0.5, "high_water_usd": 60000},
        "usd": {"from": "high-water", "amount_usd": 30000, "high_water_usd": 60000},
        "daily": {"from": "day-start", "ratio": 0.5},
    }
)
ENVIRON = {f"PLIMSOLL_ACCOUNTS__{account}__LIMITS__DRAWDOWN": RULES for account in ("EON", "LIVE")}


@asynccontextmanager
async def standing(*, multi: bool = False) -> AsyncIterator[Stack]:
    """The standing world with drawdown rules on ``eon`` and ``live``."""
    async with stack(STANDING, speed=SPEED, environ=ENVIRON) as running:
        if multi:
            await running.sim("config", account="live", multi_assets=True)
            await until_mode(running, "multi")
        await until_lost(running)
        yield running


async def until_mode(running: Stack, mode: str) -> None:
    """Wait until ``live`` is shown in an asset mode."""
    for _ in range(600):
        settings = (await running.account("live"))["settings"]
        if isinstance(settings, dict) and settings["asset_mode"] == mode:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never in {mode} mode")


async def lost(running: Stack, account: str = "live") -> dict[str, Decimal] | None:
    """Ratio or amount of every rule, rounded to 1e-9; ``None`` while it is not told."""
    found = await running.account(account)
    assert isinstance(found["drawdown"], dict)
    rows = found["drawdown"]["rules"]
    values = {name: row["drawdown_usd" if name == "usd" else "drawdown_ratio"] for name, row in rows.items()}
    if None in values.values():
        return None
    return {name: round(Decimal(value), 9) for name, value in values.items()}


async def until_lost(running: Stack, account: str = "live") -> dict[str, Decimal]:
    """What is lost, as soon as it is told."""
    for _ in range(600):
        found = await lost(running, account)
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"the drawdown of {account} is never told: {await running.account(account)}")


async def half(running: Stack) -> Decimal:
    """Half of the equity of ``live``."""
    return (Decimal(true_row(await running.truth(), "live")["equity"]) / 2).quantize(Decimal("0.01"))


async def stays(running: Stack, before: dict[str, Decimal], seconds: float) -> set[Decimal]:
    """Watch for some of the exporter's seconds that what is lost stays; gives what was unexplained while untold."""
    untold = set()
    for _ in range(int(seconds / SPEED / 0.02)):
        found = await running.account("live")
        now = await lost(running)
        if now is None:
            untold.add(Decimal(str(found["unexplained_usd"] or "0")))
        else:
            assert now == before
        await asyncio.sleep(0.02)
    return untold


async def until_flows(running: Stack, **usd: Decimal) -> None:
    """Wait until so much is counted by direction."""
    for direction, amount in usd.items():
        labels = frozenset({"account": "live", "direction": direction}.items())
        await running.until(
            lambda found, labels=labels, amount=amount: (
                found["binance_account_external_flow_usd_total", labels] == pytest.approx(float(amount))
            ),
            f"{amount} USD came or went",
        )


@pytest.mark.parametrize("multi", [False, True], ids=["single", "multi"])
@pytest.mark.parametrize("event", [True, False], ids=["told", "untold"])
async def test_half_of_the_equity_comes_and_goes(*, multi: bool, event: bool):
    """A deposit and a withdrawal of 50 % leave every rule's ratio and amount to 1e-9, also where the event is lost."""
    async with standing(multi=multi) as running:
        before = await until_lost(running)
        amount = await half(running)
        untold = set()
        for moved, counted in ((amount, {"in": amount}), (-amount, {"in": amount, "out": amount})):
            await running.sim("transfer", account="live", amount=str(moved), event=event)
            untold |= await stays(running, before, 10 if event else 80)
            await until_flows(running, **counted)
            assert await until_lost(running) == before
        if not event:
            assert {abs(each) for each in untold} >= {amount}


async def test_another_asset_comes_in_multi_assets_mode():
    """BTC is worth what its index says at that moment: no rule moves by a deposit of it."""
    async with standing(multi=True) as running:
        before = await until_lost(running)
        await running.sim("transfer", account="live", asset="BTC", amount="0.02")
        await stays(running, before, 10)
        assert await until_lost(running) == before
        assert await running.value("binance_account_external_flow_usd_total", account="live", direction="in")


async def test_a_switch_of_the_asset_mode_moves_no_drawdown():
    """Money outside equity comes into it by the switch, and goes by the switch back."""
    async with standing() as running:
        await running.sim("transfer", account="live", asset="BNB", amount="3")
        before = await until_lost(running)
        for mode, multi in (("multi", True), ("single", False)):
            await running.sim("config", account="live", multi_assets=multi)
            await until_mode(running, mode)
            assert await until_lost(running) == before
            await stays(running, before, 10)


async def test_a_refused_withdrawal_and_a_gift_move_nothing():
    """Out and back is two flows; a bonus is a flow."""
    async with standing() as running:
        before = await until_lost(running)
        await running.sim("transfer", account="live", amount="-500", rejected=True)
        await running.sim("transfer", account="live", amount="10", kind="WELCOME_BONUS")
        await stays(running, before, 5)
        assert await until_lost(running) == before
