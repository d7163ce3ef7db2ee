"""What one account's ledger writes: gathered piece by piece, each piece once, all that belongs together in one change.

Standing, wallets and cursors go out with whatever is written, so that no change is in the database without the others.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.database.draft import Draft
from plimsoll.database.values import Wallet
from plimsoll.risk.standing import Standing
from plimsoll_exporter.keeper.keeping import is_urgent
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.store import Remembered, Store, joined


class Records:
    """Remembers what is written already.

    Attributes:
        cursors: By name; change them as they move.

    Args:
        account: Its name.
        store: Where it goes.
        kept: What was read from there at the start.
    """

    def __init__(self, account: str, store: Store, kept: Remembered) -> None:
        self._account, self._store = account, store
        self._standing = kept.standing
        self._wallets: Mapping[str, Wallet] = kept.wallets
        self._written = dict(kept.cursors)
        self._accrued: list[Draft] = []
        self.cursors = dict(kept.cursors)

    def accrue(self, draft: Draft) -> None:
        """Keep a piece for the next change."""
        self._accrued.append(draft)

    def is_urgent(self, standing: Standing) -> bool:
        """Whether a standing must be written at once."""
        return is_urgent(self._standing, standing)

    def write(self, standing: Standing | None, live: LiveBook, *, explained: bool) -> None:
        """Write all that is not written yet, now."""
        self._store.put(self.take(standing, live, explained=explained))

    def take(self, standing: Standing | None, live: LiveBook, *, explained: bool) -> Draft:
        """All that is not written yet, as one change; it counts as written then.

        Args:
            standing: Of now; ``None`` before the first sample.
            live: The account's book.
            explained: Every change of its wallets is explained and booked.
        """
        drafts, self._accrued = self._accrued, []
        moved = {name: until for name, until in self.cursors.items() if self._written.get(name) != until}
        self._written |= moved
        drafts.append(Draft(cursors={(self._account, name): until for name, until in moved.items()}))
        if standing is not None and standing != self._standing:
            self._standing = standing
            drafts.append(Draft(standings={self._account: standing}))
        if standing is not None and explained:
            drafts.append(self._wallets_of(live))
        return joined(drafts)

    def _wallets_of(self, live: LiveBook) -> Draft:
        """The wallets of now, where they are not those that were written last."""
        if live.book is None or not live.synced:
            return Draft()
        wallets = {
            asset: Wallet(balance=balance.wallet, updated_ms=balance.updated_ms)
            for asset, balance in live.book.balances.items()
        }
        if wallets == self._wallets:
            return Draft()
        self._wallets = wallets
        return Draft(wallets={self._account: wallets})
