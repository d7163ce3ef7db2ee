"""A counter of this process whose families are tables: there is a series for every account and kind of event.

The client library's counter makes several objects of each series whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from plimsoll.metrics.metric import Metric
from plimsoll.metrics.table import Table


class Counting(Collector):
    """Counts one metric of the catalogue; may be used from several threads at once.

    Args:
        metric: A counter.
        registry: Where it is shown.
    """

    def __init__(self, metric: Metric, registry: CollectorRegistry) -> None:
        self._metric = metric
        self._counts: dict[tuple[str, ...], float] = {}
        self._lock = Lock()
        registry.register(self)

    def show(self, *labels: str) -> None:
        """Let a series exist, at 0 from its start."""
        self._count(labels, 0.0)

    def count(self, *labels: str) -> None:
        """Count one more."""
        self._count(labels, 1.0)

    def describe(self) -> Iterable[Table]:
        """The family without samples."""
        return (Table(self._metric),)

    def collect(self) -> Iterable[Table]:
        """The family of now, its series in the order of their first coming."""
        with self._lock:
            rows = list(self._counts.items())
        return (Table(self._metric, rows),)

    def _count(self, labels: tuple[str, ...], more: float) -> None:
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0.0) + more
