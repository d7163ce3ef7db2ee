"""How far a run has got, from its audit alone: so it is whole after a lost connection and after a restart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll_enforcer.desk import AuditLine

TROUBLE = frozenset(
    {"cancel-failed", "read-failed", "unknown", "wait", "failed", "fault", "not-flat", "late", "reopened", "resumed"}
)
"""Kinds of steps that a person who waits wants to read at once."""

KEPT = 10
"""The newest troubles that are told apart from the audit; what repeats itself is one, with its count."""

_LEG = re.compile(r"(\S+) (both|long|short) (-?[0-9.]+)")


@dataclass(kw_only=True, slots=True)
class Leg:
    """One position as the run follows it.

    Attributes:
        first: Signed base units when it was first read.
        left: Signed base units: the last reading, less what was filled since.
    """

    first: Decimal
    left: Decimal


@dataclass(kw_only=True, slots=True)
class Trouble:
    """Something that went wrong, as often as it did.

    Attributes:
        at: Unix time of the last time.
    """

    at: float
    count: int


@dataclass(kw_only=True, slots=True)
class Progress:
    """What the audit has told so far.

    Attributes:
        legs: By symbol and position side.
        read_at: Unix time of the last reading of positions; ``None`` before the first.
        plain, conditional: Orders that worked at the last reading of them; ``None`` where unknown.
        cancels: Cancelling calls made.
        sent: Closing orders sent.
        answered: Those of them whose outcome is known.
        flat_at: Unix time of the clean read-back that still stands.
        confirmed_at: Unix time of the second one.
        troubles: What went wrong, in words, the one that came last at the end.
    """

    legs: dict[tuple[str, str], Leg] = field(default_factory=dict)
    read_at: float | None = None
    plain: int | None = None
    conditional: int | None = None
    cancels: int = 0
    sent: int = 0
    answered: int = 0
    flat_at: float | None = None
    confirmed_at: float | None = None
    troubles: dict[str, Trouble] = field(default_factory=dict)

    def take(self, line: AuditLine) -> None:
        """Take one line of the audit in."""
        match line.kind:
            case "read":
                self._read(line)
            case "cancel":
                self.cancels += 1
            case "sending":
                self.sent += 1
            case "answered":
                self._answered(line)
            case "flat":
                self.flat_at = line.at
            case "confirmed":
                self.confirmed_at = line.at
            case "not-flat":
                self.flat_at = None
        if line.kind in TROUBLE or _refused(line):
            before = self.troubles.pop(line.text, None)
            self.troubles[line.text] = Trouble(at=line.at, count=1 if before is None else before.count + 1)

    def _read(self, line: AuditLine) -> None:
        plain, conditional = line.detail.get("plain_orders"), line.detail.get("conditional_orders")
        if line.detail.get("orders_fresh"):
            self.plain = plain if isinstance(plain, int) else None
            self.conditional = conditional if isinstance(conditional, int) else None
        held = line.detail.get("held")
        if not isinstance(held, str):
            return
        self.read_at = line.at
        amounts = {(symbol, side): Decimal(amount) for symbol, side, amount in _LEG.findall(held)}
        for key, leg in self.legs.items():
            leg.left = amounts.get(key, Decimal(0))
        for key, amount in amounts.items():
            self.legs.setdefault(key, Leg(first=amount, left=amount))

    def _answered(self, line: AuditLine) -> None:
        self.answered += 1
        key = str(line.detail.get("symbol")), str(line.detail.get("position_side"))
        executed, leg = line.detail.get("executed"), self.legs.get(key)
        if leg is not None and isinstance(executed, str):
            left = max(abs(leg.left) - Decimal(executed), Decimal(0))
            leg.left = left if leg.left > 0 else -left


def progress_of(audit: Iterable[AuditLine]) -> Progress:
    """How far a run has got."""
    found = Progress()
    for line in audit:
        found.take(line)
    return found


def progress_json(progress: Progress) -> Mapping[str, object]:
    """The same as JSON."""
    return {
        "positions": [
            {"symbol": symbol, "position_side": side, "amount": f"{leg.first:f}", "left": f"{leg.left:f}"}
            for (symbol, side), leg in sorted(progress.legs.items())
        ],
        "read_at": progress.read_at,
        "orders_left": {"plain": progress.plain, "conditional": progress.conditional},
        "cancels": progress.cancels,
        "orders_sent": progress.sent,
        "orders_answered": progress.answered,
        "flat_at": progress.flat_at,
        "confirmed_at": progress.confirmed_at,
        "troubles": [
            {"at": one.at, "count": one.count, "text": text} for text, one in list(progress.troubles.items())[-KEPT:]
        ],
    }


def _refused(line: AuditLine) -> bool:
    """Whether a closing order was refused, or never arrived."""
    return line.kind == "answered" and "executed" not in line.detail and "order_id" not in line.detail
