"""Funding counts when its event tells it; the history confirms it, and each payment is counted exactly once."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest

from keeper_scene import Scene
from ledger_scene import ledger, remembering
from plimsoll.model.account import Income
from plimsoll.model.events import AccountUpdate, BalanceChange
from plimsoll_exporter.keeper.income import IncomeCount
from plimsoll_exporter.keeper.tally import INCOME_USD, Tally

ENOUGH = 1100
"""Seconds after which the income history was asked."""


def pay(scene: Scene, amount: str, *, event: bool = True, row: bool = True) -> AccountUpdate:
    """Pay or receive funding at the exchange; gives its event."""
    account, time_ms, change = scene.account, scene.account.stamp(), Decimal(amount)
    if row:
        account.rows.append(
            Income(
                kind="FUNDING_FEE",
                asset="USDT",
                amount=change,
                symbol="BTCUSDT",
                time_ms=time_ms - 409,
                transaction_id=str(time_ms),
                trade_id="",
            )
        )
    told = account.credit({"USDT": change}, time_ms, "FUNDING_FEE", (), change=change)
    if event:
        account.tell(told)
    return told


def funding(scene: Scene) -> Decimal:
    """What is shown."""
    return ledger(scene).income_usd.get("funding_fee", Decimal(0))


@pytest.mark.no_cover  # hours pass, and shorter tests come by the same lines
async def test_funding_counts_at_once_and_the_history_adds_nothing(tmp_path: Path):
    """Two equal payments are two, by their events already; the history and a restart confirm them."""
    async with remembering(tmp_path) as first:
        await first.pass_time(12)
        told = pay(first, "-7")
        assert funding(first) == -7
        pay(first, "-7")
        first.account.tell(told)
        assert funding(first) == -14
        assert ledger(first).flow_usd == {}
    async with remembering(tmp_path, after=first) as second:
        await second.pass_time(ENOUGH)
        assert funding(second) == -14
        await second.pass_time(ENOUGH)
        assert funding(second) == -14


async def test_funding_whose_event_is_lost_counts_by_the_history(tmp_path: Path):
    """A payment of which no event told is in the history, beside one that an event told."""
    async with remembering(tmp_path) as scene:
        await scene.pass_time(12)
        pay(scene, "3")
        pay(scene, "-2", event=False)
        assert funding(scene) == 3
        await scene.pass_time(ENOUGH)
        assert funding(scene) == 1


@pytest.mark.parametrize("seed", range(30))
def test_events_and_rows_in_any_order_count_each_payment_once(seed: int):
    """Whichever comes first, lost events, repeated answers, restarts: the sum is that of the payments."""
    chance = random.Random(seed)  # noqa: S311 - an order, not secrets
    tally = Tally("a")
    seen = IncomeCount("a", tally)
    wallet, total = Decimal(1000), Decimal(0)
    rows: list[Income] = []
    events: list[AccountUpdate] = []
    for number in range(8):
        amount = Decimal(chance.choice(("-7", "-7.0", "3")))
        wallet, total = wallet + amount, total + amount
        time_ms = 1_000_000 + (number // 3) * 3_600_000 + chance.randrange(0, 2000)
        rows.append(
            Income(
                kind="FUNDING_FEE",
                asset="USDT",
                amount=amount,
                symbol="BTCUSDT",
                time_ms=time_ms - time_ms % 1000,
                transaction_id=str(number),
                trade_id="",
            )
        )
        if chance.random() < 0.7:
            change = BalanceChange(asset="USDT", wallet=wallet, cross_wallet=wallet, change=amount)
            events.append(
                AccountUpdate(time_ms=time_ms, event_ms=time_ms, reason="FUNDING_FEE", balances=(change,), positions=())
            )
    late = [event for event in events if chance.random() < 0.5]
    for event in events:
        if event not in late:
            seen.funding(event, lambda _asset, amount: amount, after_ms=0)
    for _ in range(2):
        seen.rows(rows, lambda _asset, amount: amount, after_ms=0)
    for event in late + events:
        seen.funding(event, lambda _asset, amount: amount, after_ms=0)
    assert tally.counts(INCOME_USD)["funding_fee"].value == total
