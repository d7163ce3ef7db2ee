"""What a stopped press says of each position: from what was there, what our orders came to, and what is left."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from builders import order, position
from manual_clock import ManualClock
from plimsoll.errors import Unavailable
from plimsoll.model.account import PositionReport
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.button.ending import last_look
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.button.tables import Plan, stopped_text
from plimsoll_enforcer.trading.port import CloseOrder, Placed


def report(symbol: str, amount: str) -> PositionReport:
    """A position at 100 USD."""
    return PositionReport(
        position=position(symbol, amount, "100"),
        mark_price=Decimal(100),
        liquidation_price=None,
        maintenance_margin=Decimal(1),
        position_margin=Decimal(1),
        unrealized_pnl=Decimal(0),
    )


def a_close(symbol: str, quantity: str, client_id: str) -> CloseOrder:
    """A market order that closes a long."""
    return CloseOrder(
        symbol=symbol,
        position_side=PositionSide.BOTH,
        direction=Direction.SELL,
        quantity=Decimal(quantity),
        client_id=client_id,
    )


def done(client_id: str, symbol: str, executed: str, price: str) -> Placed:
    """What became of an order."""
    return Placed(
        order_id=1,
        client_id=client_id,
        symbol=symbol,
        status="FILLED",
        executed=Decimal(executed),
        average_price=Decimal(price),
    )


class Exchange:
    """What is left, and what became of orders; both can fail."""

    def __init__(self, *positions: PositionReport, orders: tuple[Order, ...] = ()) -> None:
        self._positions, self._orders = positions, orders
        self.known: dict[str, Placed] = {}
        self.failing = False

    async def positions(self) -> tuple[PositionReport, ...]:
        """Those that are left."""
        self._check()
        return self._positions

    async def plain_orders(self) -> tuple[Order, ...]:
        """As set."""
        self._check()
        return self._orders

    async def algo_orders(self) -> tuple[Order, ...]:
        """None."""
        self._check()
        return ()

    async def find(self, symbol: str, client_id: str) -> Placed | None:
        """What became of an order."""
        assert symbol
        self._check()
        return self.known.get(client_id)

    def _check(self) -> None:
        if self.failing:
            raise Unavailable("no connection")


def a_record(folder: Path) -> Record:
    """One answered order without a price, one without an answer, one that was refused."""
    record = Record("eon", folder, clock=ManualClock(), tell=lambda _: None)
    for sent in (a_close("AUSDT", "3", "x-1"), a_close("BUSDT", "2", "x-2"), a_close("CUSDT", "1", "x-3")):
        record.sending(sent)
    record.answered("x-1", done("x-1", "AUSDT", "3", "0"))
    record.answered("x-3", None, "refused", -4088)
    return record


BEFORE = Plan(
    account="eon", positions=(report("AUSDT", "3"), report("BUSDT", "2"), report("CUSDT", "1")), plain=(), algo=()
)


async def test_prices_and_lost_answers_are_asked_for(tmp_path: Path):
    """Closed with its price, closed without an answer, left with the reason, and what appeared meanwhile."""
    exchange = Exchange(report("CUSDT", "1"), report("NEWUSDT", "-5"), orders=(order(symbol="CUSDT"),))
    exchange.known = {"x-1": done("x-1", "AUSDT", "3", "101"), "x-2": done("x-2", "BUSDT", "2", "99.5")}
    left, rows = await last_look(exchange, a_record(tmp_path), BEFORE, "stopped by hand")
    assert [(row.symbol, row.closed, row.average_price, row.left, row.why_left) for row in rows] == [
        ("AUSDT", 3, 101, 0, ""),
        ("BUSDT", 2, Decimal("99.5"), 0, ""),
        ("CUSDT", 0, None, 1, "stopped by hand"),
        ("NEWUSDT", 0, None, 5, "stopped by hand"),
    ]
    text = stopped_text(left, rows)
    assert "Open plain orders: 1 (CUSDT 1)" in text
    assert text.endswith("still holds something; exposure left: 600.00 USD. Look, or press again.")


async def test_what_cannot_be_read_is_never_called_flat(tmp_path: Path):
    """With the exchange gone the rows say what we know, and that nobody has looked."""
    exchange = Exchange()
    exchange.failing = True
    left, rows = await last_look(exchange, a_record(tmp_path), BEFORE, "stopped by hand")
    assert [(row.symbol, row.left) for row in rows] == [("AUSDT", 0), ("BUSDT", 2), ("CUSDT", 1)]
    assert {row.why_left for row in rows} == {"could not be read; as far as we know"}
    text = stopped_text(left, rows)
    assert "Positions: unknown." in text
    assert text.endswith("could not be read whole; exposure left: unknown. Look, or press again.")


async def test_a_clean_last_look_is_flat(tmp_path: Path):
    """Nothing is left: flat, whatever the plan did not know."""
    unknown = Plan(account="eon", positions=None, plain=None, algo=None)
    left, rows = await last_look(Exchange(), a_record(tmp_path), unknown, "stopped by hand")
    assert left.empty
    assert [(row.symbol, row.amount, row.closed, row.left) for row in rows] == [("AUSDT", 3, 3, 0)]
    assert stopped_text(left, rows).endswith("FLAT: account eon was read back without any position or order.")
