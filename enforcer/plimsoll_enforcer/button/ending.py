"""The end of a press that was stopped before the account was flat: one more look, and what our orders came to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from decimal import Decimal

from plimsoll.errors import ExchangeError
from plimsoll.model.account import PositionKey
from plimsoll_enforcer.button.press import HURRY_SECONDS, look
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.button.tables import Plan
from plimsoll_enforcer.flatten.result import Closed
from plimsoll_enforcer.trading.port import CloseOrder, Placed, Trader

ZERO = Decimal(0)

Fill = tuple[CloseOrder, Placed]


async def last_look(trader: Trader, record: Record, before: Plan, why: str) -> tuple[Plan, tuple[Closed, ...]]:
    """What is left now, and for each position what was closed of it; takes a few seconds at most, raises nothing.

    Args:
        trader: The account.
        record: Of the run that was stopped.
        before: What was there when the button was pressed.
        why: In words why anything is left.
    """
    fills = await _fills(trader, record)
    left = await look(trader, before.account, seconds=HURRY_SECONDS)
    return left, rows(before, fills, left, why)


def rows(before: Plan, fills: Iterable[Fill], left: Plan, why: str) -> tuple[Closed, ...]:
    """One row for each position that was there, was closed or is left. Pure."""
    was = _amounts(before)
    held = _amounts(left)
    ours: dict[PositionKey, list[Placed]] = {}
    for order, placed in fills:
        ours.setdefault((order.symbol, order.position_side), []).append(placed)
    closed = {key: sum((placed.executed for placed in each), ZERO) for key, each in ours.items()}
    known = left.positions is not None
    found = []
    for key in sorted({*was, *held, *(key for key, quantity in closed.items() if quantity)}):
        amount, done = was.get(key, held.get(key, ZERO)), closed.get(key, ZERO)
        remains = abs(held.get(key, ZERO)) if known else max(abs(amount) - done, ZERO)
        found.append(
            Closed(
                symbol=key[0],
                position_side=key[1],
                amount=amount,
                closed=done,
                average_price=_average(ours.get(key, ())),
                left=remains,
                why_left="" if known and not remains else why if known else "could not be read; as far as we know",
            )
        )
    return tuple(found)


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


def _average(placed: Iterable[Placed]) -> Decimal | None:
    priced = [each for each in placed if each.average_price > 0 and each.executed > 0]
    quantity = sum((each.executed for each in priced), ZERO)
    return sum((each.executed * each.average_price for each in priced), ZERO) / quantity if quantity else None
