"""A process that keeps an enforcer's journal until it is killed.

``python journal_child.py FOLDER``: takes a breach on, locks the account, begins a run and sends one order after the
other, each answered but the last. Prints one line for each step that has returned, the order's number among them.
"""

from __future__ import annotations

import itertools
import sys
from decimal import Decimal
from pathlib import Path

import breach_scene as scene
from plimsoll.clock import SystemClock
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.values import Breach, Lockout
from plimsoll_enforcer.trading.port import CloseOrder, Placed


def main(folder: Path) -> None:
    """Write until killed."""
    journal = Journal.open(folder, clock=SystemClock())
    journal.watch(Breach(account="eon", began_at=1.0, claims={"tmad": scene.alert()}))
    journal.lock(Lockout(account="eon", since=1.0, until=float("inf"), reason="drawdown"))
    run = journal.begin_run("eon", mode="armed", trigger="confirmed")
    _tell(f"run {run.run_id}")
    for number in itertools.count(1):
        order = _order(f"plim-{run.run_id}-{run.next_number()}")
        run.sending(order)
        _tell(f"sent {number}")
        run.answered(order.client_id, _placed(order))
        journal.count("eon", "requests", "accepted")
        _tell(f"answered {number}")


def _order(client_id: str) -> CloseOrder:
    return CloseOrder(
        symbol="BTCUSDT",
        position_side=PositionSide.BOTH,
        direction=Direction.SELL,
        quantity=Decimal("0.001"),
        client_id=client_id,
    )


def _placed(order: CloseOrder) -> Placed:
    return Placed(
        order_id=1,
        client_id=order.client_id,
        symbol=order.symbol,
        status="FILLED",
        executed=order.quantity,
        average_price=Decimal(100),
    )


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
