"""The end of a press that was stopped before the account was flat: one more look, and what our orders came to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from plimsoll.errors import ExchangeError
from plimsoll.model.account import PositionKey
from plimsoll.model.terms import Direction
from plimsoll_enforcer.button.press import HURRY_SECONDS, look
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.button.tables import Plan
from plimsoll_enforcer.flatten.result import Closed
from plimsoll_enforcer.trading.port import CloseOrder, Placed, Trader

ZERO = Decimal(0)

Fill = tuple[CloseOrder, Placed]


async def last_look(trader: Trader, record: Record, before: Plan, why: str) -> tuple[Plan, tuple[Closed, ...]]:
    """What is left now, and for each position what was closed of it; takes ``HURRY_SECONDS``, raises nothing.

    Args:
        trader: The account.
        record: Of the run that was stopped.
        before: What was there when the button was pressed.
        why: In words why anything is left.
    """
    fills, left = await asyncio.gather(_fills(trader, record), look(trader, before.account, seconds=HURRY_SECONDS))
    return left, rows(before, fills, left, why)


def rows(before: Plan, fills: Iterable[Fill], left: Plan, why: str) -> tuple[Closed, ...]:
    """One row for each position that was there, was closed or is left. Pure."""
    was, held = _amounts(before), _amounts(left)
    ours: dict[PositionKey, list[Fill]] = {}
    for order, placed in fills:
        if placed.executed > 0:
            ours.setdefault((order.symbol, order.position_side), []).append((order, placed))
    found = []
    for key in sorted({*was, *held, *ours}):
        mine = ours.get(key, [])
        amount = was.get(key, held.get(key, ZERO) + sum((_closed(*fill) for fill in mine), ZERO))
        row = Closed(
            symbol=key[0],
            position_side=key[1],
            amount=amount,
            closed=sum((placed.executed for _, placed in mine), ZERO),
            average_price=_average(mine),
            left=abs(held.get(key, ZERO)),
        )
        found.append(_explained(row, why, known=left.positions is not None))
    return tuple(found)


def _explained(row: Closed, why: str, *, known: bool) -> Closed:
    """With why anything is left; where nobody could look, what must be left by our own account."""
    if known:
        return replace(row, why_left=why if row.left else "")
    return replace(row, left=max(abs(row.amount) - row.closed, ZERO), why_left="could not be read; as far as we know")


def _closed(order: CloseOrder, placed: Placed) -> Decimal:
    """Base units that a fill took off a position, with that position's sign."""
    return placed.executed if order.direction is Direction.SELL else -placed.executed


def _amounts(plan: Plan) -> dict[PositionKey, Decimal]:
    return {report.position.key: report.position.amount for report in plan.positions or ()}


async def _fills(trader: Trader, record: Record) -> list[Fill]:
    """Every order that was sent, with what the exchange says of it now where it says so in time."""
    known = list(record.fills.values())
    asked = [order for order, placed in known if not placed.average_price and placed.executed]
    asked += [left.order for left in record.unanswered()]
    found = dict(await asyncio.gather(*(_found(trader, order) for order in asked)))
    kept = [(order, found.get(order.client_id) or placed) for order, placed in known]
    late = [(left.order, found[left.order.client_id]) for left in record.unanswered()]
    return kept + [(order, placed) for order, placed in late if placed is not None]


async def _found(trader: Trader, order: CloseOrder) -> tuple[str, Placed | None]:
    try:
        async with asyncio.timeout(HURRY_SECONDS):
            return order.client_id, await trader.find(order.symbol, order.client_id)
    except (ExchangeError, TimeoutError):
        return order.client_id, None


def _average(fills: Iterable[Fill]) -> Decimal | None:
    """Over the fills whose price is known."""
    priced = [(placed.executed, placed.average_price) for _, placed in fills if placed.average_price > 0]
    quantity = sum((executed for executed, _ in priced), ZERO)
    return sum((executed * price for executed, price in priced), ZERO) / quantity if quantity else None
