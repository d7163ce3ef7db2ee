"""The way to the state database for all keepers: changes go out at once or wait in memory, and nothing is lost.

While the database cannot be written everything goes on from memory; what waits is written when it can be again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from plimsoll.clock import Clock
from plimsoll.database.database import Database
from plimsoll.database.draft import Draft, writer
from plimsoll.database.pending import Pending
from plimsoll.database.values import Counter, PositionRecord, RebaseRequest, Seen, Wallet
from plimsoll.errors import StateError
from plimsoll.model.flows import Flow
from plimsoll.risk.standing import Standing

log = logging.getLogger(__name__)

ONCE = "once"
"""Kind of the keys of events that were counted: margin calls, forced closes."""

BEGUN, READ, PROVEN, MULTI = "ledger-begin", "flows", "flows-until", "multi-assets"
"""Cursors: when the ledger began; up to when the income history was read; up to when every flow is known; since when
the account is in multi-assets mode (0 where it is not)."""

CURSORS = (BEGUN, READ, PROVEN, MULTI)


def income_kind(account: str) -> str:
    """Kind of the keys of income that was counted: one for each account, for each forgets its old ones by itself."""
    return f"income/{account}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What was kept of one account.

    Attributes:
        standing: ``None`` where the account was never seen.
        wallets: As they were when everything about them was explained and booked.
        flows: All of them, oldest first.
        seen: Keys of what was counted, by kind.
    """

    standing: Standing | None = None
    wallets: Mapping[str, Wallet] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    cursors: Mapping[str, int] = field(default_factory=dict)
    counters: tuple[Counter, ...] = ()
    seen: tuple[Seen, ...] = ()


def joined(drafts: Iterable[Draft]) -> Draft:
    """One change that does what all of these would, one after the other."""
    listed = tuple(drafts)
    whole = Draft()
    for draft in listed:
        whole = whole.merged(replace(draft, steps=()))
    return replace(whole, steps=tuple(step for draft in listed for step in draft.steps))


class Store:
    """Reads at the start, writes while running.

    Attributes:
        failures: Changes that could not be written when they were made.

    Args:
        database: Opened by this process.
        clock: Time.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._pending: Pending[Draft] = Pending(writer(database), clock=clock)
        self.failures = 0
        self._fine = True

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._database.path

    @property
    def failing_since(self) -> float | None:
        """Unix time since which changes cannot be written; ``None`` while they can."""
        return self._pending.failing_since

    def remembered(self, account: str) -> Remembered:
        """What was kept of an account.

        Raises:
            StateError: It cannot be read.
        """
        database = self._database
        found = {name: database.cursor(account, name) for name in CURSORS}
        return Remembered(
            standing=database.standing(account),
            wallets=database.wallets(account),
            flows=database.flows(account),
            cursors={name: until for name, until in found.items() if until is not None},
            counters=tuple(counter for counter in database.counters() if counter.account == account),
            seen=database.seen(account, income_kind(account)) + database.seen(account, ONCE),
        )

    def positions(self, account: str) -> tuple[PositionRecord, ...]:
        """What was kept of an account's open positions.

        Raises:
            StateError: It cannot be read.
        """
        return tuple(self._database.positions(account).values())

    def put(self, draft: Draft) -> None:
        """Write a change now, or keep it until it can be written."""
        self._tell(written=self._pending.put(draft), failed=1)

    def retry(self) -> None:
        """Try again what could not be written, if it is time."""
        if self.failing_since is not None:
            self._tell(written=self._pending.retry(), failed=0)

    def forget_others(self, accounts: Iterable[str]) -> None:
        """Forget where accounts stand that are no longer configured; what they did stays in the ledgers."""
        kept = tuple(accounts)
        self.put(Draft(steps=(lambda change: change.forget_accounts(kept),)))

    def requests(self) -> tuple[RebaseRequest, ...] | None:
        """The open requests for a rebase, where another process has written since the last call; else ``None``."""
        try:
            return self._database.open_rebase_requests() if self._database.changed_by_others() else None
        except StateError as error:
            log.warning("requests for a rebase cannot be read: %s", error)
            return None

    def close(self) -> None:
        """Write what waits, and close."""
        if not self._pending.retry(now=True):
            log.error("the last changes of the state are lost: %s", self._pending.error)
        self._database.close()

    def _tell(self, *, written: bool, failed: int) -> None:
        if not written:
            if self._fine:
                log.critical("the state cannot be written, going on from memory: %s", self._pending.error)
            self.failures += failed
            self._fine = False
        elif not self._fine:
            log.warning("the state is written again")
            self._fine = True
