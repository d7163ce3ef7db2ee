"""``Reading``: what can be read of the exporter's state, each method one consistent look at the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from plimsoll.database.closing import COLUMNS as CLOSING_COLUMNS
from plimsoll.database.closing import ClosingOrder, closing_order_of
from plimsoll.database.errors import sqlite_errors, unreadable
from plimsoll.database.orders import COLUMNS, KEPT, EndedOrder, ended_order_of
from plimsoll.database.rows import (
    FLOW_COLUMNS,
    REBASE_COLUMNS,
    RULE_COLUMNS,
    Cell,
    decimal,
    flow_of,
    labels_of,
    orders_of,
    real,
    rebase_of,
    rule_of,
)
from plimsoll.database.schema import STATE
from plimsoll.database.values import (
    AlertStart,
    AuditEntry,
    Counter,
    FilePosition,
    PositionRecord,
    RebaseRequest,
    Seen,
    Wallet,
)
from plimsoll.model.flows import Flow
from plimsoll.model.terms import PositionSide
from plimsoll.risk.standing import Standing

_Row = tuple[Cell, ...]
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")

_NONSENSE = (ValueError, ArithmeticError, TypeError, AttributeError, sqlite3.OperationalError)
"""What comes of a cell that a person or a disk has changed, and of a column that is gone."""


_Reader = Callable[Concatenate["Reading", _Given], _Found]


def _judged(read: _Reader[_Given, _Found]) -> _Reader[_Given, _Found]:
    """A reader for which what makes no sense is damage."""

    @wraps(read)
    def judged(reading: Reading, /, *given: _Given.args, **named: _Given.kwargs) -> _Found:
        try:
            return read(reading, *given, **named)
        except _NONSENSE as error:
            what = f"holds what makes no sense ({type(error).__name__} in {read.__name__})"
            raise unreadable(reading.path, what, STATE.way_out) from error

    return judged


class Reading:
    """The readers; every one may raise ``StateUnavailable`` or ``StateUnreadable``."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @_judged
    def standing(self, account: str) -> Standing | None:
        """Where the account stands; ``None`` where nothing was kept of it."""
        rows = self._all(
            f"SELECT units, unit_value, sampled_at_s, rule, {RULE_COLUMNS}"  # noqa: S608 - our own constant
            " FROM standing LEFT JOIN rule_standing USING (account) WHERE account = ?",
            account,
        )
        if not rows:
            return None
        units, unit_value, sampled_at, *_ = rows[0]
        return Standing(
            units=decimal(units),
            unit_value=decimal(unit_value),
            sampled_at=real(sampled_at) or 0.0,
            rules={str(name): rule_of(row) for _, _, _, name, *row in rows if name is not None},
        )

    @_judged
    def wallets(self, account: str) -> dict[str, Wallet]:
        """The account's wallets as last known, by asset."""
        rows = self._all("SELECT asset, balance, updated_ms FROM wallet WHERE account = ?", account)
        return {str(asset): Wallet(balance=decimal(balance), updated_ms=int(at or 0)) for asset, balance, at in rows}

    @_judged
    def flows(self, account: str, *, since_ms: int = 0) -> tuple[Flow, ...]:
        """The account's flows with a time from ``since_ms`` on, in the order of their times."""
        query = f"SELECT {FLOW_COLUMNS} FROM flow WHERE account = ? AND time_ms >= ? ORDER BY time_ms, id"  # noqa: S608 - our own constant
        return tuple(flow_of(row) for row in self._all(query, account, since_ms))

    @_judged
    def cursor(self, account: str, name: str) -> int | None:
        """Up to when a history is dealt with, in milliseconds; ``None`` where it was never begun."""
        found = self._one("SELECT until_ms FROM cursor WHERE account = ? AND name = ?", account, name)
        return None if found is None else int(found[0] or 0)

    @_judged
    def counters(self, name: str | None = None) -> tuple[Counter, ...]:
        """All ledger counters, or those with one name."""
        rows = self._all(
            "SELECT account, name, labels, value, last_at_s FROM counter WHERE ? IS NULL OR name = ?"
            " ORDER BY name, account, labels",
            name,
            name,
        )
        return tuple(
            Counter(
                account=str(account),
                name=str(found),
                labels=labels_of(labels),
                value=decimal(value),
                last_at=real(last_at),
            )
            for account, found, labels, value, last_at in rows
        )

    @_judged
    def seen(self, account: str, kind: str) -> tuple[Seen, ...]:
        """All remembered keys of a kind in an account, in the order of their times.

        To count something once, ask ``Change.mark_seen`` instead.
        """
        rows = self._all(
            "SELECT key, time_ms FROM seen WHERE account = ? AND kind = ? ORDER BY time_ms, key", account, kind
        )
        return tuple(Seen(account=account, kind=kind, key=str(key), time_ms=int(time or 0)) for key, time in rows)

    @_judged
    def seen_between(self, account: str, kind: str, *, from_ms: int, to_ms: int) -> tuple[str, ...]:
        """The remembered keys of a kind with a time from ``from_ms`` to ``to_ms``, oldest first."""
        query = "SELECT key FROM seen WHERE account = ? AND kind = ? AND time_ms BETWEEN ? AND ? ORDER BY time_ms, key"
        return tuple(str(key) for (key,) in self._all(query, account, kind, from_ms, to_ms))

    @_judged
    def seen_kinds(self, beginning: str) -> tuple[str, ...]:
        """The kinds of remembered keys that begin like this."""
        query = "SELECT DISTINCT kind FROM seen WHERE substr(kind, 1, ?) = ? ORDER BY kind"
        return tuple(str(kind) for (kind,) in self._all(query, len(beginning), beginning))

    @_judged
    def ended_orders(self, account: str) -> tuple[EndedOrder, ...]:
        """The last orders of an account that ended, newest first: ``KEPT`` rejected ones, and as many others."""
        last = f"SELECT id, {COLUMNS} FROM ended_order WHERE account = ? AND (outcome = 'rejected') = ?"  # noqa: S608 - our own constant
        rows = [row for kind in (0, 1) for row in self._all(f"{last} ORDER BY id DESC LIMIT {KEPT}", account, kind)]
        return tuple(ended_order_of(row[1:]) for row in sorted(rows, key=lambda row: int(row[0] or 0), reverse=True))

    @_judged
    def ended_orders_between(self, account: str, *, since: float, until: float) -> tuple[EndedOrder, ...]:
        """The orders of an account that ended in a period, oldest first, as far as they are kept."""
        query = f"SELECT {COLUMNS} FROM ended_order WHERE account = ? AND time_s BETWEEN ? AND ? ORDER BY time_s, id"  # noqa: S608 - our own constant
        return tuple(ended_order_of(row) for row in self._all(query, account, since, until))

    @_judged
    def working_closing_orders(self, account: str) -> tuple[ClosingOrder, ...]:
        """The orders that were to close positions and were last known to work, oldest first."""
        query = f"SELECT {CLOSING_COLUMNS} FROM closing_order WHERE account = ? AND ended_s IS NULL ORDER BY id"  # noqa: S608 - our own constant
        return tuple(closing_order_of(row) for row in self._all(query, account))

    @_judged
    def closing_orders_between(self, account: str, *, since: float, until: float) -> tuple[ClosingOrder, ...]:
        """The orders that were to close positions and worked at any time of a period, oldest first."""
        query = (
            f"SELECT {CLOSING_COLUMNS} FROM closing_order WHERE account = ? AND since_s <= ?"  # noqa: S608 - our own constant
            " AND (ended_s IS NULL OR ended_s >= ?) ORDER BY since_s, id"
        )
        return tuple(closing_order_of(row) for row in self._all(query, account, until, since))

    @_judged
    def file_positions(self) -> dict[str, FilePosition]:
        """How far every followed file is read, by its path."""
        return {
            str(path): FilePosition(
                path=str(path), inode=int(inode or 0), offset=int(offset or 0), fingerprint=str(fingerprint)
            )
            for path, inode, offset, fingerprint in self._all(
                "SELECT path, inode, offset, fingerprint FROM file_position"
            )
        }

    @_judged
    def positions(self, account: str) -> dict[tuple[str, PositionSide], PositionRecord]:
        """What is kept of the account's open positions, by symbol and side."""
        rows = self._all(
            "SELECT symbol, side, opened_ms, entries, orders, amount, moved_ms FROM position WHERE account = ?", account
        )
        records = (
            PositionRecord(
                symbol=str(symbol),
                side=PositionSide(str(side)),
                opened_ms=None if opened is None else int(opened),
                entries=int(entries or 0),
                orders=orders_of(orders),
                amount=decimal(amount),
                moved_ms=int(moved or 0),
            )
            for symbol, side, opened, entries, orders, amount, moved in rows
        )
        return {(record.symbol, record.side): record for record in records}

    @_judged
    def alerts(self) -> tuple[AlertStart, ...]:
        """All alerts of the fast lane that fire or did so lately, with their beginnings."""
        rows = self._all(
            "SELECT account, alert, labels, starts_at_s, over_at_s FROM alert ORDER BY account, alert, labels"
        )
        return tuple(
            AlertStart(
                account=str(account),
                alert=str(alert),
                labels=labels_of(labels),
                starts_at=real(at) or 0.0,
                over_at=real(over),
            )
            for account, alert, labels, at, over in rows
        )

    @_judged
    def rebase_request(self, number: int) -> RebaseRequest | None:
        """The request with this id."""
        found = self._one(f"SELECT {REBASE_COLUMNS} FROM rebase WHERE id = ?", number)  # noqa: S608 - our own constant
        return None if found is None else rebase_of(found)

    @_judged
    def open_rebase_requests(self) -> tuple[RebaseRequest, ...]:
        """The requests that are neither done nor refused, oldest first."""
        query = f"SELECT {REBASE_COLUMNS} FROM rebase WHERE done_at_s IS NULL ORDER BY id"  # noqa: S608 - our own constant
        return tuple(rebase_of(row) for row in self._all(query))

    @_judged
    def audit_trail(self, account: str | None = None) -> tuple[AuditEntry, ...]:
        """The audit trail, of one account or of all, oldest first."""
        rows = self._all(
            "SELECT time_s, account, rule, action, reason, before, after, source FROM audit"
            " WHERE ? IS NULL OR account = ? ORDER BY id",
            account,
            account,
        )
        return tuple(
            AuditEntry(
                time=real(time) or 0.0,
                account=str(owner),
                rule=str(rule),
                action=str(action),
                reason=str(reason),
                before=str(before),
                after=str(after),
                source=str(source),
            )
            for time, owner, rule, action, reason, before, after, source in rows
        )

    def _all(self, query: str, *values: Cell) -> Sequence[_Row]:
        with sqlite_errors(self._path, way_out=STATE.way_out):
            return self._connection.execute(query, values).fetchall()

    def _one(self, query: str, *values: Cell) -> _Row | None:
        rows = self._all(query, *values)
        return rows[0] if rows else None
