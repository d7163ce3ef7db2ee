"""The tables of a report as values. Money is USD; ``None`` is for "unknown" and, where so said, for "none"."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.report.words import STRUCTURE, SourceName


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionRow:
    """One position at one moment.

    Attributes:
        side: ``long`` or ``short``.
        quantity: Base units, absolute.
        notional: USD, absolute.
        stop: Trigger of the nearest stop that covers; ``None`` without one.
        coverage: Share that stops cover; ``None`` while it cannot be known.
        loss_at_stop: Of the covered part from entry, a loss positive; ``None`` without a stop.
        protection: In words: ``covered``, ``no stop``, ``half covered``, ``unknown``.
    """

    symbol: str = field(metadata=STRUCTURE)
    side: str = field(metadata=STRUCTURE)
    quantity: Decimal
    notional: Decimal | None
    entry: Decimal | None
    mark: Decimal | None
    unrealized: Decimal | None
    stop: Decimal | None
    coverage: Decimal | None
    loss_at_stop: Decimal | None
    protection: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionsAt:
    """All positions at one moment.

    Attributes:
        moment: ``start``, ``worst`` or ``end``.
        rows: Empty for a flat account; ``None`` where nothing can be known.
        note: Why the moment is another one than its name says; empty where it is not.
    """

    moment: str = field(metadata=STRUCTURE)
    time: float
    equity: Decimal | None
    rows: tuple[PositionRow, ...] | None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRow:
    """One order that ended; texts are empty where nobody told.

    Attributes:
        outcome: ``filled``, ``cancelled``, ``expired`` or ``rejected``.
        intent: ``open``, ``close`` or ``unknown``.
        reason: Of a rejection, in words.
        code: The exchange's code of a rejection; ``None`` without one.
        message: The exchange's words.
        told_by: Who told: the exchange's stream or history, a report, a log.
    """

    time: float
    symbol: str = field(metadata=STRUCTURE)
    direction: str = field(metadata=STRUCTURE)
    type: str = field(metadata=STRUCTURE)
    quantity: str
    intent: str = field(metadata=STRUCTURE)
    outcome: str = field(metadata=STRUCTURE)
    reason: str = ""
    code: int | None = None
    message: str = ""
    told_by: str = ""
    source: SourceName = SourceName.STATE


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyRow:
    """One line of what the period cost or earned, USD, earnings positive; ``None`` where it is unknown.

    Attributes:
        name: E.g. ``fees``, ``funding``, ``realised profit and loss``, ``change of equity``.
        note: How it is known, or why it is not.
    """

    name: str
    amount: Decimal | None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRow:
    """Expected loss at the stop against the real one, of one position; losses positive.

    Attributes:
        expected: At the stop's trigger; ``None`` without a stop, or where it is unknown.
        real: Realised where it was closed in the period, else unrealised at the worst moment; ``None`` if unknown.
        closed: Whether it was closed in the period.
        difference: ``real - expected``; ``None`` where one of them is.
        explanation: Why they differ, in words: slippage, missing stop, size above plan, re-entry; or why they do not.
    """

    symbol: str = field(metadata=STRUCTURE)
    side: str = field(metadata=STRUCTURE)
    expected: Decimal | None
    real: Decimal | None
    closed: bool
    difference: Decimal | None
    explanation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingRow:
    """One setting of the account, in words."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """All tables; ``executed`` and ``rejected`` are shown side by side.

    Attributes:
        orders_note: What the two lists cannot hold (orders that ended beyond those kept); empty where they are whole.
    """

    positions: tuple[PositionsAt, ...] = ()
    executed: tuple[OrderRow, ...] = ()
    rejected: tuple[OrderRow, ...] = ()
    orders_note: str = ""
    money: tuple[MoneyRow, ...] = ()
    stops: tuple[StopRow, ...] = ()
    settings: tuple[SettingRow, ...] = ()
