"""Accounts as JSON for the button page: decimals as strings, times in Unix seconds, unknown as ``null`` and why."""

from __future__ import annotations

import math
from decimal import Decimal

from plimsoll_enforcer.viewing.values import AccountView, Floor, Held, Holding, Locked, Orders, Seen


def account_json(view: AccountView, now: float) -> dict[str, object]:
    """One account.

    Args:
        view: What is known of it.
        now: Unix time, for ages.
    """
    return {
        "account": view.account,
        "mode": {"configured": view.configured.value, "in_force": view.mode.value, "why": view.why_mode},
        "lockout": None if view.locked is None else _locked(view.locked),
        "watching_since": view.watching,
        "run_id": view.run_id,
        "failing_since": view.failing_since,
        "last_run_at": view.last_run_at,
        "releasable": view.releasable,
        "holding": _holding(view.seen, now),
        "orders": _orders(view.seen, now),
        "rules": {**_age(view.floors_at, now), "listed": [_floor(one) for one in view.floors]},
    }


def _locked(locked: Locked) -> dict[str, object]:
    until = None if locked.until is None or math.isinf(locked.until) else locked.until
    return {"since": locked.since, "until": until, "reason": locked.reason, "rules": list(locked.rules)}


def _holding(seen: Seen, now: float) -> dict[str, object]:
    known = {"equity_usd": None, "exposure_usd": None, "unrealized_pnl_usd": None, "positions": None}
    told = known if seen.holding is None else _figures(seen.holding)
    return {**_age(seen.holding_at, now), "why": seen.why, **told}


def _figures(holding: Holding) -> dict[str, object]:
    return {
        "equity_usd": _text(holding.equity_usd),
        "exposure_usd": _text(holding.exposure_usd),
        "unrealized_pnl_usd": _text(holding.unrealized_pnl_usd),
        "positions": [_held(one) for one in holding.positions],
    }


def _held(held: Held) -> dict[str, object]:
    return {
        "symbol": held.symbol,
        "position_side": held.position_side.value,
        "amount": _text(held.amount),
        "entry_price": _text(held.entry_price),
        "mark_price": _text(held.mark_price),
        "exposure_usd": _text(held.exposure_usd),
        "unrealized_pnl_usd": _text(held.unrealized_pnl_usd),
    }


def _orders(seen: Seen, now: float) -> dict[str, object]:
    told = seen.orders
    counts = {"plain": None, "conditional": None} if told is None else _counts(told)
    return {**_age(seen.orders_at, now), "why": seen.why_orders, **counts}


def _counts(orders: Orders) -> dict[str, int]:
    return {"plain": orders.plain, "conditional": orders.conditional}


def _floor(floor: Floor) -> dict[str, object]:
    return {
        "rule": floor.rule,
        "limit": floor.limit,
        "reference_usd": _text(floor.reference_usd),
        "floor_if_kept_usd": _text(floor.kept_usd),
        "floor_if_rebased_usd": _text(floor.rebased_usd),
        "why": floor.why,
    }


def _age(at: float | None, now: float) -> dict[str, float | None]:
    return {"read_at": at, "age_seconds": None if at is None else round(max(0.0, now - at), 3)}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
