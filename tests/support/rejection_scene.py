"""Rejections as sources tell them, and a ledger over a state database in a folder of the test's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from manual_clock import ManualClock
from plimsoll.risk.rejections import Intent, Reason
from plimsoll_exporter.rejections.counts import BY_SOURCE, REJECTIONS, OrderCounts
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.told import Source, Told
from state_values import open_state

AT = 1_795_164_000.0


@contextmanager
def ledger_in(folder: Path, clock: ManualClock | None = None) -> Iterator[Ledger]:
    """The ledger of the accounts ``eon`` and ``live``, as an exporter that starts here has it."""
    clock = clock or ManualClock()
    with open_state(folder, clock=clock) as state:
        yield Ledger(state, ("eon", "live"), clock=clock)


def told(
    key: str = "r1",
    *,
    source: Source = Source.REPORT,
    account: str = "eon",
    time: float = AT,
    code: int = -2019,
    intent: Intent = Intent.UNKNOWN,
    symbol: str = "",
) -> Told:
    """A rejection for want of margin."""
    return Told(
        account=account,
        source=source,
        key=key,
        time=time,
        reason=Reason.INSUFFICIENT_MARGIN,
        intent=intent,
        code=code,
        symbol=symbol,
    )


def rejections(shown: OrderCounts) -> dict[str, int]:
    """How many rejections there are of each intent; all are for want of margin."""
    return {
        intent: int(count.value)
        for (reason, intent), count in shown.of(REJECTIONS).items()
        if count.value and reason == Reason.INSUFFICIENT_MARGIN.value
    }


def sources(shown: OrderCounts) -> dict[str, int]:
    """How many rejections each source told first."""
    return {source: int(count.value) for (source,), count in shown.of(BY_SOURCE).items() if count.value}
