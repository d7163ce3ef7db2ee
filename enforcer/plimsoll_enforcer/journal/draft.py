"""``Draft``: a change of the journal as a value, so that it can wait while the disk is full and be written later."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from plimsoll_enforcer.desk import AuditLine, RunSummary
from plimsoll_enforcer.journal.forms import alert_fields, answer_text, dumped, order_text, result_text
from plimsoll_enforcer.journal.values import Breach, Counted, Lockout
from plimsoll_enforcer.trading.port import CloseOrder, Placed

Cell = str | int | float | None
Statement = tuple[str, tuple[Cell, ...]]

KEPT_LINES = 20_000
"""Lines of audits that wait at most; the oldest are dropped first, never anything else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """One change, written as one transaction.

    Attributes:
        steps: Run in order.
        lines: Lines of audits, which alone may be dropped while the disk is full for long.
        hard: Must survive a power cut too, not only the end of the process: it is synced to the disk.
    """

    steps: tuple[Statement, ...] = ()
    lines: tuple[Statement, ...] = ()
    hard: bool = False

    def merged(self, later: Self) -> Self:
        """One draft that does what this one and then ``later`` would."""
        return type(self)(
            steps=self.steps + later.steps,
            lines=(self.lines + later.lines)[-KEPT_LINES:],
            hard=self.hard or later.hard,
        )


def breach(found: Breach) -> Draft:
    """Keep a breach under watch."""
    claims = dumped({rule: alert_fields(alert) for rule, alert in found.claims.items()})
    return _step(
        "INSERT OR REPLACE INTO watch VALUES (?, ?, ?, ?)",
        (found.account, found.began_at, claims, found.rehearsed),
        hard=True,
    )


def no_breach(account: str) -> Draft:
    """Its watch is over."""
    return _step("DELETE FROM watch WHERE account = ?", (account,))


def run(summary: RunSummary) -> Draft:
    """Keep a run as it stands."""
    result = None if summary.result is None else result_text(summary.result)
    row = (summary.run_id, summary.account, summary.mode, summary.trigger)
    times = (summary.began_at, summary.ended_at, summary.outcome, result)
    return _step("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, *times))


def lines(run_id: str, audit: Iterable[AuditLine]) -> Draft:
    """Add lines to a run's audit."""
    statement = "INSERT INTO audit (run_id, at_s, kind, text, detail) VALUES (?, ?, ?, ?, ?)"
    return Draft(lines=tuple((statement, (run_id, x.at, x.kind, x.text, dumped(dict(x.detail)))) for x in audit))


def sending(run_id: str, number: int, order: CloseOrder) -> Draft:
    """An order is about to be sent."""
    row = (order.client_id, run_id, number, order_text(order))
    return _step("INSERT OR IGNORE INTO sent (client_id, run_id, number, content) VALUES (?, ?, ?, ?)", row)


def answered(client_id: str, placed: Placed | None, error: str, code: int | None) -> Draft:
    """What became of it."""
    return _step("UPDATE sent SET answer = ? WHERE client_id = ?", (answer_text(placed, error, code), client_id))


def lockout(found: Lockout) -> Draft:
    """Lock an account, or change its lockout."""
    until = None if math.isinf(found.until) else found.until
    return _step(
        "INSERT INTO lockout (account, since_s, until_s, reason, rules, leverages, released_by, released_why)"
        " VALUES (?, ?, ?, ?, ?, ?, '', '') ON CONFLICT (account) WHERE released_at_s IS NULL DO UPDATE SET"
        " until_s = excluded.until_s, reason = excluded.reason, rules = excluded.rules,"
        " leverages = excluded.leverages",
        (found.account, found.since, until, found.reason, ",".join(found.rules), dumped(dict(found.leverages))),
        hard=True,
    )


def released(account: str, *, at: float, by: str, why: str) -> Draft:
    """End a lockout."""
    return _step(
        "UPDATE lockout SET released_at_s = ?, released_by = ?, released_why = ?"
        " WHERE account = ? AND released_at_s IS NULL",
        (at, by, why, account),
        hard=True,
    )


def counted(counter: Counted, by: int) -> Draft:
    """Count."""
    return _step(
        "INSERT INTO counter VALUES (?, ?, ?, ?)"
        " ON CONFLICT (account, name, label) DO UPDATE SET value = value + excluded.value",
        (counter.account, counter.name, counter.label, by),
    )


def marked(name: str, at: float) -> Draft:
    """When something happened last."""
    return _step("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, at))


def pruned(before: float) -> Draft:
    """Forget the runs that ended before this, and lockouts released before it."""
    old = "(SELECT run_id FROM run WHERE ended_at_s < ?)"
    return Draft(
        steps=(
            (f"DELETE FROM audit WHERE run_id IN {old}", (before,)),  # noqa: S608 - our own constant
            (f"DELETE FROM sent WHERE run_id IN {old}", (before,)),  # noqa: S608 - our own constant
            ("DELETE FROM run WHERE ended_at_s < ?", (before,)),
            ("DELETE FROM lockout WHERE released_at_s < ?", (before,)),
        )
    )


def _step(statement: str, values: tuple[Cell, ...], *, hard: bool = False) -> Draft:
    return Draft(steps=((statement, values),), hard=hard)
