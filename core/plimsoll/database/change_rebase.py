"""The part of a change that is about people: rebase requests and the audit trail."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from plimsoll.database.rows import Cell, level_row
from plimsoll.database.values import AuditEntry, Level, RebaseRequest


class RebaseChange:
    """Rebase requests and audit trail inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._handle = connection

    def request_rebase(self, *, account: str, rule: str, reason: str, requested_at: float, requested_by: str) -> int:
        """Ask for a rebase; gives the request's id. Any process may; the owner does it."""
        cursor = self._run(
            "INSERT INTO rebase (account, rule, reason, requested_at_s, requested_by) VALUES (?, ?, ?, ?, ?)",
            (account, rule, reason, requested_at, requested_by),
        )
        return cursor.lastrowid or 0

    def finish_rebase(self, request: RebaseRequest, *, done_at: float, before: Level | None, after: Level) -> bool:
        """Record that a rebase is done, in the request and in the audit trail.

        It belongs into the same change as the standing that it made. ``False``, and nothing is written, where the
        request was finished before.
        """
        return self._finish(
            request,
            ("rebase", request.reason, done_at),
            before=before,
            after=after,
        )

    def refuse_rebase(self, request: RebaseRequest, *, done_at: float, why: str) -> bool:
        """Record that a rebase will not be done (its rule is gone); ``False`` where the request was finished before."""
        return self._finish(request, ("rebase-refused", why, done_at), refused=why)

    def audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit trail."""
        self._run(
            "INSERT INTO audit (time_s, account, rule, action, reason, before, after, source)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.time,
                entry.account,
                entry.rule,
                entry.action,
                entry.reason,
                entry.before,
                entry.after,
                entry.source,
            ),
        )

    def _finish(
        self,
        request: RebaseRequest,
        entry: tuple[str, str, float],
        *,
        before: Level | None = None,
        after: Level | None = None,
        refused: str = "",
    ) -> bool:
        action, reason, done_at = entry
        cursor = self._run(
            "UPDATE rebase SET done_at_s = ?, reference_before = ?, floor_before = ?, reference_after = ?,"
            " floor_after = ?, refused = ? WHERE id = ? AND done_at_s IS NULL",
            (done_at, *level_row(before), *level_row(after), refused, request.id),
        )
        if cursor.rowcount == 0:
            return False
        self.audit(
            AuditEntry(
                time=done_at,
                account=request.account,
                rule=request.rule,
                action=action,
                reason=reason,
                before="" if before is None else str(before),
                after="" if after is None else str(after),
                source=f"rebase by {request.requested_by}",
            )
        )
        return True

    def _run(self, statement: str, values: Sequence[Cell]) -> sqlite3.Cursor:
        return self._handle.execute(statement, values)
