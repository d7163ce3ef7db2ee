"""What a run has come to: what each leg held at its beginning, what our orders closed of it and at what price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.model.account import PositionKey, PositionReport
from plimsoll.model.orders import OrderKey
from plimsoll_enforcer.flatten.ladder import Standing
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.flatten.reading import Reading
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.trading.port import CloseOrder, Placed

STILL_OPEN = "not closed yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fill:
    """What one of our orders closed.

    Attributes:
        price: Average, in quote units; ``None`` until it is known.
    """

    executed: Decimal
    price: Decimal | None


@dataclass(kw_only=True, slots=True)
class Tally:
    """The counts of one run, kept by whoever carries it out.

    Attributes:
        amounts: Signed base units that each leg held when it was first seen.
        fills: Of our orders, by client id.
        cancelled: Every order that we cancelled.
        rested: Client ids of orders that may have filled after their answer.
        marks: Mark price of each leg when it was first seen.
    """

    amounts: dict[PositionKey, Decimal] = field(default_factory=dict)
    fills: dict[str, tuple[PositionKey, Fill]] = field(default_factory=dict)
    cancelled: set[OrderKey] = field(default_factory=set)
    rested: set[str] = field(default_factory=set)
    marks: dict[PositionKey, Decimal] = field(default_factory=dict)

    def saw(self, positions: tuple[PositionReport, ...]) -> None:
        """Note what is held where it is seen for the first time."""
        for report in positions:
            held = report.position
            # What an earlier life of this run closed was held at the beginning as well.
            earlier = sum((fill.executed for key, fill in self.fills.values() if key == held.key), ZERO)
            signed = earlier if held.amount > 0 else -earlier
            self.amounts.setdefault(held.key, held.amount + signed)
            self.marks.setdefault(held.key, report.mark_price)

    def closed(self, order: CloseOrder, placed: Placed) -> None:
        """Note what became of an order; the newest answer holds."""
        price = placed.average_price if placed.average_price > 0 else None
        fill = Fill(executed=placed.executed, price=price)
        self.fills[order.client_id] = ((order.symbol, order.position_side), fill)

    def priced(self, client_id: str, placed: Placed) -> None:
        """Note a look-up of an order that is counted already: its price, and what it has filled since."""
        key, fill = self.fills[client_id]
        price = placed.average_price if placed.average_price > 0 else None
        self.fills[client_id] = (key, Fill(executed=max(placed.executed, fill.executed), price=price))

    def unpriced(self) -> tuple[tuple[str, str], ...]:
        """Symbol and client id of every order that closed something at a price that is not known yet, or may have."""
        rows = ((name, key, fill) for name, (key, fill) in self.fills.items() if fill.price is None)
        return tuple((key[0], name) for name, key, fill in rows if fill.executed > 0 or name in self.rested)

    def result(
        self, reading: Reading, standings: Mapping[PositionKey, Standing], *, flat_after: float | None, confirmed: bool
    ) -> FlattenResult:
        """How things stand.

        Args:
            reading: The last one.
            standings: Why what is left is left.
            flat_after: Seconds to the first clean read-back; ``None`` without one.
            confirmed: Whether a second one agreed.
        """
        return FlattenResult(
            flat=flat_after is not None,
            seconds_to_flat=flat_after,
            confirmed=confirmed,
            residual_exposure_usd=reading.exposure,
            positions=tuple(self._row(key, reading, standings) for key in sorted(self.amounts)),
            orders_cancelled=len(self.cancelled),
            orders_left=len(reading.orders),
        )

    def _row(self, key: PositionKey, reading: Reading, standings: Mapping[PositionKey, Standing]) -> Closed:
        fills = [fill for of, fill in self.fills.values() if of == key]
        held = {report.position.key: report.position.quantity for report in reading.positions or ()}
        known = reading.positions is not None and (key in held or not reading.partly)
        left = held.get(key, ZERO) if known else abs(self.amounts[key])
        standing = standings.get(key)
        words = (standing.why if standing is not None else "") or STILL_OPEN
        return Closed(
            symbol=key[0],
            position_side=key[1],
            amount=self.amounts[key],
            closed=sum((fill.executed for fill in fills), ZERO),
            average_price=_average(fills),
            left=left,
            why_left="" if not left else words if known else "positions could not be read",
            mark_price=self.marks.get(key),
        )


def _average(fills: list[Fill]) -> Decimal | None:
    """Over the fills whose price is known."""
    priced = [(fill.executed, fill.price) for fill in fills if fill.price is not None and fill.executed > 0]
    quantity = sum((executed for executed, _ in priced), ZERO)
    return sum((executed * price for executed, price in priced), ZERO) / quantity if quantity else None
