"""``Draft``: a change of the exporter's state as a value, for ``Pending``: it can wait and be joined with the next.

Standings and wallets of an account replace earlier ones, counts of one counter add up, cursors and positions of files
go to the latest; all else are steps, kept in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Self

from plimsoll.database.change import Change
from plimsoll.database.database import Database
from plimsoll.database.rows import labels_of, labels_text
from plimsoll.database.values import Labels, Wallet
from plimsoll.risk.standing import Standing

_EXACT = Context(prec=60)

Step = Callable[[Change], object]
"""A part of a change that does not coalesce; it may run again, after a rollback of the time before."""

CounterKey = tuple[str, str, str]
"""Account, name and labels (as text) of a counter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What is added to one counter, and when it was last counted."""

    by: Decimal
    at: float | None = None

    def plus(self, later: Counted) -> Counted:
        """Both together."""
        times = [time for time in (self.at, later.at) if time is not None]
        return Counted(by=_EXACT.add(self.by, later.by), at=max(times, default=None))


def counted(account: str, name: str, labels: Labels, by: Decimal | int = 1, *, at: float | None = None) -> Draft:
    """A draft that counts, arguments as those of ``Change.count``."""
    return Draft(counts={(account, name, labels_text(labels)): Counted(by=Decimal(by), at=at)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """One change, written as one transaction.

    Attributes:
        steps: Run first, in order, e.g. ``lambda change: change.add_flow("eon", flow)``.
        standings: By account.
        wallets: By account, then asset.
        cursors: By account and name.
        counts: What is added, by counter; ``counted`` makes one.
    """

    steps: tuple[Step, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    wallets: Mapping[str, Mapping[str, Wallet]] = field(default_factory=dict)
    cursors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    counts: Mapping[CounterKey, Counted] = field(default_factory=dict)

    def merged(self, later: Self) -> Self:
        """One draft that does what this one and then ``later`` would."""
        counts = dict(self.counts)
        for key, more in later.counts.items():
            counts[key] = counts[key].plus(more) if key in counts else more
        return type(self)(
            steps=self.steps + later.steps,
            standings={**self.standings, **later.standings},
            wallets={**self.wallets, **later.wallets},
            cursors={**self.cursors, **later.cursors},
            counts=counts,
        )

    def apply(self, change: Change) -> None:
        """Write it into a transaction."""
        for step in self.steps:
            step(change)
        for account, standing in self.standings.items():
            change.save_standing(account, standing)
        for account, wallets in self.wallets.items():
            change.save_wallets(account, wallets)
        for (account, name), until_ms in self.cursors.items():
            change.save_cursor(account, name, until_ms)
        for (account, name, labels), more in self.counts.items():
            change.count(account, name, labels_of(labels), more.by, at=more.at)


def writer(database: Database) -> Callable[[Draft], None]:
    """What ``Pending`` takes: writes a draft as one transaction of this database."""

    def write(draft: Draft) -> None:
        with database.change() as change:
            draft.apply(change)

    return write
