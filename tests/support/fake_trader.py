"""A made-up exchange behind the write side's port: positions, orders, filters, and faults by call.

It is deterministic and knows no I/O; each call takes ``round_trip`` seconds of whatever loop it runs in and takes
effect in the middle of it. It also watches the one who trades: ``offences`` lists every closing order that was larger
than what that one was told, on the wrong side, or sent twice.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

import builders
from fake_rules import instrument
from fake_trader_faults import Fault, html, refusal
from plimsoll.errors import ExchangeError
from plimsoll.model.account import AccountSettings, KeyPermissions, PositionKey, PositionReport, SymbolSettings, Wallet
from plimsoll.model.market import AssetRate, ExchangeRules, Instrument, Mark
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

T = TypeVar("T")
ZERO = Decimal(0)
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT


@dataclass(kw_only=True)
class FakeTrader:
    """One account at the exchange; a ``Trader`` and a ``MarketReader``.

    Attributes:
        amounts: Signed base units by leg.
        depth: What the book gives one order at once, by symbol; without an entry everything.
        rest_fills: Seconds after which an order that rests at the mark price is filled; ``None`` is never.
        broken: Legs whose row in the answer about positions is broken.
        algo_reserves: Symbols whose protective conditional orders stand in the way of a close.
        placed: What orders of ours came to, by client id; found by ``find``.
        told: What the last answer about positions said.
        closing: Base units sent since then, by leg.
        meanwhile: Called with its name after each call took effect: the rest of the world.
    """

    hedge: bool = False
    round_trip: float = 0.02
    amounts: dict[PositionKey, Decimal] = field(default_factory=dict)
    isolated: frozenset[str] = frozenset()
    prices: dict[str, Decimal] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    depth: dict[str, Decimal] = field(default_factory=dict)
    rest_fills: float | None = 1.0
    broken: set[PositionKey] = field(default_factory=set)
    algo_reserves: set[str] = field(default_factory=set)
    plain: dict[int, Order] = field(default_factory=dict)
    algo: dict[int, Order] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sent: list[CloseOrder] = field(default_factory=list)
    placed: dict[str, Placed] = field(default_factory=dict)
    told: dict[PositionKey, Decimal] = field(default_factory=dict)
    closing: dict[PositionKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    offences: list[str] = field(default_factory=list)
    meanwhile: Callable[[str], None] = lambda _call: None
    prices_in_answers: bool = True
    _numbers: count[int] = field(default_factory=lambda: count(1000))
    _later: set[asyncio.Future[Any]] = field(default_factory=set)

    # What a test sets up and asks.

    def hold(self, symbol: str, amount: str, *, side: PositionSide = BOTH, mark: str = "100") -> None:
        """Open a position."""
        self.amounts[symbol, side] = Decimal(amount)
        self.list_symbol(symbol, mark)

    def list_symbol(self, symbol: str, mark: str = "100") -> None:
        """List a symbol."""
        self.prices.setdefault(symbol, Decimal(mark))
        self.instruments.setdefault(symbol, instrument(symbol))

    def rest(self, symbol: str, direction: Direction, quantity: str, **more: Any) -> Order:  # noqa: ANN401 - a builder's arguments
        """Place a plain order from outside."""
        self.list_symbol(symbol)
        order = builders.order(symbol, direction, quantity, order_id=next(self._numbers), **more)
        self.plain[order.order_id] = order
        return order

    def stop(self, symbol: str, direction: Direction, quantity: str, **more: Any) -> Order:  # noqa: ANN401 - a builder's arguments
        """Place a conditional order from outside."""
        self.list_symbol(symbol)
        order = builders.stop(symbol, direction, quantity, order_id=next(self._numbers), **more)
        self.algo[order.order_id] = order
        return order

    def change(self, key: PositionKey, amount: Decimal) -> None:
        """Let somebody else trade: liquidation, ADL, a stop, a bot."""
        self.amounts[key] = amount
        self._tighten(key)

    @property
    def open(self) -> dict[PositionKey, Decimal]:
        """What is held."""
        return {key: amount for key, amount in self.amounts.items() if amount}

    @property
    def flat(self) -> bool:
        """Whether nothing is left."""
        return not self.open and not self.plain and not self.algo

    async def arrived(self) -> None:
        """Let everything that is still on its way arrive."""
        while self._later:
            await asyncio.gather(*self._later)

    async def positions(self) -> tuple[PositionReport, ...]:
        """What is held."""
        answer = await self._do("positions", None, self._positions)
        if self.broken & set(self.open):
            raise html()
        self.told = {report.position.key: report.position.amount for report in answer}
        self.closing.clear()
        return answer

    async def sound_positions(self) -> tuple[PositionReport, ...]:
        """What is held, but for the rows that are broken."""
        answer = await self._do("sound_positions", None, self._positions)
        self.told = {report.position.key: report.position.amount for report in answer}
        self.closing.clear()
        return answer

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Plain orders."""
        return await self._do("plain_orders", symbol, lambda: _of(self.plain.values(), symbol))

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Conditional orders."""
        return await self._do("algo_orders", symbol, lambda: _of(self.algo.values(), symbol))

    async def settings(self) -> AccountSettings:
        """The position mode."""
        return await self._do("settings", None, lambda: builders.settings(hedge=self.hedge))

    async def find(self, symbol: str, client_id: str) -> Placed | None:
        """One of our orders."""
        return await self._do("find", symbol, lambda: self.placed.get(client_id))

    async def wallet(self) -> Wallet:
        """Nobody asks."""
        raise NotImplementedError

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """Nobody asks."""
        raise NotImplementedError

    async def key_permissions(self) -> KeyPermissions | None:
        """Nobody asks."""
        raise NotImplementedError

    async def asset_rates(self) -> tuple[AssetRate, ...]:
        """Nobody asks."""
        raise NotImplementedError

    async def rules(self) -> ExchangeRules:
        """Every instrument."""
        return await self._do(
            "rules", None, lambda: ExchangeRules(instruments=dict(self.instruments), weight_limit=2400)
        )

    async def marks(self) -> tuple[Mark, ...]:
        """Every mark price."""
        return tuple(Mark(symbol=symbol, price=price, time_ms=0) for symbol, price in self.prices.items())

    async def measure_clock(self) -> None:
        """The exchange's time."""
        await self._do("measure_clock", None, lambda: None)

    async def place(self, order: CloseOrder) -> Placed:
        """Take a closing order."""
        self._judge(order)
        self.sent.append(order)
        answer = await self._do("place", order.symbol, lambda: self._place(order), form=order.form)
        return answer if self.prices_in_answers else replace(answer, average_price=ZERO)

    async def cancel_order(self, symbol: str, order_id: int) -> None:
        """Cancel one plain order."""
        await self._do("cancel_order", symbol, lambda: _drop(self.plain, lambda each: each.order_id == order_id))

    async def cancel_plain(self, symbol: str) -> None:
        """Cancel a symbol's plain orders."""
        await self._do("cancel_plain", symbol, lambda: _drop(self.plain, lambda each: each.symbol == symbol))

    async def cancel_algo(self, algo_id: int) -> None:
        """Cancel one conditional order."""
        symbol = self.algo[algo_id].symbol if algo_id in self.algo else None
        await self._do("cancel_algo", symbol, lambda: _drop(self.algo, lambda each: each.order_id == algo_id))

    async def cancel_algos(self, symbol: str) -> None:
        """Cancel a symbol's conditional orders."""
        await self._do("cancel_algos", symbol, lambda: _drop(self.algo, lambda each: each.symbol == symbol))

    async def set_leverage(self, symbol: str, leverage: int) -> int:
        """Nobody asks."""
        raise NotImplementedError

    # How it works inside.

    async def _do(self, call: str, symbol: str | None, effect: Callable[[], T], *, form: OrderForm | None = None) -> T:
        self.calls.append(call)
        fault = next((fault for fault in self.faults if fault.meets(call, symbol, form)), Fault(call=call))
        # What is on its way arrives, whether or not the one who sent it still lives.
        arriving = asyncio.ensure_future(self._arrive(call, symbol, effect, fault))
        self._later.add(arriving)
        arriving.add_done_callback(self._later.discard)
        answer, error = await asyncio.shield(arriving)
        await asyncio.sleep(self.round_trip / 2 + fault.seconds)
        if error is not None:
            raise error
        assert answer is not None
        return answer[0]

    async def _arrive(
        self, call: str, symbol: str | None, effect: Callable[[], T], fault: Fault
    ) -> tuple[tuple[T] | None, ExchangeError | None]:
        """The exchange's part of a call: its answer in a tuple, and the error that its caller hears instead."""
        await asyncio.sleep(self.round_trip / 2)
        if fault.late is not None:
            self._later_on(fault.late, effect)
            return None, refusal(-1007)
        if fault.error is not None and not fault.executed:
            return None, fault.error
        before = self.depth.copy()
        if fault.share is not None and symbol is not None:
            step = self.instruments[symbol].quantity.step or ZERO
            self.depth[symbol] = self._largest(symbol) * fault.share // step * step
        try:
            answer = effect()
        except ExchangeError as error:
            return None, fault.error or error
        finally:
            self.depth = before
        self.meanwhile(call)
        return (answer,), fault.error

    def _largest(self, symbol: str) -> Decimal:
        return max((abs(amount) for (name, _), amount in self.amounts.items() if name == symbol), default=ZERO)

    def _later_on(self, seconds: float, effect: Callable[[], object]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            with suppress(ExchangeError):
                effect()

        task = asyncio.ensure_future(wait())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _positions(self) -> tuple[PositionReport, ...]:
        return tuple(self._report(key, amount) for key, amount in self.open.items() if key not in self.broken)

    def _report(self, key: PositionKey, amount: Decimal) -> PositionReport:
        symbol, side = key
        wallet = "10" if symbol in self.isolated else None
        position = builders.position(symbol, str(amount), position_side=side, isolated_wallet=wallet)
        price = self.prices[symbol]
        return PositionReport(
            position=position,
            mark_price=price,
            liquidation_price=None,
            maintenance_margin=abs(amount) * price / 100,
            position_margin=abs(amount) * price / 10,
            unrealized_pnl=ZERO,
        )

    def _judge(self, order: CloseOrder) -> None:
        key = (order.symbol, order.position_side)
        told = self.told.get(key, ZERO)
        closing = Direction.SELL if told > 0 else Direction.BUY
        self.closing[key] += order.quantity
        if order.client_id in {each.client_id for each in self.sent}:
            self.offences.append(f"{order.client_id} was sent twice")
        if told and order.direction is not closing:
            self.offences.append(f"{order} would increase {told}")
        if self.closing[key] > abs(told):
            self.offences.append(f"{order} makes {self.closing[key]} where {told} was read")

    def _place(self, order: CloseOrder) -> Placed:
        if order.client_id in self.placed:
            raise refusal(-4116)
        self._filters(order)
        quantity = self._reducible(order)
        rests = order.form is OrderForm.LIMIT_AT_MARK
        executed = ZERO if rests else min(quantity, self.depth.get(order.symbol, quantity))
        number = next(self._numbers)
        self._note(order, number, executed, "NEW" if rests else "FILLED" if executed == quantity else "EXPIRED")
        if rests:
            self._rest_ours(order, number, quantity)
        self._fill((order.symbol, order.position_side), executed)
        return self.placed[order.client_id]

    def _note(self, order: CloseOrder, number: int, executed: Decimal, status: str) -> None:
        self.placed[order.client_id] = Placed(
            order_id=number,
            client_id=order.client_id,
            symbol=order.symbol,
            status=status,
            executed=executed,
            average_price=self.prices[order.symbol] if executed else ZERO,
        )

    def _filters(self, order: CloseOrder) -> None:
        rules = self.instruments[order.symbol]
        grid = rules.market_quantity if order.form is OrderForm.MARKET else rules.quantity
        assert grid.least is not None
        assert grid.most is not None
        assert grid.step is not None
        if order.quantity < grid.least:
            raise refusal(-4004)
        if order.quantity > grid.most:
            raise refusal(-4005)
        if order.quantity % grid.step:
            raise refusal(-4023)
        if order.price is not None:
            self._band(order, order.price, rules)

    def _band(self, order: CloseOrder, price: Decimal, rules: Instrument) -> None:
        assert rules.price_up is not None
        assert rules.price_down is not None
        mark = self.prices[order.symbol]
        if order.direction is Direction.BUY and price > mark * rules.price_up:
            raise refusal(-4016)
        if order.direction is Direction.SELL and price < mark * rules.price_down:
            raise refusal(-4024)

    def _reducible(self, order: CloseOrder) -> Decimal:
        """How much of a closing order the position allows."""
        key = (order.symbol, order.position_side)
        if (order.position_side is BOTH) is self.hedge:
            raise refusal(-4061)
        amount = self.amounts.get(key, ZERO)
        closes = amount > 0 if order.direction is Direction.SELL else amount < 0
        held = abs(amount) if closes else ZERO
        same = [each for each in self.plain.values() if each.symbol == order.symbol]
        same = [each for each in same if each.direction is order.direction and each.position_side is key[1]]
        opening = sum((each.remaining for each in same if not each.reduce_only), ZERO)
        reserved = sum((each.remaining for each in same if each.reduce_only), ZERO)
        if order.symbol in self.algo_reserves and any(each.symbol == order.symbol for each in self.algo.values()):
            raise refusal(-2022)
        if held and opening:
            raise refusal(-4118)
        allowed = held - (ZERO if order.form is OrderForm.MARKET else reserved)
        if allowed <= 0 or (self.hedge and order.quantity > allowed):
            raise refusal(-2022)
        return min(order.quantity, allowed)

    def _rest_ours(self, order: CloseOrder, number: int, quantity: Decimal) -> None:
        self.plain[number] = builders.order(
            order.symbol,
            order.direction,
            str(quantity),
            order_id=number,
            client_id=order.client_id,
            position_side=order.position_side,
            reduce_only=True,
        )
        if self.rest_fills is not None:
            self._later_on(self.rest_fills, lambda: self._fill_resting(order, number))

    def _fill_resting(self, order: CloseOrder, number: int) -> None:
        resting = self.plain.pop(number, None)
        if resting is not None:
            key = (order.symbol, order.position_side)
            quantity = min(resting.quantity, abs(self.amounts[key]))
            self._note(order, number, quantity, "FILLED")
            self._fill(key, quantity)

    def _fill(self, key: PositionKey, quantity: Decimal) -> None:
        amount = self.amounts[key]
        self.amounts[key] = amount - quantity if amount > 0 else amount + quantity
        self._tighten(key)

    def _tighten(self, key: PositionKey) -> None:
        """What depends on a position goes with it."""
        if not self.amounts[key]:
            _drop(self.plain, lambda each: (each.symbol, each.position_side) == key and each.reduce_only)
            _drop(self.algo, lambda each: (each.symbol, each.position_side) == key and each.close_position)


def _of(orders: Iterable[Order], symbol: str | None) -> tuple[Order, ...]:
    return tuple(order for order in orders if symbol in {None, order.symbol})


def _drop(orders: dict[int, Order], goes: Callable[[Order], bool]) -> None:
    for number in [number for number, order in orders.items() if goes(order)]:
        del orders[number]
