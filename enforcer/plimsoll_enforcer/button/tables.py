"""What the red button prints: the plan before, the table of what was closed and what is left after. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import PositionReport
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction
from plimsoll.table import table
from plimsoll_enforcer.flatten.result import Closed, FlattenResult

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What one look found; each part is ``None`` where its read failed, with the reason in ``faults``."""

    account: str
    positions: tuple[PositionReport, ...] | None
    plain: tuple[Order, ...] | None
    algo: tuple[Order, ...] | None
    faults: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is certainly nothing to cancel and nothing to close."""
        return self.positions == () and self.plain == () and self.algo == ()


def plan_text(plan: Plan) -> str:
    """The plan: every position that will be closed, how many orders will be cancelled, what could not be read."""
    parts = [f"Account {plan.account}: everything below is cancelled and closed at market."]
    if plan.empty:
        parts.append("There is no position and no order now.")
    if plan.positions is None:
        parts.append("Positions: unknown; they are read again while closing.")
    elif plan.positions:
        parts.append(_positions(plan.positions))
    parts += _orders(plan, "; they are read again while closing")
    parts += [f"Could not be read: {fault}" for fault in plan.faults]
    return "\n\n".join(parts)


def result_text(account: str, result: FlattenResult) -> str:
    """What was closed at what price, and what is left."""
    parts = _closes(result.positions)
    parts.append(f"Orders cancelled: {result.orders_cancelled}; orders left: {result.orders_left}")
    parts.append(_ending(account, result))
    return "\n\n".join(parts)


def stopped_text(left: Plan, rows: Sequence[Closed]) -> str:
    """The same after it was stopped: what the last look found, and what was closed until then."""
    unknown = ["Positions: unknown."] if left.positions is None else []
    parts = [*_closes(rows), *unknown, *_orders(left, ""), *(f"Could not be read: {fault}" for fault in left.faults)]
    if left.empty:
        parts.append(f"FLAT: account {left.account} was read back without any position or order.")
        return "\n\n".join(parts)
    exposure = UNKNOWN
    if left.positions is not None:
        exposure = f"{sum((_notional(report) for report in left.positions), Decimal(0)):,.2f} USD"
    found = "could not be read whole" if left.faults and not left.positions else "still holds something"
    parts.append(f"NOT FLAT: account {left.account} {found}; exposure left: {exposure}. Look, or press again.")
    return "\n\n".join(parts)


def action_of(direction: Direction) -> str:
    """How the direction of a closing order is told."""
    return "sell" if direction is Direction.SELL else "buy"


def _ending(account: str, result: FlattenResult) -> str:
    if not result.flat:
        residual = UNKNOWN if result.residual_exposure_usd is None else f"{result.residual_exposure_usd:,.2f} USD"
        return f"NOT FLAT: account {account} still holds something; exposure left: {residual}."
    took = "" if result.seconds_to_flat is None else f" after {result.seconds_to_flat:.1f} s"
    again = "and a second look agreed" if result.confirmed else "the second look was not made"
    return f"FLAT: account {account} was read back without any position or order{took}, {again}."


def _closes(rows: Sequence[Closed]) -> list[str]:
    header = ("SYMBOL", "SIDE", "WAS", "CLOSED", "AVERAGE PRICE", "LEFT", "WHY")
    return [table(header, [_closed(row) for row in rows])] if rows else []


def _orders(plan: Plan, consequence: str) -> list[str]:
    """A line for each list of orders that is not empty."""
    lines = []
    for name, orders in (("plain", plan.plain), ("conditional", plan.algo)):
        if orders is None:
            lines.append(f"Open {name} orders: unknown{consequence}.")
        elif orders:
            lines.append(f"Open {name} orders: {len(orders)} ({', '.join(_by_symbol(orders))})")
    return lines


def _notional(report: PositionReport) -> Decimal:
    return report.position.quantity * report.mark_price


def _positions(reports: Sequence[PositionReport]) -> str:
    header = ("SYMBOL", "SIDE", "QUANTITY", "ENTRY", "MARK", "NOTIONAL USD", "PNL USD", "CLOSE WITH")
    rows = [
        (
            report.position.symbol,
            report.position.side.value,
            _plain(report.position.quantity),
            _plain(report.position.entry_price),
            _plain(report.mark_price),
            f"{_notional(report):,.2f}",
            f"{report.unrealized_pnl:,.2f}",
            "sell" if report.position.amount > 0 else "buy",
        )
        for report in sorted(reports, key=lambda report: -_notional(report))
    ]
    total = sum((_notional(report) for report in reports), Decimal(0))
    return f"{table(header, rows)}\n\nExposure: {total:,.2f} USD in {len(rows)} position(s)"


def _by_symbol(orders: Iterable[Order]) -> list[str]:
    counts: dict[str, int] = {}
    for order in orders:
        counts[order.symbol] = counts.get(order.symbol, 0) + 1
    return [f"{symbol} {count}" for symbol, count in sorted(counts.items())]


def _closed(row: Closed) -> tuple[str, ...]:
    return (
        row.symbol,
        "long" if row.amount > 0 else "short",
        _plain(abs(row.amount)),
        _plain(row.closed),
        "-" if row.average_price is None else _plain(row.average_price),
        _plain(row.left),
        row.why_left,
    )


def _plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
