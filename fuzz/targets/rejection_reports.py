"""Bots' reports of rejected orders, up to the row that is kept of them."""

from __future__ import annotations

import re
from decimal import Decimal

from fuzz.target import Target, demand
from fuzz.values import shown, sound
from plimsoll_exporter.rejections.report import LONGEST, BadReport, NoSuchAccount, parse

ACCOUNTS = frozenset({"eon", "source"})
_QUANTITY = re.compile(r"[0-9.]{0,61}")


def _position(_account: str, symbol: str) -> Decimal | None:
    """A position in one symbol, none known in the others."""
    return Decimal(-2) if symbol == "BTCUSDT" else None


def run(data: bytes) -> None:
    """Read a report.

    Raises:
        Broken: What it tells cannot be kept, or is longer than its columns.
    """
    try:
        told = parse(data, accounts=ACCOUNTS, positions=_position)
    except NoSuchAccount:
        return
    except BadReport as bad:
        shown(bad)
        return
    sound(told.ended(0.0), seconds=True)
    sound(told, seconds=True)
    demand(len(told.message) <= LONGEST, "an endless message")
    demand(_QUANTITY.fullmatch(told.quantity) is not None, f"a quantity that is none: {told.quantity!r:.80}")


TARGET = Target(
    name="rejection-reports",
    about="reports: only BadReport and NoSuchAccount; everything in them can be written to the database",
    run=run,
)
