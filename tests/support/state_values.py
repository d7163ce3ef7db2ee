"""Values for the state database, as tests need them, and a database in a folder of the test's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from manual_clock import ManualClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.standing import RuleStanding, Standing

TIME_MS = 1_795_164_000_000


def open_state(folder: Path, *, clock: ManualClock | None = None) -> Database:
    """The state database of this folder, as its owner."""
    return Database.open(folder / FILE_NAME, clock=clock or ManualClock(), lock_patience=0.0)


def flow(amount: str = "10", *, transaction: str = "", time_ms: int = TIME_MS) -> Flow:
    """A deposit of USDT, or with a negative amount a withdrawal."""
    return Flow(
        asset="USDT",
        amount=Decimal(amount),
        usd=Decimal(amount),
        time_ms=time_ms,
        kind="TRANSFER" if transaction else "DEPOSIT",
        source=FlowSource.INCOME if transaction else FlowSource.EVENT,
        transaction=transaction,
        booked_at=TIME_MS / 1000,
    )


def standing(units: str = "5000", *rules: str) -> Standing:
    """A standing with rules of these names."""
    one = RuleStanding(
        definition="high-water|ratio",
        reference=Decimal("1.000000000000000000000000001"),
        reference_at=1_795_164_000.125,
        start=Decimal("1.0"),
        day=date(2026, 11, 21),
        estimated=True,
        breached=True,
        breached_at=1_795_164_001.5,
        checkpoint=Decimal("0.99"),
    )
    return Standing(
        units=Decimal(units), unit_value=Decimal("1.10"), sampled_at=1_795_164_002.25, rules=dict.fromkeys(rules, one)
    )
