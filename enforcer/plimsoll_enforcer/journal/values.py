"""What the journal keeps, as frozen values. Times are Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll_enforcer.desk import Alert, RunSummary
from plimsoll_enforcer.trading.port import CloseOrder, Placed


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A breach that was taken on and is watched.

    Attributes:
        claims: The last alert of each of the account's rules, by rule; a resolved one says so by its status.
        rehearsed: The dry run has shown what it would do.
    """

    account: str
    began_at: float
    claims: Mapping[str, Alert]
    rehearsed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Lockout:
    """An account in which anything new is cancelled and closed.

    Attributes:
        until: ``inf`` until released by hand.
        reason: In words, for people and bots.
        rules: Drawdown rules whose breach it follows; empty for one by hand.
        leverages: The exchange's leverage settings before we lowered them, by symbol.
    """

    account: str
    since: float
    until: float
    reason: str
    rules: tuple[str, ...] = ()
    leverages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """An order that was about to be sent, and its answer; ``None`` while nobody knows."""

    order: CloseOrder
    number: int
    answered: bool = False
    placed: Placed | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Which counter; ``label`` joins the values of its labels besides ``account``."""

    account: str
    name: str
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """Everything that an earlier life left.

    Attributes:
        runs: The newest ones and every one that has not ended, oldest first.
        sent: Orders of the runs that have not ended, by run.
        marks: Times of things that happened last, by name.
    """

    breaches: tuple[Breach, ...] = ()
    lockouts: tuple[Lockout, ...] = ()
    runs: tuple[RunSummary, ...] = ()
    sent: Mapping[str, tuple[Sent, ...]] = field(default_factory=dict)
    counts: Mapping[Counted, int] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
