"""Whatever happens, an account that is shown as live is never wrong for longer than its allowed age."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from fake_exchange import FakeAccount
from keeper_scene import Scene, watching
from manual_clock import settle
from plimsoll.errors import OutcomeUnknown, Unavailable

STEPS = 120
METHODS = ("wallet", "positions", "plain_orders", "algo_orders", "settings", "income")


class Chaos:
    """Random life of one account; events may be lost, the stream cut, endpoints broken."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.random = scene, random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.account: FakeAccount = scene.account
        self.wrong_since: float | None = None

    async def step(self) -> None:
        """Do one thing, let some time pass, look at the invariant."""
        action = self.random.choices(
            [self.trade, self.transfer, self.order, self.price, self.lose, self.cut, self.fail, self.mend],
            [6, 2, 3, 4, 2, 1, 1, 3],
        )[0]
        action()
        await settle()
        self.check()
        for _ in range(self.random.choice([1, 2, 10, 40])):
            await self.scene.pass_time(self.random.choice([0.3, 1.0]))
            self.check()

    def trade(self) -> None:
        """Trade, told as it should be."""
        symbol = self.random.choice(["BTCUSDT", "ETHUSDT", "SOLUSDT"])
        asset, fee = self.random.choice([("USDT", "0.4"), ("BNB", "0.01")])
        amount = self.random.choice(["1", "-1", "2", "-3"])
        self.account.trade(symbol, amount, str(self.scene.market.prices[symbol]), fee=fee, fee_asset=asset)

    def transfer(self) -> None:
        """Move money."""
        self.account.transfer(self.random.choice(["100", "-70"]))

    def order(self) -> None:
        """Place or cancel."""
        if self.account.orders and self.random.random() < 0.5:
            self.account.cancel(self.random.choice(list(self.account.orders.values())))
        else:
            self.account.place(self.random.choice(["BTCUSDT", "SOLUSDT"]), algo=self.random.random() < 0.5)

    def price(self) -> None:
        """Move a price."""
        symbol = self.random.choice(list(self.scene.market.prices))
        self.scene.market.prices[symbol] = Decimal(self.random.randint(80, 120))

    def lose(self) -> None:
        """Do something of which the stream tells nothing."""
        self.account.silent = True
        self.random.choice([self.trade, self.transfer, self.order])()
        self.account.silent = False

    def cut(self) -> None:
        """Cut the stream; it opens again, or at the next ``mend``."""
        self.account.stream.cut()
        if self.random.random() < 0.7:
            self.account.stream.open()

    def fail(self) -> None:
        """Break an endpoint."""
        error = self.random.choice([Unavailable("HTTP 502"), OutcomeUnknown("timeout")])
        self.account.fail_on(self.random.choice(METHODS), error)

    def mend(self) -> None:
        """Mend everything."""
        self.account.mend()
        if not self.account.stream.is_open:
            self.account.stream.open()

    def check(self) -> None:
        """The invariant."""
        now, view = self.scene.clock.monotonic(), self.scene.view()
        if not self.scene.is_live() or self.scene.agrees():
            self.wrong_since = None
            return
        self.wrong_since = now if self.wrong_since is None else self.wrong_since
        assert now - self.wrong_since <= view.allowed_age


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.no_cover) for seed in range(1, 6))])
async def test_a_live_account_is_never_wrong_beyond_its_allowed_age(seed: int):
    """Random trades, transfers, orders, losses, cuts, failures and time; at the end all is live and right."""
    async with watching() as scene:
        scene.account.transfer("50", "BNB")
        chaos = Chaos(scene, seed)
        for _ in range(STEPS):
            await chaos.step()
        chaos.mend()
        await scene.pass_time(70)
        assert scene.is_live()
        assert scene.agrees()
        await scene.pass_time(920)
        assert scene.agrees()
        assert scene.view().book.orders == scene.account.orders
