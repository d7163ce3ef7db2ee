"""What the state database keeps besides ``Standing`` and ``Flow``: frozen values, as they are written and read.

Times ending in ``_ms`` are integers by the exchange's clock; other times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.model.terms import PositionSide

Labels = Mapping[str, str]
"""Labels of a counter or alert besides ``account``."""

FLOWS = "flows"
"""Name of the cursor up to which the income history has been read for flows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wallet:
    """Wallet balance of one asset as last known.

    Attributes:
        balance: In the asset.
        updated_ms: When the exchange said so.
    """

    balance: Decimal
    updated_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """One ledger counter.

    Attributes:
        value: Sum since the ledger began.
        last_at: When it was last counted up with a time; ``None`` where never.
    """

    account: str
    name: str
    labels: Labels = field(default_factory=dict)
    value: Decimal
    last_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """The key of something that must count once, over restarts and over all sources.

    Attributes:
        kind: What kind of thing, e.g. ``rejection``; keys of different kinds never meet.
        key: What tells it from all others of its kind in the account.
        time_ms: When it happened, by the exchange; pruning goes by it.
    """

    account: str
    kind: str
    key: str
    time_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePosition:
    """How far a file is read.

    Attributes:
        inode: Of the file that ``offset`` belongs to; another one means that it was rotated.
        offset: Bytes read and dealt with.
        fingerprint: Of the file's beginning; another one at the same inode means that it was written anew.
    """

    path: str
    inode: int
    offset: int
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionRecord:
    """What the exchange does not tell of an open position.

    Attributes:
        opened_ms: When it was opened, by the exchange; ``None`` where that was not seen.
        entries: Orders that increased it since.
        orders: Ids of orders that are counted already.
        amount: Signed base units that this is the history of.
        moved_ms: The exchange's time of their last change.
    """

    symbol: str
    side: PositionSide
    opened_ms: int | None
    entries: int
    orders: frozenset[int] = frozenset()
    amount: Decimal = Decimal(0)
    moved_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertStart:
    """Since when an alert of the fast lane fires, and since when it does not any more.

    Attributes:
        account: Name of its account.
        alert: Its name.
        labels: What else tells it from others.
        starts_at: Unix time of the crossing.
        over_at: Unix time at which it was over; ``None`` while it fires.
    """

    account: str
    alert: str
    labels: Labels = field(default_factory=dict)
    starts_at: float
    over_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """Where a drawdown rule's lines are, in USD of equity."""

    reference: Decimal
    floor: Decimal

    def __str__(self) -> str:
        return f"reference {self.reference:.2f} USD, floor {self.floor:.2f} USD"


@dataclass(frozen=True, kw_only=True, slots=True)
class RebaseRequest:
    """Somebody's wish that a drawdown rule begins anew from the equity of now.

    Attributes:
        id: Rises with every request; never used twice.
        requested_by: User name on this machine.
        done_at: When it was done or refused; ``None`` while it is open.
        before: Before it was done; ``None`` where the rule had no level yet, or while it is open.
        after: After it was done; ``None`` while it is open, or when it was refused.
        refused: Why it was not done; empty while open or when done.
    """

    id: int
    account: str
    rule: str
    reason: str
    requested_at: float
    requested_by: str
    done_at: float | None = None
    before: Level | None = None
    after: Level | None = None
    refused: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One line of the audit trail, which is only ever added to.

    Attributes:
        rule: Name of the drawdown rule; empty where it is about the whole account.
        action: ``rebase``, ``rebase-refused``, ``rule-new``, ``rule-changed``, ``rule-dropped``, or another word.
        reason: Why, in words.
        before: What held before, as text; empty for nothing.
        after: What holds after, as text; empty for nothing.
        source: Who or what did it, e.g. ``rebase by ann``, ``configuration``.
    """

    time: float
    account: str
    rule: str
    action: str
    reason: str
    before: str
    after: str
    source: str
