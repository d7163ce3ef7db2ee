"""The history of one account out of Prometheus: which series, how fine, in which pieces; and when which alert fired.

A long period is asked for coarsely, with the extremes of what can hurt between two points, and finely around moments
of interest. What is absent on the grid becomes a gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.report.material import Curve
from plimsoll.report.model import Period
from plimsoll.report.pictures import Point
from plimsoll.report.sources.prometheus import Prometheus, Samples

FINEST = 2.0
"""Seconds between two scrapes, as shipped."""

POINTS = 3600
"""Points of a curve at most, away from moments of interest."""

CHUNK = 600
"""Points asked for at once."""

AROUND = 30.0
"""Seconds before and after a moment of interest that are asked for finely."""

MOST_MOMENTS = 60
"""Windows around moments that are asked for; what lies near together is one."""

ACCOUNT = (
    "binance_account_(equity|wallet_balance|unrealized_pnl|gross_exposure|unprotected_exposure|loss_at_stops)_usd",
    "binance_account_(leverage|available_margin|margin|stop_coverage)(_limit)?_ratio",
    "binance_account_drawdown_(ratio|usd|reference_usd|floor_usd|limit_ratio|near_ratio|breached|estimated)",
    "binance_account_(up|income_usd|external_flow_usd_total|unexplained_change_usd|positions|stop_grace_seconds)",
    "binance_symbol_leverage(_limit)?_ratio",
    "binance_position_(quantity|notional_usd|entry_price_usd|mark_price_usd|unrealized_pnl_usd|entries)",
    "binance_position_stop_(coverage_ratio|price_usd|overrun_since_timestamp_seconds|may_open|beyond_liquidation)",
    "binance_position_(loss_at_stop_usd|unprotected_since_timestamp_seconds|liquidation_price_usd)",
    "binance_(open_orders|orphan_stops|orders_total|order_rejections_total|protective_orders_ended_total)",
    "binance_(margin_calls_total|forced_closes_total|stream_connected|stop_slippage_ratio_(sum|count))",
    "binance_source_success_timestamp_seconds",
    "plimsoll_enforcer_(mode_info|lockout_until_timestamp_seconds|requests_total|lockout_recloses_total)",
    "plimsoll_account_configured",
)
"""Names of the account's series, as regular expressions."""

MIRROR = ("binance_mirror_(expected_quantity|actual_quantity|drift_ratio|drift_usd|tolerance_ratio)",)

DELIVERY = (
    'sum by (__name__, integration) ({__name__=~"alertmanager_notifications(_failed)?_total",'
    'receiver_name!~"heartbeat|enforcer|drill-.*"})'
)
"""Notifications to people, sent and failed, by way of sending."""

LOWEST, HIGHEST = "min_over_time", "max_over_time"
EXTREMES = {
    "binance_account_equity_usd": LOWEST,
    "binance_account_available_margin_ratio": LOWEST,
    "binance_account_drawdown_ratio": HIGHEST,
    "binance_account_leverage_ratio": HIGHEST,
    "binance_account_gross_exposure_usd": HIGHEST,
    "binance_symbol_leverage_ratio": HIGHEST,
}
"""What must not be lost between two points of a coarse grid."""

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


@dataclass
class _Raw:
    """Points of one series while they are collected; ``None`` where the grid found nothing after something."""

    name: str
    labels: Mapping[str, str]
    points: dict[float, Decimal | None] = field(default_factory=dict)


_Key = tuple[str, tuple[tuple[str, str], ...]]


class History:
    """Collects the curves of one account.

    Args:
        prometheus: Asked.
        account: Whose.
        period: From when to when.
    """

    def __init__(self, prometheus: Prometheus, account: str, period: Period) -> None:
        self._prometheus, self._account, self._period = prometheus, account, period
        self.step = max(FINEST, math.ceil((period.until - period.since) / POINTS))
        self._found: dict[_Key, _Raw] = {}

    def coarse(self, progress: Progress) -> None:
        """Ask for everything on one grid.

        Raises:
            PrometheusFailed: A part of it was not answered.
        """
        pieces = list(_pieces(self._period, self.step))
        for number, (since, until) in enumerate(pieces, start=1):
            for query in self._queries():
                self._take(query, since, until, self.step)
            if self.step > FINEST:
                self._extremes(since, until)
            progress(number / len(pieces))

    def fine(self, moments: Iterable[float]) -> None:
        """Ask again around moments of interest, as finely as Prometheus has it.

        Raises:
            PrometheusFailed: A part of it was not answered.
        """
        if self.step <= FINEST:
            return
        for since, until in windows(moments, self._period)[:MOST_MOMENTS]:
            self._forget(since, until)
            for query in self._queries():
                self._take(query, since, until, FINEST)

    def worst(self) -> float | None:
        """When equity was lowest; ``None`` where it was never known."""
        raw = self._found.get(("binance_account_equity_usd", ()))
        known = [] if raw is None else [(value, time) for time, value in raw.points.items() if value is not None]
        return min(known)[1] if known else None

    def curves(self) -> tuple[Curve, ...]:
        """All curves, by name and labels."""
        rows = (self._found[key] for key in sorted(self._found))
        return tuple(Curve(name=raw.name, labels=raw.labels, points=_thinned(raw.points)) for raw in rows)

    def _queries(self) -> Sequence[str]:
        account = _quoted(self._account)
        return (
            f'{{__name__=~"{"|".join(ACCOUNT)}",account={account}}}',
            f'{{__name__=~"{"|".join(MIRROR)}",destination={account}}}',
            DELIVERY,
        )

    def _take(self, query: str, since: float, until: float, step: float) -> None:
        grid = _grid(since, until, step)
        for samples in self._prometheus.range(query, since=since, until=until, step=step):
            self._put(samples, samples.name, grid)

    def _put(self, samples: Samples, name: str, grid: Sequence[float]) -> None:
        labels = {key: value for key, value in samples.labels.items() if key not in {"account", "destination"}}
        key = (name, tuple(sorted(labels.items())))
        raw = self._found.setdefault(key, _Raw(name, labels))
        known = dict(samples.points)
        for time in grid:
            value = known.get(time)
            if value is not None or raw.points.get(time) is None:
                raw.points[time] = value

    def _extremes(self, since: float, until: float) -> None:
        """Put the extreme of each stretch before a point in the place of the point."""
        for name, function in EXTREMES.items():
            query = f"{function}({name}{{account={_quoted(self._account)}}}[{self.step:g}s])"
            for samples in self._prometheus.range(query, since=since, until=until, step=self.step):
                self._put(samples, name, [time for time, _ in samples.points])

    def _forget(self, since: float, until: float) -> None:
        for raw in self._found.values():
            for time in [time for time in raw.points if since <= time <= until]:
                del raw.points[time]


def windows(moments: Iterable[float], period: Period) -> list[tuple[float, float]]:
    """The stretches around moments inside a period, those that touch as one, oldest first."""
    found: list[tuple[float, float]] = []
    for moment in sorted(moments):
        since = max(period.since, round(moment - AROUND))
        until = min(period.until, round(moment + AROUND))
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _pieces(period: Period, step: float) -> Iterable[tuple[float, float]]:
    """The period in pieces whose grids go on where the one before ended."""
    since = period.since
    while since <= period.until:
        until = min(since + step * (CHUNK - 1), period.until)
        yield since, until
        since += step * CHUNK


def _grid(since: float, until: float, step: float) -> list[float]:
    """The times that Prometheus answers for, to the millisecond as it tells them."""
    count = int((until - since) / step + 1e-6) + 1
    return [round(since + number * step, 3) for number in range(count)]


def _thinned(points: Mapping[float, Decimal | None]) -> tuple[Point, ...]:
    """Points in the order of time; of several in a row without value the first alone, and none before any value."""
    kept: list[Point] = []
    for time in sorted(points):
        value = points[time]
        if value is not None or (kept and kept[-1][1] is not None):
            kept.append((time, value))
    return tuple(kept)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
