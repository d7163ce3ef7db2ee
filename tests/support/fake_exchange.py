"""A made-up exchange behind the port: accounts that answer consistently over REST and stream, and break when told to.

``FakeAccount`` is the truth: its methods change it and tell the stream, unless the test withholds the event. Nothing
here waits for real time; without ``latency`` every answer comes at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import builders
from fake_market import SYMBOLS, FakeMarket, Faulty
from manual_clock import ManualClock
from plimsoll.errors import Refused
from plimsoll.exchange.port import AccountSink
from plimsoll.model.account import (
    ZERO,
    AccountSettings,
    Balance,
    Income,
    KeyPermissions,
    Position,
    PositionKey,
    PositionReport,
    SymbolSettings,
    Wallet,
)
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    BalanceChange,
    Fill,
    OrderUpdate,
    PositionChange,
)
from plimsoll.model.market import Bracket
from plimsoll.model.orders import Order, OrderKey
from plimsoll.model.terms import Direction, MarginMode, OrderBook, PositionSide
from plimsoll.state.book import Book

BOTH = PositionSide.BOTH

DIGITS = Decimal("0.00000001")
"""To which the exchange rounds money and entry prices."""


@dataclass
class FakeStream:
    """A private stream that opens when the test says so.

    Attributes:
        sink: Where it delivers.
        distrusted: Why it was distrusted.
        running: How many times it was started.
        reopens: Whether it opens at once when started and after a distrust.
    """

    sink: AccountSink
    reopens: bool = True
    distrusted: list[str] = field(default_factory=list)
    running: int = 0
    is_open: bool = False

    async def run(self) -> None:
        """Stay until cancelled."""
        self.running += 1
        self.is_open = False
        if self.reopens:
            self.open()
        await asyncio.Event().wait()

    def open(self) -> None:
        """The socket opens."""
        self.is_open = True
        self.sink.stream_opened("path")

    def cut(self, reason: str = "cut by the test") -> None:
        """The socket is lost."""
        self.is_open = False
        self.sink.stream_lost(reason)

    def distrust(self, reason: str) -> None:
        """Reopen on the next turn of the loop, as the real one does."""
        self.distrusted.append(reason)
        asyncio.get_running_loop().call_soon(self._reopen, reason)

    def _reopen(self, reason: str) -> None:
        if self.is_open:
            self.cut(reason)
            if self.reopens:
                self.open()

    def tell(self, event: AccountEvent) -> None:
        """Deliver an event, if the stream is open."""
        if self.is_open:
            self.sink.stream_event(event)


class FakeAccount(Faulty):
    """One account at the exchange; an ``AccountReader``, and the truth that the product should show.

    Attributes:
        silent: Events are lost.
        ended: How single conditional orders are answered, by id; others do not exist.
        frozen: What REST shows instead of the truth, while set: it lags.
    """

    def __init__(self, clock: ManualClock, market: FakeMarket, wallet: str = "10000") -> None:
        super().__init__(clock)
        self.market = market
        self.stream: FakeStream | None = None
        self.silent = False
        self.last_ms = 0
        start = self.stamp()
        self.balances = {
            "USDT": builders.balance("USDT", wallet, updated_ms=start),
            "BNB": builders.balance("BNB", "0", updated_ms=0),
        }
        self.positions_held: dict[PositionKey, Position] = {}
        self.orders: dict[OrderKey, Order] = {}
        self.mode: AccountSettings = builders.settings()
        self.leverage = dict.fromkeys(SYMBOLS, 10)
        self.tables: dict[str, tuple[Bracket, ...]] = dict.fromkeys(SYMBOLS, (builders.bracket(),))
        self.rows: list[Income] = []
        self.permissions: KeyPermissions | None = None
        self.numbers = 0
        self.ended: dict[int, AlgoUpdate] = {}
        self.frozen: tuple[dict[str, Balance], dict[PositionKey, Position], dict[OrderKey, Order]] | None = None

    def stamp(self) -> int:
        """A transaction time of its own."""
        self.last_ms = max(self.last_ms + 1, self.market.now_ms())
        return self.last_ms

    def freeze(self) -> None:
        """Let REST lag behind from now on."""
        self.frozen = (dict(self.balances), dict(self.positions_held), dict(self.orders))

    def thaw(self) -> None:
        """Let REST tell the truth again."""
        self.frozen = None

    def open_stream(self, sink: AccountSink) -> FakeStream:
        """Make the private stream."""
        self.stream = FakeStream(sink)
        return self.stream

    def tell(self, *events: AccountEvent) -> None:
        """Send events."""
        if self.stream is not None and not self.silent:
            for event in events:
                self.stream.tell(event)

    def trade(
        self,
        symbol: str,
        amount: str,
        price: str,
        *,
        fee: str = "0.5",
        fee_asset: str = "USDT",
        side: PositionSide = BOTH,
    ) -> tuple[OrderUpdate, AccountUpdate]:
        """Trade at a price: position, wallet and income change; gives the events it sends, the fill first."""
        time_ms, change, at = self.stamp(), Decimal(amount), Decimal(price)
        realized = self._move(symbol, side, change, at, time_ms)
        trade_id = self._number()
        parts = {"USDT": realized}
        parts[fee_asset] = parts.get(fee_asset, ZERO) - Decimal(fee)
        self._income("REALIZED_PNL", "USDT", realized, symbol, time_ms, str(trade_id))
        self._income("COMMISSION", fee_asset, -Decimal(fee), symbol, time_ms, str(trade_id))
        order = builders.order(
            symbol,
            Direction.BUY if change > 0 else Direction.SELL,
            str(abs(change)),
            "0",
            order_id=self._number(),
            type_="MARKET",
            executed=str(abs(change)),
            status="FILLED",
            updated_ms=time_ms,
        )
        fill = Fill(
            trade_id=trade_id,
            quantity=abs(change),
            price=at,
            realized_pnl=realized,
            commission=Decimal(fee),
            commission_asset=fee_asset,
        )
        told = OrderUpdate(time_ms=time_ms, event_ms=time_ms + 1, order=order, execution="TRADE", fill=fill)
        update = self.credit(parts, time_ms, "ORDER", (self.row(symbol, side),))
        self.tell(told, update)
        return told, update

    def transfer(self, amount: str, asset: str = "USDT", kind: str = "TRANSFER") -> AccountUpdate:
        """Move money in or out (or pay funding); gives the event it sends."""
        time_ms = self.stamp()
        self._income(kind, asset, Decimal(amount), "", time_ms, "")
        update = self.credit({asset: Decimal(amount)}, time_ms, "DEPOSIT", (), change=Decimal(amount))
        self.tell(update)
        return update

    def place(self, symbol: str, *, algo: bool = False, quantity: str = "1", price: str = "50") -> Order:
        """Place an order that rests, plain or conditional."""
        time_ms = self.stamp()
        made = builders.stop if algo else builders.order
        order = replace(
            made(symbol, quantity=quantity, order_id=self._number()), price=Decimal(price), updated_ms=time_ms
        )
        self.orders[order.key] = order
        self.tell(self._order_event(order))
        return order

    def cancel(self, order: Order) -> AccountEvent:
        """Cancel an order; gives the event it sends."""
        del self.orders[order.key]
        event = self._order_event(replace(order, status="CANCELED", updated_ms=self.stamp()))
        self.tell(event)
        return event

    def credit(
        self,
        parts: Mapping[str, Decimal],
        time_ms: int,
        reason: str,
        rows: tuple[PositionChange, ...],
        change: Decimal = ZERO,
    ) -> AccountUpdate:
        """Change wallets and give the event of it."""
        moved = []
        for asset, amount in parts.items():
            old = self.balances[asset]
            if amount == 0:
                continue
            new = old.wallet + amount
            self.balances[asset] = Balance(asset=asset, wallet=new, cross_wallet=new, updated_ms=time_ms)
            moved.append(BalanceChange(asset=asset, wallet=new, cross_wallet=new, change=change))
        return AccountUpdate(
            time_ms=time_ms, event_ms=time_ms + 2, reason=reason, balances=tuple(moved), positions=rows
        )

    def row(self, symbol: str, side: PositionSide = BOTH) -> PositionChange:
        """A position as an event tells it."""
        held = self.positions_held.get((symbol, side))
        mark = self.market.prices[symbol]
        return PositionChange(
            symbol=symbol,
            position_side=side,
            amount=held.amount if held else ZERO,
            entry_price=held.entry_price if held else ZERO,
            unrealized_pnl=held.amount * (mark - held.entry_price) if held else ZERO,
            margin_mode=MarginMode.CROSS,
            isolated_wallet=ZERO,
        )

    def book(self) -> Book:
        """The truth."""
        return Book(
            settings=self.mode,
            balances=dict(self.balances),
            positions=dict(self.positions_held),
            orders=dict(self.orders),
            leverage=dict(self.leverage),
            brackets=dict(self.tables),
        )

    def _move(self, symbol: str, side: PositionSide, change: Decimal, price: Decimal, time_ms: int) -> Decimal:
        key = (symbol, side)
        held = self.positions_held.pop(key, None)
        old, entry = (held.amount, held.entry_price) if held else (ZERO, price)
        new = old + change
        realized = ZERO
        if old * change < 0:
            closed = min(abs(old), abs(change)) * (1 if old > 0 else -1)
            realized = (closed * (price - entry)).quantize(DIGITS)
            entry = entry if abs(change) <= abs(old) else price
        elif new != 0:
            entry = ((old * entry + change * price) / new).quantize(DIGITS)
        if new != 0:
            made = builders.position(symbol, str(new), str(entry), position_side=side, updated_ms=time_ms)
            self.positions_held[key] = made
        return realized

    def _income(  # noqa: PLR0917 - a row as it stands
        self, kind: str, asset: str, amount: Decimal, symbol: str, time_ms: int, trade_id: str
    ) -> None:
        if amount != 0:
            self.rows.append(
                Income(
                    kind=kind,
                    asset=asset,
                    amount=amount,
                    symbol=symbol,
                    time_ms=time_ms,
                    transaction_id=str(self._number()),
                    trade_id=trade_id,
                )
            )

    def _order_event(self, order: Order) -> AccountEvent:
        times = {"time_ms": order.updated_ms, "event_ms": order.updated_ms + 1}
        if order.book is OrderBook.ALGO:
            return AlgoUpdate(**times, order=order, average_price=None, filled=None)
        return OrderUpdate(**times, order=order, execution=order.status, fill=None)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    async def wallet(self) -> Wallet:
        """The wallet."""
        await self.called("wallet")
        balances = (self.frozen[0] if self.frozen else self.balances).values()
        positions = (self.frozen[1] if self.frozen else self.positions_held).values()
        profits = {
            balance.asset: sum(
                (
                    held.amount * (self.market.prices[held.symbol] - held.entry_price)
                    for held in positions
                    if held.margin_asset == balance.asset
                ),
                ZERO,
            )
            for balance in balances
        }
        plain = {order.symbol for order in self.orders.values() if order.book is OrderBook.PLAIN}
        return Wallet(
            balances=tuple(balances),
            margin_balances={balance.asset: balance.wallet + profits[balance.asset] for balance in balances},
            margin_balance=ZERO,
            initial_margin=ZERO,
            maintenance_margin=ZERO,
            available=ZERO,
            symbols=frozenset(held.symbol for held in positions) | plain,
        )

    async def positions(self) -> tuple[PositionReport, ...]:
        """Open positions."""
        await self.called("positions")
        return tuple(map(self._report, (self.frozen[1] if self.frozen else self.positions_held).values()))

    def _report(self, position: Position) -> PositionReport:
        mark = self.market.prices[position.symbol]
        table = self.tables.get(position.symbol, (builders.bracket(),))[0]
        return PositionReport(
            position=position,
            mark_price=mark,
            liquidation_price=None,
            maintenance_margin=abs(position.amount) * mark * table.maintenance_ratio,
            position_margin=ZERO,
            unrealized_pnl=position.amount * (mark - position.entry_price),
        )

    async def settings(self) -> AccountSettings:
        """The switches."""
        await self.called("settings")
        return self.mode

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """Every symbol's leverage."""
        await self.called("symbol_settings")
        return tuple(
            SymbolSettings(symbol=symbol, leverage=leverage, margin_mode=MarginMode.CROSS)
            for symbol, leverage in self.leverage.items()
        )

    async def brackets(self) -> Mapping[str, tuple[Bracket, ...]]:
        """Every symbol's margin table."""
        await self.called("brackets")
        return dict(self.tables)

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Plain open orders."""
        return await self._orders("plain_orders", OrderBook.PLAIN, symbol)

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Conditional open orders."""
        return await self._orders("algo_orders", OrderBook.ALGO, symbol)

    async def _orders(self, name: str, book: OrderBook, symbol: str | None) -> tuple[Order, ...]:
        await self.called(name, 40 if symbol is None else 1)
        listed = (self.frozen[2] if self.frozen else self.orders).values()
        return tuple(order for order in listed if order.book is book and symbol in {None, order.symbol})

    async def algo_order(self, algo_id: int) -> AlgoUpdate:
        """One conditional order, as ``ended`` says it ended."""
        await self.called("algo_order")
        if algo_id not in self.ended:
            raise Refused("GET /fapi/v1/algoOrder: Order does not exist.", code=-2013)
        return self.ended[algo_id]

    async def income(self, *, start_ms: int) -> tuple[Income, ...]:
        """The income history."""
        await self.called("income")
        return tuple(row for row in self.rows if row.time_ms >= start_ms)

    async def key_permissions(self) -> KeyPermissions | None:
        """What the key may do."""
        await self.called("key_permissions")
        return self.permissions

    async def open_listen_key(self) -> str:
        """Not used: the fake stream needs no key."""
        return "key"

    async def extend_listen_key(self) -> None:
        """Not used."""
