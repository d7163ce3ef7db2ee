"""``Change``: what can be written, all of it inside one transaction that ``Database.change`` opens and ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from plimsoll.database.change_rebase import RebaseChange
from plimsoll.database.closing import ClosingChange
from plimsoll.database.orders import OrderChange
from plimsoll.database.rows import (
    FLOW_COLUMNS,
    RULE_COLUMNS,
    Cell,
    decimal,
    flow_row,
    labels_text,
    orders_text,
    rule_row,
)
from plimsoll.database.values import AlertStart, FilePosition, Labels, PositionRecord, Seen, Wallet
from plimsoll.model.flows import Flow
from plimsoll.model.terms import PositionSide
from plimsoll.risk.standing import Standing

_EXACT = Context(prec=60)
"""Sums of counters keep every digit."""


class Change(RebaseChange, OrderChange, ClosingChange):
    """One transaction; useless after its ``with`` block.

    Every method may raise ``StateUnavailable`` or ``StateUnreadable``: then nothing of the whole change is written.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        RebaseChange.__init__(self, connection)
        OrderChange.__init__(self, connection)
        ClosingChange.__init__(self, connection)
        self._connection = connection

    def save_standing(self, account: str, standing: Standing) -> None:
        """Replace the account's standing; rules that it does not name are forgotten."""
        self._run(
            "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?)",
            (account, str(standing.units), str(standing.unit_value), standing.sampled_at),
        )
        self._run("DELETE FROM rule_standing WHERE account = ?", (account,))
        self._connection.executemany(
            f"INSERT INTO rule_standing (account, rule, {RULE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own constant
            [(account, name, *rule_row(rule)) for name, rule in standing.rules.items()],
        )

    def save_wallets(self, account: str, wallets: Mapping[str, Wallet]) -> None:
        """Replace all of the account's wallets, by asset; an asset that is not named is forgotten."""
        self._run("DELETE FROM wallet WHERE account = ?", (account,))
        self._connection.executemany(
            "INSERT INTO wallet VALUES (?, ?, ?, ?)",
            [(account, asset, str(wallet.balance), wallet.updated_ms) for asset, wallet in wallets.items()],
        )

    def add_flow(self, account: str, flow: Flow) -> bool:
        """Book a flow; ``False``, and nothing is written, where its income row is booked in the account already.

        A flow without ``transaction`` (no income row confirmed it yet) is always written.
        """
        cursor = self._run(
            f"INSERT INTO flow (account, {FLOW_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own constant
            " ON CONFLICT DO NOTHING",
            (account, *flow_row(flow)),
        )
        return cursor.rowcount > 0

    def confirm_flow(self, account: str, provisional: Flow, confirmed: Flow) -> bool:
        """Put a confirmed flow in the place of the provisional one that it confirms.

        Of several equal provisional flows one is replaced, the one booked first. ``False``, and nothing is written,
        where there is none, or where the confirmed one's income row is booked already.
        """
        cursor = self._run(
            f"UPDATE OR IGNORE flow SET ({FLOW_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ({_PROVISIONAL})",  # noqa: S608 - our own constants
            (*flow_row(confirmed), *_provisional(account, provisional)),
        )
        return cursor.rowcount > 0

    def drop_flow(self, account: str, provisional: Flow) -> bool:
        """Take back one provisional flow that turned out not to be one; ``False`` where there is none."""
        cursor = self._run(f"DELETE FROM flow WHERE id = ({_PROVISIONAL})", _provisional(account, provisional))  # noqa: S608 - our own constant
        return cursor.rowcount > 0

    def save_cursor(self, account: str, name: str, until_ms: int) -> None:
        """Say up to when a history of the exchange's is dealt with; ``FLOWS`` is the income history's name."""
        self._run("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (account, name, until_ms))

    def count(
        self, account: str, name: str, labels: Labels, by: Decimal | int = 1, *, at: float | None = None
    ) -> Decimal:
        """Add to a ledger counter, exactly; gives its new value.

        Args:
            account: Its account.
            name: Name of the counter.
            labels: Its labels besides ``account``.
            by: What to add; 0 makes a counter that is not there yet.
            at: When it was counted; ``last_at`` keeps the latest.
        """
        key = (account, name, labels_text(labels))
        found = self._run(
            "SELECT value, last_at_s FROM counter WHERE account = ? AND name = ? AND labels = ?", key
        ).fetchone()
        value, last = (Decimal(0), None) if found is None else (decimal(found[0]), found[1])
        value = _EXACT.add(value, Decimal(by))
        times = [time for time in (last, at) if time is not None]
        self._run("INSERT OR REPLACE INTO counter VALUES (?, ?, ?, ?, ?)", (*key, str(value), max(times, default=None)))
        return value

    def mark_seen(self, seen: Seen) -> bool:
        """Remember a key; ``True`` when it is new, ``False`` when it was seen before and must not count again."""
        cursor = self._run(
            "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (seen.account, seen.kind, seen.key, seen.time_ms),
        )
        return cursor.rowcount > 0

    def forget_seen(self, account: str, kind: str, key: str) -> None:
        """Forget one key."""
        self._run("DELETE FROM seen WHERE account = ? AND kind = ? AND key = ?", (account, kind, key))

    def prune_seen(self, kind: str, *, before_ms: int) -> int:
        """Forget the keys of a kind whose time is before this; gives how many. What may come again must be kept."""
        return self._run("DELETE FROM seen WHERE kind = ? AND time_ms < ?", (kind, before_ms)).rowcount

    def save_file_position(self, position: FilePosition) -> None:
        """Say how far a file is read."""
        self._run(
            "INSERT OR REPLACE INTO file_position VALUES (?, ?, ?, ?)",
            (position.path, position.inode, position.offset, position.fingerprint),
        )

    def save_position(self, account: str, record: PositionRecord) -> None:
        """Keep what is known of an open position."""
        self._run(
            "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account,
                record.symbol,
                record.side.value,
                record.opened_ms,
                record.entries,
                orders_text(record.orders),
                str(record.amount),
                record.moved_ms,
            ),
        )

    def drop_position(self, account: str, symbol: str, side: PositionSide) -> None:
        """Forget a position that was closed."""
        self._run("DELETE FROM position WHERE account = ? AND symbol = ? AND side = ?", (account, symbol, side.value))

    def save_alert(self, alert: AlertStart) -> None:
        """Keep since when an alert fires, or that it is over."""
        self._run(
            "INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?)",
            (alert.account, alert.alert, labels_text(alert.labels), alert.starts_at, alert.over_at),
        )

    def drop_alert(self, account: str, alert: str, labels: Labels) -> None:
        """Forget an alert whose end has been told for long enough."""
        self._run(
            "DELETE FROM alert WHERE account = ? AND alert = ? AND labels = ?", (account, alert, labels_text(labels))
        )

    def forget_accounts(self, kept: Iterable[str]) -> None:
        """Forget standing, wallets, positions and alerts of all accounts but these; ledgers and the trail stay."""
        names = sorted(kept)
        marks = ", ".join("?" * len(names))
        for table in ("standing", "rule_standing", "wallet", "position", "alert"):
            self._run(f"DELETE FROM {table} WHERE account NOT IN ({marks})", names)  # noqa: S608 - our own names


_PROVISIONAL = (
    "SELECT min(id) FROM flow WHERE account = ? AND income_key = '' AND asset = ? AND amount = ?"
    " AND time_ms = ? AND kind = ? AND booked_at_s = ?"
)


def _provisional(account: str, flow: Flow) -> tuple[Cell, ...]:
    return (account, flow.asset, str(flow.amount), flow.time_ms, flow.kind, flow.booked_at)
