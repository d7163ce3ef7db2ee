"""What tests put into the enforcer's journal, and how they open it again."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import breach_scene as scene
from manual_clock import ManualClock
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.values import Breach, Lockout
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm


def again(journal: Journal, tmp_path: Path, clock: ManualClock) -> Journal:
    """The same after a clean end and a new start."""
    journal.close()
    return Journal.open(tmp_path, clock=clock)


def breach(account: str = "eon") -> Breach:
    """A breach under watch."""
    return Breach(account=account, began_at=5.0, claims={"tmad": scene.alert(account)})


def lockout(until: float = math.inf) -> Lockout:
    """A lockout."""
    return Lockout(account="eon", since=1.0, until=until, reason="drawdown", leverages={"BTCUSDT": 20})


def order(number: int, *, form: OrderForm = OrderForm.MARKET, price: str | None = None) -> CloseOrder:
    """A closing order."""
    return CloseOrder(
        symbol="BTCUSDT",
        position_side=PositionSide.LONG,
        direction=Direction.SELL,
        quantity=Decimal("0.0010"),
        client_id=f"plim-abcdefgh-{number}",
        form=form,
        price=None if price is None else Decimal(price),
    )
