"""Times in which nobody could say which stops there were."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.report.curves import known
from plimsoll.report.findings.making import told, unknown
from plimsoll.report.findings.stops_missing import COVERAGE
from plimsoll.report.model import Certainty, Evidence, Finding, Severity, SourceName
from plimsoll.report.say import clock, lasting
from plimsoll.report.view import UP, Holding, View

LISTS = {"algo_orders": "conditional orders", "orders": "plain orders"}
SUCCESS = "binance_source_success_timestamp_seconds"

SHORT = 10.0
"""Seconds that count where stops stayed unknown to the end; else the grace does."""


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    if not view.has(SourceName.PROMETHEUS):
        sentence = "Whether every position had a stop, and whether price reached one, cannot be known."
        yield unknown(view, "stops-unknown", sentence, SourceName.PROMETHEUS)
        return
    gaps = [found for holding in view.holdings if (found := _gap(view, holding)) is not None]
    if gaps:
        since, until = min(gap[0] for gap in gaps), max(gap[1] for gap in gaps)
        lists = list(_failed(view, since, until))
        which = " and ".join(name for name, _ in lists) or "open orders"
        yield Finding(
            rule="stops-unknown",
            sentence=f"From {clock(since)} UTC on, for {lasting(until - since)}, nobody can say what was protected: "
            f"the list of {which} could not be read.",
            evidence=(
                told("share under stops: unknown, while the account itself could be read", since),
                *(evidence for _, evidence in lists),
            ),
            severity=Severity.CRITICAL,
            certainty=Certainty.UNKNOWN,
            plain="for a part of the time nobody could see which orders limit the losses",
        )


def _gap(view: View, holding: Holding) -> tuple[float, float] | None:
    """The longest time in which a position of a live account was held and its coverage unknown, if it counts."""
    times = [point.time for point in view.known("binance_position_quantity", holding)]
    covered = {point.time for point in view.known(COVERAGE, holding)}
    best: tuple[float, float] | None = None
    since: float | None = None
    for time in times:
        if time in covered or view.curves.at(UP, time) != 1:
            since = None
            continue
        since = time if since is None else since
        if best is None or time - since > best[1] - best[0]:
            best = since, time
    if best is None:
        return None
    last = best[1] >= times[-1] and holding.ended is None
    return best if best[1] - best[0] >= (SHORT if last else view.material.settings.stop_grace) else None


def _failed(view: View, since: float, until: float) -> Iterator[tuple[str, Evidence]]:
    """The lists of orders that were not read in a time."""
    for source, name in LISTS.items():
        points = known(view.curves.one(SUCCESS, source=source).points)
        lasts = [float(point.value) for point in points if point.time <= until]
        if lasts and lasts[-1] < since:
            yield name, told(f"the list of {name} was last read", lasts[-1])
