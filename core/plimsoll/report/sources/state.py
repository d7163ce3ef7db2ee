"""What the exporter's state database tells: orders, the life of stops, flows of money, and who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plimsoll.database.closing import ClosingOrder
from plimsoll.database.database import FILE_NAME
from plimsoll.database.orders import KEPT_ROWS, EndedOrder
from plimsoll.database.reading import Reading
from plimsoll.database.schema import STATE
from plimsoll.database.values import AuditEntry
from plimsoll.errors import StateError
from plimsoll.model.flows import Flow
from plimsoll.report.model import Period, Source
from plimsoll.report.sources.sqlite import one_look
from plimsoll.report.words import SourceName


@dataclass(frozen=True, kw_only=True, slots=True)
class StateTold:
    """What of it belongs to the account and the period."""

    orders: tuple[EndedOrder, ...] = ()
    orders_whole: bool = False
    closing: tuple[ClosingOrder, ...] = ()
    flows: tuple[Flow, ...] = ()
    audit: tuple[AuditEntry, ...] = ()


def read_state(data_dir: Path, account: str, period: Period) -> tuple[Source, StateTold]:
    """Read it; one that cannot be read is named with the reason and tells nothing."""
    path = data_dir / FILE_NAME
    try:
        with one_look(path, STATE) as connection:
            reading = Reading(connection, path)
            if reading.standing(account) is None and not reading.ended_orders(account):
                why = f"it has never seen account {account} live"
                return _source(path, present=False, detail=why), StateTold()
            told = _read(reading, account, period)
    except StateError as error:
        return _source(path, present=False, detail=str(error)), StateTold()
    detail = f"{len(told.orders)} orders that ended, {len(told.closing)} orders to close, {len(told.flows)} flows"
    return _source(path, present=True, detail=detail), told


def _source(path: Path, *, present: bool, detail: str) -> Source:
    return Source(name=SourceName.STATE, present=present, detail=detail, place=str(path))


def _read(reading: Reading, account: str, period: Period) -> StateTold:
    since, until = period.since, period.until
    flows = reading.flows(account, since_ms=int(since * 1000))
    return StateTold(
        orders=reading.ended_orders_between(account, since=since, until=until),
        orders_whole=_whole(reading, account, since),
        closing=reading.closing_orders_between(account, since=since, until=until),
        flows=tuple(one for one in flows if one.time_ms <= until * 1000),
        audit=tuple(one for one in reading.audit_trail(account) if since <= one.time <= until),
    )


def _whole(reading: Reading, account: str, since: float) -> bool:
    """Whether nothing of the period has made room for later orders: something older is kept, or not much at all."""
    before = reading.ended_orders_between(account, since=0.0, until=since)
    kinds = {order.outcome == "rejected" for order in before}
    after = reading.ended_orders_between(account, since=since, until=float("inf"))
    counts = {kind: sum((one.outcome == "rejected") is kind for one in after) for kind in (True, False)}
    return all(kind in kinds or count < KEPT_ROWS for kind, count in counts.items())
