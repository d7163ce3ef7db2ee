"""``View``: a report's material with what every rule asks of it: what was held when, and what equity was then. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from plimsoll.database.closing import ClosingOrder
from plimsoll.database.orders import EndedOrder
from plimsoll.report.curves import Curves, Known, known, lowest, value_at
from plimsoll.report.material import Curve, Material
from plimsoll.report.words import SourceName

EQUITY = "binance_account_equity_usd"
QUANTITY = "binance_position_quantity"
UP = "binance_account_up"
CLOSING_DIRECTION = {"long": "SELL", "short": "BUY"}
LAG = 5.0
"""Seconds by which Prometheus may show a position later than it was: two scrapes and a bit."""

SOON = 30.0
"""Seconds in which the next figure is that of now."""

OUR_PREFIX = "plim-"
"""How the client ids of the enforcer's and the red button's own orders begin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One position from when it was first seen until it was closed.

    Attributes:
        since: First look at which it was held.
        until: Last look at which it was.
        ended: First look of a live account at which it was not; ``None`` while it is open, or where nobody knows.
    """

    symbol: str
    side: str
    since: float
    until: float
    ended: float | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Those of its series."""
        return {"symbol": self.symbol, "side": self.side}


class View:
    """Material, looked at.

    Attributes:
        material: As it was gathered.
        curves: Its curves.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self.curves = Curves(material.curves)

    def has(self, name: SourceName) -> bool:
        """Whether a source could be used."""
        return self.material.has(name)

    @cached_property
    def holdings(self) -> tuple[Holding, ...]:
        """All positions of the period, by symbol and then time."""
        found = [one for curve in self.curves.all(QUANTITY) for one in self._holdings(curve)]
        return tuple(sorted(found, key=lambda one: (one.symbol, one.side, one.since)))

    def _holdings(self, curve: Curve) -> list[Holding]:
        """The stretches of one position; what is absent while the account is not live goes on."""
        symbol, side = curve.labels.get("symbol", ""), curve.labels.get("side", "")
        found: list[Holding] = []
        since = last = None
        for time, value in curve.points:
            if value:
                since, last = time if since is None else since, time
            elif since is not None and last is not None and self.curves.at(UP, time) == 1:
                found.append(Holding(symbol=symbol, side=side, since=since, until=last, ended=time))
                since = last = None
        if since is not None and last is not None:
            found.append(Holding(symbol=symbol, side=side, since=since, until=last))
        return found

    def known(self, name: str, holding: Holding) -> list[Known]:
        """The values of a series of a position while it was held."""
        points = known(self.curves.one(name, **holding.labels).points)
        return [point for point in points if holding.since <= point.time <= holding.until]

    def equity(self, time: float) -> Decimal | None:
        """Equity at a moment; ``None`` where it is not known."""
        return self.curves.at(EQUITY, time)

    def equity_after(self, time: float) -> Known | None:
        """The first equity known from a moment on, within half a minute."""
        points = known(self.curves.one(EQUITY).points)
        return next((one for one in points if time <= one.time <= time + SOON), None)

    @cached_property
    def start(self) -> Known | None:
        """The first known equity."""
        return next(iter(known(self.curves.one(EQUITY).points)), None)

    @cached_property
    def worst(self) -> Known | None:
        """The lowest known equity."""
        return lowest(self.curves.one(EQUITY).points)

    @cached_property
    def end(self) -> Known | None:
        """The last known equity."""
        return next(iter(reversed(known(self.curves.one(EQUITY).points))), None)

    def mark(self, symbol: str, time: float) -> Decimal | None:
        """A symbol's mark price at a moment, from whichever side holds it."""
        curves = self.curves.all("binance_position_mark_price_usd", symbol=symbol)
        return next((value for curve in curves if (value := value_at(curve.points, time)) is not None), None)

    def closing(self, holding: Holding, *purposes: str) -> list[ClosingOrder]:
        """The resting orders that were to close a position while it was held, of all purposes or of some."""
        last = self.material.period.until if holding.ended is None else holding.ended
        return [
            order
            for order in self.material.closing
            if order.symbol == holding.symbol
            and order.direction == CLOSING_DIRECTION[holding.side]
            and order.position_side in {"both", holding.side}
            and order.since <= last
            and (order.ended is None or order.ended >= holding.since - LAG)
            and (not purposes or order.purpose in purposes)
        ]

    def orders(self, *outcomes: str) -> list[EndedOrder]:
        """The orders that ended so, oldest first."""
        return [order for order in self.material.orders if order.outcome in outcomes]

    @cached_property
    def refused(self) -> list[EndedOrder]:
        """The orders that were refused when they were sent; stops that were rejected at their trigger are none."""
        stops = {(order.symbol, order.client_id) for order in self.material.closing if order.outcome == "rejected"}
        return [one for one in self.orders("rejected") if not one.client_id or (one.symbol, one.client_id) not in stops]


def closer(material: Material, order: EndedOrder) -> str:
    """Which of the two sent an order of ours, as far as the journal and the button's records prove it."""
    if any(f"-{press.run_id}-" in order.client_id for press in material.buttons):
        return "the red button"
    run = next((one for one in material.runs if f"-{one.run_id}-" in order.client_id), None)
    if run is None:
        return "the enforcer or the red button"
    return "the red button" if run.mode == "manual" else "the enforcer"


def is_ours(order: EndedOrder) -> bool:
    """Whether the enforcer or the red button sent it."""
    return order.client_id.startswith(OUR_PREFIX)
