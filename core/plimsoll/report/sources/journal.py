"""What the enforcer's journal tells: its runs step by step, and lockouts.

The enforcer owns the file and its form; this reads the tables of version 1, and a test holds the two together. Rows
that make no sense are left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from plimsoll.database.file import Form
from plimsoll.errors import StateError
from plimsoll.report.material import ClosedPosition, EnforcerRun, LockoutRecord, Step
from plimsoll.report.model import Period, Source
from plimsoll.report.say import counted
from plimsoll.report.sources.sqlite import one_look
from plimsoll.report.words import SourceName

FILE_NAME = "journal.sqlite"
JOURNAL = Form(
    application_id=0x504C_4A31,  # "PLJ1"
    migrations=((),),
    way_out="The enforcer sets a damaged journal aside by itself; look at the exchange.",
)

Row = tuple[object, ...]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalTold:
    """What of it belongs to the account and the period."""

    runs: tuple[EnforcerRun, ...] = ()
    lockouts: tuple[LockoutRecord, ...] = ()


def read_journal(data_dir: Path, account: str, period: Period) -> tuple[Source, JournalTold]:
    """Read it; one that cannot be read is named with the reason and tells nothing."""
    path = data_dir / FILE_NAME
    try:
        with one_look(path, JOURNAL) as connection:
            told = JournalTold(
                runs=_runs(connection, account, period),
                lockouts=_lockouts(connection, account, period),
            )
    except StateError as error:
        return Source(name=SourceName.JOURNAL, present=False, detail=str(error), place=str(path)), JournalTold()
    detail = f"{counted(len(told.runs), 'run')}, {counted(len(told.lockouts), 'lockout')}"
    return Source(name=SourceName.JOURNAL, present=True, detail=detail, place=str(path)), told


def _runs(connection: sqlite3.Connection, account: str, period: Period) -> tuple[EnforcerRun, ...]:
    rows = connection.execute(
        "SELECT run_id, mode, reason, began_at_s, ended_at_s, outcome, result FROM run WHERE account = ?"
        " AND began_at_s <= ? AND (ended_at_s IS NULL OR ended_at_s >= ?) ORDER BY began_at_s",
        (account, period.until, period.since),
    ).fetchall()
    return tuple(replace(run, steps=_steps(connection, run.run_id)) for run in _sound(rows, _run))


def _steps(connection: sqlite3.Connection, run_id: str) -> tuple[Step, ...]:
    rows = connection.execute("SELECT at_s, kind, text FROM audit WHERE run_id = ? ORDER BY at_s, id", (run_id,))
    return _sound(rows, lambda row: Step(time=_float(row[0]), kind=str(row[1]), text=str(row[2])))


def _lockouts(connection: sqlite3.Connection, account: str, period: Period) -> tuple[LockoutRecord, ...]:
    rows = connection.execute(
        "SELECT since_s, until_s, reason, released_at_s, released_by, released_why FROM lockout WHERE account = ?"
        " AND since_s <= ? AND (released_at_s IS NULL OR released_at_s >= ?) ORDER BY since_s",
        (account, period.until, period.since),
    )
    return _sound(rows, _lockout)


def _sound(rows: Iterable[Row], parse: Callable[[Row], _T]) -> tuple[_T, ...]:
    found: list[_T] = []
    for row in rows:
        try:
            found.append(parse(row))
        except (ValueError, KeyError, TypeError, InvalidOperation):
            continue
    return tuple(found)


def _run(row: Row) -> EnforcerRun:
    run_id, mode, reason, began, ended, outcome, result = row
    run = EnforcerRun(
        run_id=str(run_id),
        mode=str(mode),
        trigger=str(reason),
        began=_float(began),
        ended=_optional(ended),
        outcome=str(outcome),
    )
    return run if result is None else _with_result(run, json.loads(str(result)))


def _with_result(run: EnforcerRun, result: Mapping[str, object]) -> EnforcerRun:
    listed = result["positions"]
    return replace(
        run,
        seconds_to_flat=_optional(result["seconds_to_flat"]),
        confirmed=bool(result["confirmed"]),
        residual=_decimal(result["residual_exposure_usd"]),
        orders_cancelled=int(str(result["orders_cancelled"])),
        orders_left=int(str(result["orders_left"])),
        positions=tuple(map(_closed, listed if isinstance(listed, list) else ())),
    )


def _closed(found: Mapping[str, object]) -> ClosedPosition:
    return ClosedPosition(
        symbol=str(found["symbol"]),
        amount=Decimal(str(found["amount"])),
        closed=Decimal(str(found["closed"])),
        left=Decimal(str(found["left"])),
        average_price=_decimal(found["average_price"]),
        why_left=str(found["why_left"]),
        mark_price=_decimal(found.get("mark_price")),
    )


def _lockout(row: Row) -> LockoutRecord:
    since, until, reason, released, by, why = row
    return LockoutRecord(
        since=_float(since),
        until=_optional(until),
        reason=str(reason),
        released=_optional(released),
        released_by=str(by),
        released_why=str(why),
    )


def _float(value: object) -> float:
    return float(str(value))


def _optional(value: object) -> float | None:
    return None if value is None else _float(value)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
