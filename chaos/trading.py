"""What happens in the accounts meanwhile: trades, orders, money in and out, settings, refused orders; by chance.

Money and refusals are counted here: they are what the exporter's ledger must know, each once.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from urllib.parse import urlencode

import aiohttp

from chaos.configuration import ACCOUNTS
from chaos.exchange import FAR_BELOW, MAIN, SMALL
from chaos.stage import ChaosStage
from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, AlgoOrder, Order
from simulator_client import SimulatorClient

TOO_LARGE = 40
"""Times an account's large position: no margin suffices."""

REFUSED = -2019
MOST_ORDERS = 5


class Trading:
    """Acts upon accounts that are not left alone; ``told`` is the share of changes that come with their events.

    Attributes:
        alone: Accounts that are in a breach, or being released.
        money: What came into each account and left it, by the direction ``in`` and ``out``.
        refused: How many orders of each account were refused and reported.
    """

    def __init__(self, stage: ChaosStage, chance: random.Random, told: float) -> None:
        self._stage, self._chance, self._share = stage, chance, told
        self.alone: set[str] = set()
        self.money: dict[str, dict[str, Decimal]] = {name: {"in": Decimal(0), "out": Decimal(0)} for name in ACCOUNTS}
        self.refused: Counter[str] = Counter()
        self._ordering: set[asyncio.Task[None]] = set()

    def act(self) -> None:
        """Do one thing."""
        free = [name for name in ACCOUNTS if name not in self.alone]
        if not free:
            return
        name = self._chance.choice(free)
        kinds = (self.trade, self.trade, self.trade, self.rest, self.cancel, self.transfer, self.leverage, self.refuse)
        kind = self._chance.choice((*kinds, self.refuse, self.jump))
        self._stage.verdicts.acts[kind.__name__] += 1
        kind(name)

    async def settled(self) -> None:
        """Wait until every order on its way was answered."""
        await asyncio.gather(*self._ordering)

    def trade(self, name: str) -> None:
        """Make the small position larger or smaller."""
        account, symbol = self._account(name), SMALL[name]
        held = account.position(symbol).amount
        large = abs(held) * self._mark(symbol) > ACCOUNTS[name] / 10
        side = ("SELL" if held > 0 else "BUY") if large else self._chance.choice(("BUY", "SELL"))
        with self._stage.chaotic.acting() as world:
            outside.trade(world, account, symbol, side, self._quantity(name), event=self._told())

    def rest(self, name: str) -> None:
        """Rest an entry or a stop far below."""
        account, symbol = self._account(name), SMALL[name]
        if len(account.open_orders()) + len(account.open_algo_orders()) >= MOST_ORDERS:
            self.cancel(name)
            return
        tick = self._stage.chaotic.world.market.symbols[symbol].tick
        price, quantity = self._mark(symbol) * FAR_BELOW // tick * tick, self._quantity(name)
        shared: dict[str, object] = {
            "account": name,
            "symbol": symbol,
            "quantity": f"{quantity:f}",
            "event": self._told(),
        }
        if self._chance.random() < 0.5:  # noqa: PLR2004 - either
            self._stage.chaotic.sim("order", side="BUY", price=f"{price:f}", **shared)
        else:
            stop: dict[str, object] = {"type": "STOP_MARKET", "trigger_price": f"{price:f}", "reduce_only": True}
            self._stage.chaotic.sim("order", side="SELL", **stop, **shared)

    def cancel(self, name: str) -> None:
        """Cancel a resting order; the stop of the large position stays."""
        account = self._account(name)
        resting: list[Order | AlgoOrder] = [*account.open_orders(), *account.open_algo_orders()]
        found = [order for order in resting if order.symbol == SMALL[name]]
        if found:
            with self._stage.chaotic.acting() as world:
                outside.cancel(world, account, self._chance.choice(found), event=self._told())

    def transfer(self, name: str) -> None:
        """Move a hundredth or some of the wallet in or out."""
        share = Decimal(self._chance.choice((-1, 1)) * self._chance.randint(10, 30)) / 1000
        amount = (self._account(name).wallets["USDT"] * share).quantize(Decimal("0.01"))
        self.move(name, amount, event=self._told())

    def move(self, name: str, amount: Decimal, *, event: bool = True) -> None:
        """Move money, and count it."""
        with self._stage.chaotic.acting() as world:
            outside.transfer(world, self._account(name), "USDT", amount, event=event)
        self.money[name]["in" if amount > 0 else "out"] += abs(amount)
        self._stage.verdicts.tell(f"money: {name} {amount}, {'told' if event else 'not told'}")

    def leverage(self, name: str) -> None:
        """Change a setting."""
        setting = self._chance.randint(4, 10)
        self._stage.chaotic.sim("config", account=name, symbol=SMALL[name], leverage=setting)

    def jump(self, name: str) -> None:
        """A price jumps by up to a hundredth."""
        price = self._mark(SMALL[name]) * Decimal(self._chance.randint(990, 1010)) / 1000
        self._stage.chaotic.sim("price", symbol=SMALL[name], mark=f"{price:.6f}", push=True)

    def refuse(self, name: str) -> None:
        """The account's bot sends an order that no margin suffices for, and reports what it is told."""
        self._ordering.add(task := asyncio.create_task(self._order(name)))
        task.add_done_callback(self._ordering.discard)

    async def _order(self, name: str) -> None:
        stage, symbol = self._stage, MAIN[name][0]
        order = {"symbol": symbol, "side": "BUY", "type": "MARKET"}
        order["quantity"] = f"{Decimal(MAIN[name][1]) * TOO_LARGE / 10:f}"
        client = SimulatorClient(stage.simulator, stage.http, name)
        body = urlencode({**order, "timestamp": stage.chaotic.world.time_ms(), "recvWindow": 60_000})
        headers = client.key(trading=True) | {"Content-Type": "application/x-www-form-urlencoded"}
        signed = f"{body}&signature={client.sign(body, trading=True)}"
        try:
            reply = await client.call("POST", "/fapi/v1/order", headers, signed)
        except (aiohttp.ClientError, TimeoutError, ValueError):  # the last is of a burst, whose answers are no JSON
            return  # nobody knows what became of it; the bot does not either
        if isinstance(reply.body, dict) and reply.body.get("code") == REFUSED:
            self.refused[name] += 1
            stage.reporters[name].report(None, code=REFUSED, message=str(reply.body["msg"]), intent="open", **order)

    def _account(self, name: str) -> Account:
        return self._stage.chaotic.account(name)

    def _mark(self, symbol: str) -> Decimal:
        return self._stage.chaotic.mark(symbol)

    def _quantity(self, name: str) -> Decimal:
        """Worth one to three hundredths of the account."""
        symbol = SMALL[name]
        step = self._stage.chaotic.world.market.symbols[symbol].step
        worth = Decimal(ACCOUNTS[name] * self._chance.randint(10, 30)) / 1000
        return max(step, worth / self._mark(symbol) // step * step)

    def _told(self) -> bool:
        """Whether a change comes with its events."""
        return self._chance.random() < self._share
