"""Moves a running stack's world at random, by a seed, and breaks what can break on the way to the exporter.

Everything goes through the simulator's control interface, as a colleague with an app on the phone and a bad network
would do it. Orders and leverage are changed on symbols that the account keeps holding.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal

from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.market import Symbol
from stack_harness import Stack

MOST_ORDERS = 6


class Driver:
    """One seeded source of trouble.

    Args:
        running: The stack.
        seed: Two drivers of one seed choose alike.
        keep: Symbols that each account holds before the drive: they are traded, but never to flat.
        others: Symbols that are opened and closed.
    """

    def __init__(self, running: Stack, seed: int, *, keep: dict[str, list[str]], others: dict[str, list[str]]) -> None:
        self._running, self._keep, self._others = running, keep, others
        self._random = random.Random(seed)  # noqa: S311 - a game, not a secret
        self.done: list[str] = []

    async def run(self, pause: float) -> None:
        """Do something every ``pause`` real seconds, on average, until cancelled; no stop closes what must stay."""
        await self._running.sim("acts", margin=False, triggers=False)
        while True:
            await self.act()
            await asyncio.sleep(self._random.uniform(0.2, 1.8) * pause)

    async def act(self) -> None:
        """Do one thing: mostly a change, sometimes a fault and a change right behind it."""
        account = self._running.simulator.world.accounts[self._random.choice(sorted(self._keep))]
        if self._random.random() < 0.35:
            await self._do(self._random.choice(FAULTS), account)
        await self._do(
            self._random.choices([each for each, _ in CHANGES], [weight for _, weight in CHANGES])[0], account
        )

    async def peace(self) -> None:
        """End every fault."""
        await self._running.sim_delete("fail")
        for name in self._keep:
            await self._running.sim("event", account=name, drop=0, repeat=0, reorder=0)

    async def _do(self, action: Callable[[Driver, Account], Awaitable[None]], account: Account) -> None:
        self.done.append(f"{self._running.simulator.world.clock.now():.1f} {action.__name__} {account.name}")
        await action(self, account)

    async def trade(self, account: Account) -> None:
        """Make a position that stays a little larger or smaller."""
        symbol = self._random.choice(self._keep[account.name])
        held = [each for each in account.open_positions() if each.symbol == symbol]
        position = self._random.choice(held)
        grow = abs(position.amount * self._mark(symbol)) < self._usual(account)
        buy = (position.amount > 0) is grow
        await self._trade(account, symbol, "BUY" if buy else "SELL", position.side, abs(position.amount) * self._part())

    async def open_or_close(self, account: Account) -> None:
        """Open a position in another symbol, or close it whole."""
        symbol = self._random.choice(self._others[account.name])
        held = [each for each in account.open_positions() if each.symbol == symbol]
        if held:
            await self._trade(
                account, symbol, "SELL" if held[0].amount > 0 else "BUY", held[0].side, abs(held[0].amount)
            )
            return
        side = self._random.choice(account.sides)
        buy = side == "LONG" or (side == "BOTH" and self._random.random() < 0.5)
        quantity = self._usual(account) / self._mark(symbol) * self._part()
        await self._trade(account, symbol, "BUY" if buy else "SELL", side, quantity)

    async def turn_round(self, account: Account) -> None:
        """Trade a one-way position through flat to the other side."""
        if account.hedge:
            return
        symbol = self._random.choice(self._others[account.name])
        position = account.position(symbol)
        if position.amount:
            side = "SELL" if position.amount > 0 else "BUY"
            await self._trade(account, symbol, side, "BOTH", abs(position.amount) * 2)

    async def transfer(self, account: Account) -> None:
        """Deposit or withdraw a little."""
        assets = [asset for asset, amount in account.wallets.items() if amount > 0]
        asset = self._random.choice(assets)
        share = Decimal(self._random.randint(-20, 25) or 1) / 1000
        amount = (account.wallets[asset] * share).quantize(Decimal("0.00000001"))
        await self._running.sim("transfer", account=account.name, asset=asset, amount=str(amount), event=self._told())

    async def place(self, account: Account) -> None:
        """Rest a limit order or a stop."""
        if len(account.open_orders()) + len(account.open_algo_orders()) >= MOST_ORDERS:
            await self.cancel(account)
            return
        symbol = self._random.choice(self._keep[account.name])
        position = self._random.choice([each for each in account.open_positions() if each.symbol == symbol])
        below = str((self._mark(symbol) * Decimal("0.8")).quantize(self._symbol(symbol).tick))
        opening = self._random.random() < 0.5
        buy = (position.amount > 0) is opening
        shared = {
            "account": account.name,
            "symbol": symbol,
            "side": "BUY" if buy else "SELL",
            "position_side": position.side,
            "quantity": str(self._stepped(symbol, abs(position.amount) * self._part())),
        }
        if opening:
            await self._running.sim("order", type="LIMIT", price=below, event=self._told(), **shared)
        else:
            await self._running.sim("order", type="STOP_MARKET", trigger_price=below, reduce_only=True, **shared)

    async def cancel(self, account: Account) -> None:
        """Cancel an order."""
        orders: list[Order | AlgoOrder] = [*account.open_orders(), *account.open_algo_orders()]
        if not orders:
            return
        order = self._random.choice(orders)
        number = {"algo_id": order.algo_id} if isinstance(order, AlgoOrder) else {"order_id": order.order_id}
        await self._running.sim("cancel", account=account.name, event=self._told(), **number)

    async def funding(self, account: Account) -> None:
        """Settle funding of a symbol, for everybody."""
        symbol = self._random.choice(self._keep[account.name])
        await self._running.sim("funding", symbol=symbol, rate="0.0003", event=self._told())

    async def leverage(self, account: Account) -> None:
        """Change a leverage setting; the exchange always tells it."""
        symbol = self._random.choice(self._keep[account.name])
        await self._running.sim("config", account=account.name, symbol=symbol, leverage=self._random.randint(4, 20))

    async def jump(self, account: Account) -> None:
        """Let a price jump by up to a hundredth."""
        symbol = self._random.choice(self._keep[account.name] + self._others[account.name])
        mark = self._mark(symbol) * Decimal(self._random.randint(990, 1010)) / 1000
        await self._running.sim("price", symbol=symbol, mark=str(mark), push=True)

    async def lose(self, account: Account) -> None:
        """Lose the next events."""
        await self._running.sim("event", account=account.name, drop=self._random.randint(1, 4))

    async def disorder(self, account: Account) -> None:
        """Send the next events twice, or the last first."""
        how = self._random.choice(("repeat", "reorder"))
        await self._running.sim("event", account=account.name, **{how: self._random.randint(2, 5)})

    async def cut(self, account: Account) -> None:
        """Break a stream off."""
        await self._stream(account, action="cut")

    async def silence(self, account: Account) -> None:
        """Let a stream stay open and deliver nothing for a moment."""
        await self._stream(account, action="silence", seconds=self._random.uniform(0.1, 1.5))

    async def delay(self, account: Account) -> None:
        """Deliver a stream late, or in time again."""
        await self._stream(account, action="delay", seconds=self._random.choice((0.05, 0.3, 0.0)))

    async def refuse(self, account: Account) -> None:
        """Break a stream off and refuse new connections for a moment."""
        await self._stream(account, action="refuse", seconds=self._random.uniform(0.1, 0.6))
        await self._stream(account, action="cut")

    async def expire(self, account: Account) -> None:
        """End the account's listen key."""
        await self._running.sim("stream", target=account.name, action="expire-key")

    async def fail(self, account: Account) -> None:
        """Let a few REST calls fail."""
        answer = self._random.choice(ANSWERS)
        endpoint = self._random.choice(("*", "/fapi/v3/account", "/fapi/v3/positionRisk", "/fapi/v1/openOrders"))
        times = self._random.randint(1, 4)
        await self._running.sim("fail", endpoint=endpoint, account=account.name, times=times, **answer)

    async def _stream(self, account: Account, **fields: object) -> None:
        target = self._random.choice((account.name, account.name, "market"))
        await self._running.sim("stream", target=target, **fields)

    async def _trade(self, account: Account, symbol: str, side: str, position_side: str, quantity: Decimal) -> None:
        amount = self._stepped(symbol, quantity)
        fields = {"symbol": symbol, "side": side, "position_side": position_side, "quantity": str(amount)}
        await self._running.sim("trade", account=account.name, event=self._told(), **fields)

    def _told(self) -> bool:
        """Whether a change comes with its events."""
        return self._random.random() < 0.85

    def _part(self) -> Decimal:
        return Decimal(self._random.randint(10, 50)) / 100

    def _usual(self, account: Account) -> Decimal:
        """About how large positions are, in USD."""
        return sum((amount for asset, amount in account.wallets.items() if asset.startswith("USD")), Decimal(0)) / 5

    def _mark(self, symbol: str) -> Decimal:
        return self._running.simulator.world.market.quotes[symbol].mark

    def _symbol(self, symbol: str) -> Symbol:
        return self._running.simulator.world.market.symbols[symbol]

    def _stepped(self, symbol: str, quantity: Decimal) -> Decimal:
        step = self._symbol(symbol).step
        return max(quantity // step * step, step)


CHANGES = (
    (Driver.trade, 5),
    (Driver.open_or_close, 4),
    (Driver.turn_round, 1),
    (Driver.transfer, 2),
    (Driver.place, 3),
    (Driver.cancel, 2),
    (Driver.funding, 1),
    (Driver.leverage, 1),
    (Driver.jump, 2),
)
FAULTS = (
    Driver.lose,
    Driver.lose,
    Driver.disorder,
    Driver.cut,
    Driver.silence,
    Driver.delay,
    Driver.refuse,
    Driver.expire,
    Driver.fail,
)
ANSWERS: tuple[dict[str, object], ...] = (
    {"status": 500, "body": "oops"},
    {"status": 503, "body": {"code": -1, "msg": "Unknown error, please check your request or try again later."}},
    {"status": 502, "body": "<html><body>Bad Gateway</body></html>"},
    {"status": 200, "body": "<html>maintenance</html>"},
    {"status": 429, "body": {"code": -1003, "msg": "Too many requests."}, "headers": {"Retry-After": "2"}},
    {"status": 418, "body": {"code": -1003, "msg": "Way too many requests."}, "headers": {"Retry-After": "3"}},
    {"reset": True},
    {"delay": 0.3},
)
