"""What is seen of an account that was closed and is to stay so."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk_scene import SYMBOL, DeskScene
from plimsoll.errors import Malformed
from plimsoll_enforcer.trading.finder import ALGO_SECONDS, Finder
from virtual_time import play


def test_positions_and_orders_are_found(tmp_path: Path) -> None:
    """Where a position or a plain order is; and once nothing is, the balance of that moment is kept."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        finder = Finder(account, account.clock)
        plain = account.rest("ETHUSDT")
        assert await finder.symbols() == {SYMBOL, "ETHUSDT"}
        assert finder.balance is None
        account.trade(SYMBOL, "-100", "100", fee="0")
        account.cancel(plain)
        assert await finder.symbols() == frozenset()
        assert finder.balance == (await account.wallet()).margin_balance

    play(plot())


def test_conditional_orders_are_asked_for_now_and_then(tmp_path: Path) -> None:
    """They hold nothing before they trigger: with the first look, after half a minute, and when told to forget."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        account.trade(SYMBOL, "-100", "100", fee="0")
        finder = Finder(account, account.clock)
        assert await finder.symbols() == frozenset()
        account.rest("ETHUSDT", algo=True)
        assert await finder.symbols() == frozenset()
        await account.clock.sleep(ALGO_SECONDS)
        assert await finder.symbols() == {"ETHUSDT"}
        assert await finder.symbols() == frozenset()
        finder.forget()
        assert await finder.symbols() == {"ETHUSDT"}

    play(plot())


def test_a_broken_answer_hides_nothing_and_is_not_taken_for_a_clean_one(tmp_path: Path) -> None:
    """Sound positions and conditional orders are found all the same; where there are none, nobody knows."""

    async def plot() -> None:
        account = DeskScene(tmp_path).account
        account.broken.add("wallet")
        finder = Finder(account, account.clock)
        assert await finder.symbols() == {SYMBOL}
        account.trade(SYMBOL, "-100", "100", fee="0")
        stop = account.rest("ETHUSDT", algo=True)
        assert await finder.symbols() == {"ETHUSDT"}
        account.cancel(stop)
        with pytest.raises(Malformed):
            await finder.symbols()
        assert finder.balance is None

    play(plot())
