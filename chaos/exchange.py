"""The simulated exchange of a chaos run: a world that outlives its server, every fact of it remembered.

Only what is done within ``acting`` comes from outside; whatever makes a position larger beside that is our own doing,
and so is every order whose id is the enforcer's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from decimal import Decimal

from chaos.verdicts import CAUSE, GROWTH, REDUCING, Verdicts
from plimsoll.clock import SystemClock
from plimsoll_simulator import outside
from plimsoll_simulator.account import Account
from plimsoll_simulator.control.fields import Fields
from plimsoll_simulator.control.routes import ACTIONS
from plimsoll_simulator.control.truth import account_truth
from plimsoll_simulator.digits import exact
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import prepare
from plimsoll_simulator.scenarios.placing import hold, protect
from plimsoll_simulator.scenarios.prices import wander
from plimsoll_simulator.server import Simulator, serving
from plimsoll_simulator.world import Event, World
from truth_history import History

ENFORCERS = "plim-"
"""How the client ids of the enforcer's orders begin."""

MAIN = {"source": ("BTCUSDT", "6"), "eon": ("ETHUSDT", "22"), "live": ("BNBUSDT", "7.5")}
"""The large position of each account, some 1.4 times its equity; its symbol is nobody else's."""

SMALL = {"source": "SOLUSDT", "eon": "DOTUSDT", "live": "ADAUSDT"}
"""The symbol in which each account trades."""

FUNDING_EVERY = 60
FAR_BELOW = Decimal("0.6")
"""Of a mark: where stops and entries rest, beyond everything that happens."""


class ChaosExchange:
    """The world, and its server while there is one.

    Attributes:
        world: What is true.
        history: Every fact and when it was so.
        moving: While set, prices wander.
        pinned: Prices that stand where they are, by symbol.
        breached: The accounts that have lost more than they may and were not released since.
    """

    def __init__(self, seed: int, verdicts: Verdicts) -> None:
        self.world = World(clock=SystemClock(), seed=seed)
        with exact():
            self._story = replace(prepare(self.world, "calm"), step=self._step)
            self._furnish()
        self.history, self.moving = History(self.world), asyncio.Event()
        self.pinned: dict[str, Decimal] = {}
        self.breached: set[str] = set()
        self.exchange = Exchange(self.world)
        self._verdicts, self._outside = verdicts, 1  # what is there at first came from outside
        self._sizes: dict[tuple[str, str], Decimal] = {}
        self._known: set[tuple[str, int]] = set()
        self._serving, self._port = AsyncExitStack(), 0
        self.world.listeners.append(self._heard)
        self._look()
        self._outside = 0
        self.moving.set()

    async def start(self) -> Simulator:
        """Serve; the port stays that of the first time."""
        simulator = await self._serving.enter_async_context(serving(self.exchange, self._story, port=self._port))
        self._port = int(simulator.url.rpartition(":")[2])
        return simulator

    async def stop(self) -> None:
        """Stop serving: every connection ends, and nobody answers."""
        await self._serving.aclose()

    @contextmanager
    def acting(self) -> Iterator[World]:
        """Whatever changes within comes from outside, and is remembered."""
        self._look()
        self._outside += 1
        try:
            with exact():
                self.history.record()
                yield self.world
                self.history.record()
        finally:
            self._look()
            self._outside -= 1

    def sim(self, path: str, /, **fields: object) -> None:
        """One command of the control API, from outside; it needs no server."""
        self._command(f"POST /sim/{path}", fields)

    def end_faults(self) -> None:
        """End every fault of answers, streams and events."""
        self._command("DELETE /sim/fail", {})
        for name in self.world.accounts:
            self.sim("event", account=name, drop=0, repeat=0, reorder=0)

    def _command(self, name: str, fields: Mapping[str, object]) -> None:
        method, _, path = name.partition(" ")
        with self.acting():
            ACTIONS[method, path](self.exchange, Fields.parse(self.world, json.dumps(fields)))

    def account(self, name: str) -> Account:
        """An account as the exchange holds it."""
        return self.world.accounts[name]

    def equity(self, name: str) -> Decimal:
        """Of an account, by the exchange's books, in USD."""
        with exact():
            return Decimal(str(account_truth(self.world, self.account(name))["equity"]))

    def mark(self, symbol: str) -> Decimal:
        """The mark price of a symbol."""
        return self.world.market.quotes[symbol].mark

    def flat(self, name: str) -> bool:
        """Whether neither a position nor an order of any kind is left."""
        account = self.account(name)
        held = any(position.amount for position in account.positions.values())
        return not held and not account.open_orders() and not account.open_algo_orders()

    def open_main(self, name: str) -> None:
        """Let an account hold its large position, bought at the market, with a stop far below."""
        symbol, quantity = MAIN[name]
        with self.acting() as world:
            outside.trade(world, self.account(name), symbol, "BUY", Decimal(quantity))
            self._stop(name, symbol)

    def _furnish(self) -> None:
        for name, (symbol, quantity) in MAIN.items():
            account = self.account(name)
            account.positions.clear()
            account.algo_orders.clear()
            hold(self.world, account, symbol, quantity, str(self.mark(symbol)))
            self._stop(name, symbol)

    def _stop(self, name: str, symbol: str) -> None:
        tick = self.world.market.symbols[symbol].tick
        protect(self.world, self.account(name), symbol, f"{self.mark(symbol) * FAR_BELOW // tick * tick:f}")

    def _step(self, world: World, second: int) -> None:
        if not self.moving.is_set():
            return
        with self.acting():
            wander(world)
            for symbol, price in self.pinned.items():
                world.market.set_price(symbol, price)
            if second % FUNDING_EVERY == 0:
                outside.funding(world, "ETHUSDT")

    def _heard(self, _account: str, _event: Event) -> None:
        self._look()

    def _look(self) -> None:
        """Judge what has changed since the last look."""
        for name, account in self.world.accounts.items():
            for (symbol, side), position in account.positions.items():
                before = self._sizes.get((name, symbol), Decimal(0))
                grew = abs(position.amount) > abs(before) or position.amount * before < 0
                self._sizes[name, symbol] = position.amount
                if position.amount == before or self._outside:
                    continue
                expected = f"{name} {symbol} {side} no larger than {before}"
                self._verdicts.check(GROWTH, holds=not grew, expected=expected, seen=position.amount)
            self._look_at_orders(name, account)

    def _look_at_orders(self, name: str, account: Account) -> None:
        for number, order in list(account.orders.items())[-50:]:
            if (name, number) in self._known or not order.client_id.startswith(ENFORCERS):
                continue
            self._known.add((name, number))
            text = f"{order.client_id} {order.side} {order.quantity} {order.symbol}"
            self._verdicts.check(REDUCING, holds=order.reduce_only, expected="reduce-only", seen=text)
            self._verdicts.check(
                CAUSE, holds=name in self.breached, expected=f"no order, {name} is within its limit", seen=text
            )
