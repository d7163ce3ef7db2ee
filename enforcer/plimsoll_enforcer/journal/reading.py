"""What is read from the journal's tables. Rows that make no sense are left out and told, never raised."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable, Iterable
from typing import TypeVar

from plimsoll_enforcer.desk import AuditLine, RunSummary
from plimsoll_enforcer.journal.forms import Fields, alert_of, fields, order_of, result_of
from plimsoll_enforcer.journal.values import Breach, Counted, Lockout, Remembered, Sent

log = logging.getLogger(__name__)

KEPT_RUNS = 200
"""How many runs are shown."""

Row = tuple[object, ...]
T = TypeVar("T")


def remembered(connection: sqlite3.Connection) -> Remembered:
    """Everything that an earlier life left.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    runs = connection.execute(
        "SELECT * FROM (SELECT * FROM run ORDER BY began_at_s DESC LIMIT ?) UNION"
        " SELECT * FROM run WHERE ended_at_s IS NULL ORDER BY 5",
        (KEPT_RUNS,),
    )
    found = _parsed(runs, _run)
    return Remembered(
        breaches=_parsed(connection.execute("SELECT account, began_at_s, claims, rehearsed FROM watch"), _breach),
        lockouts=lockouts(connection),
        runs=found,
        sent={run.run_id: _sent(connection, run.run_id) for run in found if run.ended_at is None},
        counts=dict(_parsed(connection.execute("SELECT account, name, label, value FROM counter"), _count)),
        marks=dict(
            _parsed(connection.execute("SELECT name, value FROM mark"), lambda row: (str(row[0]), _float(row[1])))
        ),
    )


def lockouts(connection: sqlite3.Connection) -> tuple[Lockout, ...]:
    """The lockouts that stand.

    Raises:
        sqlite3.Error: They cannot be read.
    """
    rows = connection.execute(
        "SELECT account, since_s, until_s, reason, leverages, rules FROM lockout WHERE released_at_s IS NULL"
    )
    return _parsed(rows, _lockout)


def audit(connection: sqlite3.Connection, run_id: str) -> tuple[AuditLine, ...]:
    """A run's audit, oldest line first.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    rows = connection.execute("SELECT at_s, kind, text, detail FROM audit WHERE run_id = ? ORDER BY id", (run_id,))
    return _parsed(rows, _line)


def _sent(connection: sqlite3.Connection, run_id: str) -> tuple[Sent, ...]:
    rows = connection.execute("SELECT content, number, answer FROM sent WHERE run_id = ? ORDER BY number", (run_id,))
    return _parsed(
        rows, lambda row: Sent(order=order_of(str(row[0])), number=_int(row[1]), answered=row[2] is not None)
    )


def _parsed(rows: Iterable[Row], parse: Callable[[Row], T]) -> tuple[T, ...]:
    found: list[T] = []
    for row in rows:
        try:
            found.append(parse(row))
        except (ValueError, KeyError, ArithmeticError, TypeError, RecursionError) as error:
            log.error("a row of the journal makes no sense and is left out (%s)", type(error).__name__)  # noqa: TRY400 - the row may hold much text
    return tuple(found)


def _breach(row: Row) -> Breach:
    claims = {rule: alert_of(_fields(found)) for rule, found in fields(str(row[2])).items()}
    return Breach(account=str(row[0]), began_at=_float(row[1]), claims=claims, rehearsed=bool(row[3]))


def _fields(value: object) -> Fields:
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the text is wrong, not a type of ours
    return value


def _lockout(row: Row) -> Lockout:
    """A lockout; no column that cannot be read may unlock an account: without an end it lasts until released."""
    try:
        leverages = {symbol: _int(value) for symbol, value in fields(str(row[4])).items()}
    except (ValueError, RecursionError):
        leverages = {}
    return Lockout(
        account=str(row[0]),
        since=_time_or(row[1], 0.0),
        until=_time_or(row[2], math.inf),
        reason=str(row[3]),
        rules=tuple(filter(None, str(row[5]).split(","))),
        leverages=leverages,
    )


def _time_or(value: object, otherwise: float) -> float:
    """A time, where it is one."""
    try:
        found = _float(value)
    except ValueError:
        return otherwise
    return otherwise if math.isnan(found) else found


def _run(row: Row) -> RunSummary:
    ended, result = row[5], row[7]
    return RunSummary(
        run_id=str(row[0]),
        account=str(row[1]),
        mode=str(row[2]),
        trigger=str(row[3]),
        began_at=_float(row[4]),
        ended_at=None if ended is None else _float(ended),
        outcome=str(row[6]),
        result=None if result is None else result_of(str(result)),
    )


def _count(row: Row) -> tuple[Counted, int]:
    return Counted(account=str(row[0]), name=str(row[1]), label=str(row[2])), _int(row[3])


def _line(row: Row) -> AuditLine:
    return AuditLine(at=_float(row[0]), kind=str(row[1]), text=str(row[2]), detail=fields(str(row[3])))


def _float(value: object) -> float:
    return float(str(value))


def _int(value: object) -> int:
    return int(str(value))
