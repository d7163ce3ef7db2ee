"""What this process counts about itself: calls, streams, its own faults. Nothing here tells what an account holds.

Direct instrumentation belongs here and only here. Every known combination of closed labels exists at 0 from the start,
because the first increment of a series that did not exist is invisible to Prometheus.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from plimsoll import __version__
from plimsoll.errors import FAILURE_KINDS
from plimsoll.exchange.port import Observer
from plimsoll.metrics.counting import Counting
from plimsoll.metrics.program import ProgramInstruments, histogram
from plimsoll_exporter import catalogue_fast_lane
from plimsoll_exporter import catalogue_pipeline as pipeline

MARKET = "market"
"""Stands for the market stream where a label names an account's stream."""

UNKNOWN = "unknown"
"""The event that stands for every type outside the documentation."""

ACCOUNT_EVENTS = (
    "ACCOUNT_UPDATE",
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "listenKeyExpired",
    "TRADE_LITE",
    "CONDITIONAL_ORDER_TRIGGER_REJECT",
    "STRATEGY_UPDATE",
    "GRID_UPDATE",
    "malformed",
    UNKNOWN,
)
"""The values of the label ``event`` on a private stream."""

MARKET_EVENTS = ("markPriceUpdate", "assetIndexUpdate", "24hrMiniTicker")
"""The values of the label ``event`` on the market stream."""

CALL_BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10)
DELAY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 60)


class Instruments(Observer):
    """The process's own metrics, fed by whoever calls the exchange.

    Args:
        registry: Where they live; never the global one.
        accounts: Names of the configured accounts.
        endpoints: Every value that ``request`` may be told.
        version: Of this program.
        python_version: Of the interpreter.
    """

    def __init__(
        self,
        *,
        registry: CollectorRegistry,
        accounts: Sequence[str],
        endpoints: Sequence[str],
        version: str = __version__,
        python_version: str = platform.python_version(),
    ) -> None:
        self._events = {name: frozenset(ACCOUNT_EVENTS) for name in accounts}
        self._events[MARKET] = self._events.get(MARKET, frozenset()) | frozenset(MARKET_EVENTS)
        self._requests = Counting(pipeline.API_REQUESTS, registry)
        self._failures = Counting(pipeline.API_FAILURES, registry)
        self._durations = histogram(pipeline.API_DURATION, registry, CALL_BUCKETS)
        self._reconnects = Counting(pipeline.STREAM_RECONNECTS, registry)
        self._stream_events = Counting(pipeline.STREAM_EVENTS, registry)
        self._delays = histogram(pipeline.STREAM_DELAY, registry, DELAY_BUCKETS)
        self._render_failures = Counting(pipeline.RENDER_FAILURES, registry)
        self._lane_alerts = Counting(catalogue_fast_lane.LANE_ALERTS, registry)
        program = ProgramInstruments(registry, version=version, python_version=python_version)
        self.web_refused, self.web_reloaded = program.web_refused, program.web_reloaded
        self._start_at_zero(accounts, endpoints)

    def _start_at_zero(self, accounts: Sequence[str], endpoints: Sequence[str]) -> None:
        for endpoint in endpoints:
            self._requests.show(endpoint)
            for kind in FAILURE_KINDS:
                self._failures.show(endpoint, kind)
        for stream, events in self._events.items():
            self._reconnects.show(stream)
            for event in sorted(events):
                self._stream_events.show(stream, event)
        for account in accounts:
            self._render_failures.show(account)
        for outcome in catalogue_fast_lane.OUTCOMES:
            self._lane_alerts.show(outcome)

    def request(self, endpoint: str, seconds: float, failure: str | None) -> None:
        """Count one REST call."""
        self._requests.count(endpoint)
        self._durations.observe(seconds)
        if failure is not None:
            self._failures.count(endpoint, failure)

    def weight(self, used: int, limit: int) -> None:
        """Ignore: a scrape reads the weight from the view, together with everything else of that moment."""

    def clock_offset(self, seconds: float) -> None:
        """Ignore: a scrape reads the offset from the view."""

    def stream_event(self, account: str, event: str, delay: float) -> None:
        """Count one event; a type outside the closed list counts as ``unknown``, a delay below 0 as 0."""
        known = self._events.get(account, frozenset())
        self._stream_events.count(account, event if event in known else UNKNOWN)
        self._delays.observe(max(0.0, delay))

    def stream_reconnect(self, stream: str) -> None:
        """Count one reopened stream."""
        self._reconnects.count(stream)

    def render_failed(self, account: str) -> None:
        """Count one time that an account could not be shown."""
        self._render_failures.count(account)

    def lane_posted(self, outcome: str, alerts: int) -> None:
        """Count the alerts of one post of the fast lane."""
        for _ in range(alerts):
            self._lane_alerts.count(outcome)
