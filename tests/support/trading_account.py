"""The made-up account of ``fake_exchange`` with its write side; orders close at the mark price."""

from __future__ import annotations

from decimal import Decimal

from fake_exchange import FakeAccount
from fake_market import FakeMarket
from plimsoll.errors import ExchangeError, Malformed
from plimsoll.model.account import PositionReport
from plimsoll.model.orders import Order, OrderKey
from plimsoll.model.terms import Direction, OrderBook
from plimsoll_enforcer.trading.port import CloseOrder, Placed
from virtual_time import VirtualClock


class TradingAccount(FakeAccount):
    """The same account with its write side; a ``Trader``.

    Attributes:
        sent: Every order that was sent.
        down: What every call raises, while set.
        broken: Calls whose answers cannot be understood.
        write_delay: Seconds before an order is taken.
    """

    def __init__(self, clock: VirtualClock, market: FakeMarket) -> None:
        super().__init__(clock, market)  # type: ignore[arg-type]  # it only tells the time and sleeps
        self.sent: list[CloseOrder] = []
        self.answers: dict[str, Placed] = {}
        self.cancelled = 0
        self.down: ExchangeError | None = None
        self.broken: set[str] = set()
        self.write_delay = 0.0
        self.set: list[tuple[str, int]] = []

    async def called(self, name: str, weight: int | None = None) -> None:
        """Fail while the exchange is down."""
        if self.down is not None:
            self.calls.append(name)
            await self.clock.sleep(0.01)
            raise self.down
        await super().called(name, weight)
        if name in self.broken:
            raise Malformed(f"{name}: a field is no number")

    async def sound_positions(self) -> tuple[PositionReport, ...]:
        """The same as ``positions``, which has no broken rows here."""
        return await self.positions()

    def rest(self, symbol: str, *, algo: bool = False) -> Order:
        """Place an order that rests, from outside."""
        return FakeAccount.place(self, symbol, algo=algo)

    async def place(self, order: CloseOrder) -> Placed:  # type: ignore[override]  # what the bot calls is ``rest`` here
        """Close at the mark price."""
        await self.called("place", 0)
        self.sent.append(order)
        await self.clock.sleep(self.write_delay)
        held = self.positions_held.get((order.symbol, order.position_side))
        signed = order.quantity if order.direction is Direction.BUY else -order.quantity
        filled = held is not None and held.amount * signed < 0
        price = self.market.prices[order.symbol]
        if filled:
            self.trade(order.symbol, str(signed), str(price), side=order.position_side)
        self.answers[order.client_id] = Placed(
            order_id=len(self.sent),
            client_id=order.client_id,
            symbol=order.symbol,
            status="FILLED" if filled else "EXPIRED",
            executed=order.quantity if filled else Decimal(0),
            average_price=price,
        )
        return self.answers[order.client_id]

    async def find(self, symbol: str, client_id: str) -> Placed | None:
        """One of our orders."""
        await self.called("find", 1)
        found = self.answers.get(client_id)
        return found if found is not None and found.symbol == symbol else None

    async def cancel_order(self, symbol: str, order_id: int) -> None:
        """Cancel a plain order."""
        await self._cancel(lambda key: key == (OrderBook.PLAIN, order_id), symbol)

    async def cancel_plain(self, symbol: str) -> None:
        """Cancel a symbol's plain orders."""
        await self._cancel(lambda key: key[0] is OrderBook.PLAIN, symbol)

    async def cancel_algo(self, algo_id: int) -> None:
        """Cancel a conditional order."""
        await self._cancel(lambda key: key == (OrderBook.ALGO, algo_id), None)

    async def cancel_algos(self, symbol: str) -> None:
        """Cancel a symbol's conditional orders."""
        await self._cancel(lambda key: key[0] is OrderBook.ALGO, symbol)

    async def set_leverage(self, symbol: str, leverage: int) -> int:
        """Set it."""
        await self.called("set_leverage", 1)
        self.leverage[symbol] = leverage
        self.set.append((symbol, leverage))
        return leverage

    async def _cancel(self, goes: object, symbol: str | None) -> None:
        await self.called("cancel", 1)
        assert callable(goes)
        gone: list[OrderKey] = [
            key for key, order in self.orders.items() if goes(key) and symbol in {None, order.symbol}
        ]
        for key in gone:
            self.cancel(self.orders[key])
            self.cancelled += 1

    @property
    def flat(self) -> bool:
        """Whether nothing is left."""
        return not self.positions_held and not self.orders
