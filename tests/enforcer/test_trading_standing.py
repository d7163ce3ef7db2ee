"""What is seen of an account that was closed and is to stay so."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk_scene import SYMBOL, DeskScene
from plimsoll.errors import Malformed
from plimsoll_enforcer.trading.standing import ALGO_SECONDS, Standing
from virtual_time import play


def test_positions_and_orders_are_found(tmp_path: Path) -> None:
    """Where a position or a plain order is; and once nothing is, the balance of that moment is kept."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        standing = Standing(account, account.clock)
        plain = account.rest("ETHUSDT")
        assert await standing.symbols() == {SYMBOL, "ETHUSDT"}
        assert standing.balance is None
        account.trade(SYMBOL, "-100", "100", fee="0")
        account.cancel(plain)
        assert await standing.symbols() == frozenset()
        assert standing.balance == (await account.wallet()).margin_balance

    play(plot())


def test_conditional_orders_are_asked_for_now_and_then(tmp_path: Path) -> None:
    """They hold nothing before they trigger: with the first look, after half a minute, and when told to forget."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        account.trade(SYMBOL, "-100", "100", fee="0")
        standing = Standing(account, account.clock)
        assert await standing.symbols() == frozenset()
        account.rest("ETHUSDT", algo=True)
        assert await standing.symbols() == frozenset()
        await account.clock.sleep(ALGO_SECONDS)
        assert await standing.symbols() == {"ETHUSDT"}
        assert await standing.symbols() == frozenset()
        standing.forget()
        assert await standing.symbols() == {"ETHUSDT"}

    play(plot())


def test_a_broken_answer_hides_nothing_and_is_not_taken_for_a_clean_one(tmp_path: Path) -> None:
    """Sound positions and conditional orders are found all the same; where there are none, nobody knows."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        account.broken.add("wallet")
        standing = Standing(account, account.clock)
        assert await standing.symbols() == {SYMBOL}
        account.trade(SYMBOL, "-100", "100", fee="0")
        stop = account.rest("ETHUSDT", algo=True)
        assert await standing.symbols() == {"ETHUSDT"}
        account.cancel(stop)
        with pytest.raises(Malformed):
            await standing.symbols()
        assert standing.balance is None

    play(plot())
