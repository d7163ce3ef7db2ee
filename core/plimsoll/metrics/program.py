"""What every program tells of itself: what runs, what its keys may do, who was not let in.

The metrics are the same in each program; Prometheus keeps them apart by the labels of the scrape.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from plimsoll import __version__
from plimsoll.metrics.counting import Counting
from plimsoll.metrics.metric import Kind, Metric, Theme

PROGRAM = Theme(
    "Programs, keys and web interface",
    labels=(),
    about="Shown by exporter and enforcer alike, each for the keys that it holds.",
)

REFUSED_REASONS = ("client_certificate", "credentials", "handshake", "rate_limit")
"""The values of the label ``reason``."""

KEY_PERMISSIONS = ("read", "trade", "withdraw", "transfer", "ip_restricted")
"""The values of the label ``permission``, each an attribute of ``KeyPermissions``."""

BUILD_INFO = PROGRAM.add(
    "plimsoll_build_info",
    "Constant 1; the labels tell what runs.",
    unit="1",
    labels=("version", "python_version"),
    formula="1",
    source="the program",
)
WEB_RELOAD_SUCCESS = PROGRAM.add(
    "plimsoll_web_config_reload_success",
    "1 while the web configuration in force is what its files say; 0 while a change of them cannot be used.",
    unit="0 or 1",
    formula="outcome of the last look at the files, every 2 s",
    source="`web_config_file` of the program's section and the files it names",
)
WEB_REFUSED = PROGRAM.add(
    "plimsoll_web_refused_total",
    "Connections and requests that were not let in: 401 is credentials, 429 is rate_limit.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=("reason",),
    formula="count by reason",
    source="the program",
)
KEY_PERMISSION = PROGRAM.add(
    "binance_api_key_permission",
    "What an API key may do; absent where the exchange does not tell.",
    unit="0 or 1",
    labels=("account", "key", "permission"),
    formula="1 where allowed; `ip_restricted` is 1 where the key is bound to addresses",
    source="`/sapi/v1/account/apiRestrictions`",
)


class ProgramInstruments:
    """Counts and shows the above for one process.

    Args:
        registry: Where they live; never the global one.
        version: Of this program.
        python_version: Of the interpreter.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        version: str = __version__,
        python_version: str = platform.python_version(),
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # the one function the library leaves untyped
        self._refused = Counting(WEB_REFUSED, registry)
        self._reload = gauge(WEB_RELOAD_SUCCESS, registry)
        gauge(BUILD_INFO, registry).labels(version, python_version).set(1)
        for reason in REFUSED_REASONS:
            self._refused.show(reason)
        self._reload.set(1)

    def web_refused(self, reason: str) -> None:
        """Count somebody who was not let in."""
        self._refused.count(reason)

    def web_reloaded(self, success: bool) -> None:  # noqa: FBT001 - a callback with one argument
        """Tell whether the web configuration in force is what its files say."""
        self._reload.set(success)


def add_process_metrics(registry: CollectorRegistry) -> None:
    """Add the client's own collectors: ``process_*``, ``python_info`` and ``python_gc_*``."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)


def gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    """A gauge that the process sets by itself."""
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)


def histogram(metric: Metric, registry: CollectorRegistry, buckets: Sequence[float]) -> Histogram:
    """A histogram that the process observes by itself."""
    return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=buckets)
