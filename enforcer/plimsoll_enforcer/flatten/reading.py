"""One reading of an account, whole or in part: what is held and what works, as far as it could be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.model.account import PositionKey, PositionReport
from plimsoll.model.orders import Order, OrderKey
from plimsoll_enforcer.flatten.pieces import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was read of an account; ``None`` could not be read.

    Attributes:
        positions: Open ones.
        plain: Open plain orders.
        algo: Open conditional orders.
        partly: Some rows of the positions were broken: what is not among them may be held all the same.
        orders_fresh: Both lists of orders were read now, not carried over from an earlier reading.
    """

    positions: tuple[PositionReport, ...] | None = None
    plain: tuple[Order, ...] | None = None
    algo: tuple[Order, ...] | None = None
    partly: bool = False
    orders_fresh: bool = True

    @property
    def clean(self) -> bool:
        """Whether everything was read just now and nothing is there."""
        return self.orders_fresh and not self.partly and self.positions == () and self.plain == () and self.algo == ()

    @property
    def orders(self) -> tuple[Order, ...]:
        """All orders that are known."""
        return (self.plain or ()) + (self.algo or ())

    @property
    def symbols(self) -> frozenset[str]:
        """Every symbol with anything known."""
        held = {report.position.symbol for report in self.positions or ()}
        return frozenset(held | {order.symbol for order in self.orders})

    @property
    def exposure(self) -> Decimal | None:
        """Notional at mark of all positions; ``None`` where they could not be read, or not all of them."""
        if self.positions is None or self.partly:
            return None
        return sum((notional(report) for report in self.positions), ZERO)

    @property
    def shape(self) -> tuple[frozenset[tuple[PositionKey, Decimal]], frozenset[OrderKey]]:
        """What is held and what works, without the figures that move with the price."""
        held = frozenset((report.position.key, report.position.amount) for report in self.positions or ())
        return held, frozenset(order.key for order in self.orders)

    def held(self, symbol: str) -> tuple[PositionReport, ...] | None:
        """The legs of a symbol; ``None`` where nobody knows whether it has any."""
        if self.positions is None:
            return None
        found = tuple(report for report in self.positions if report.position.symbol == symbol)
        return None if self.partly and not found else found

    def without(self, gone: frozenset[OrderKey]) -> Reading:
        """The orders carried over to the next reading, less those that were cancelled since."""
        return replace(
            self,
            plain=None if self.plain is None else tuple(order for order in self.plain if order.key not in gone),
            algo=None if self.algo is None else tuple(order for order in self.algo if order.key not in gone),
            orders_fresh=False,
        )


def notional(report: PositionReport) -> Decimal:
    """What a position is worth at its mark price, absolute, in quote units."""
    return report.position.quantity * report.mark_price
