"""Our counter shows what the client library's would, in every format, and loses no count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

from plimsoll.metrics.counting import Counting
from plimsoll.metrics.format import negotiate
from plimsoll.metrics.metric import Kind, Metric

METRIC = Metric(
    name="binance_many_total", kind=Kind.COUNTER, labels=("of", "kind"), help="Many.", unit="1", source="s", formula="f"
)


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text;version=1.0.0"])
def test_counts_are_shown_as_by_the_library(accept: str):
    """Series that exist at 0, and series that were counted, in the order of their coming."""
    disable_created_metrics()  # as the exporter does
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counting, counter = Counting(METRIC, ours), Counter(METRIC.name, METRIC.help, METRIC.labels, registry=theirs)
    encode = negotiate(accept, "").encode
    assert encode(ours) == encode(theirs)

    for labels in (("eon", "b"), ("eon", "a")):
        counting.show(*labels)
        counter.labels(*labels)
    for labels in (("eon", "a"), ("live", 'q"\\'), ("eon", "a")):
        counting.count(*labels)
        counter.labels(*labels).inc()

    assert encode(ours) == encode(theirs)


def test_showing_a_series_again_takes_nothing_from_it():
    """What was counted stays when the series is shown once more."""
    registry = CollectorRegistry()
    counting = Counting(METRIC, registry)
    counting.count("eon", "a")
    counting.show("eon", "a")

    assert registry.get_sample_value("binance_many_total", {"of": "eon", "kind": "a"}) == 1


def test_counts_of_several_threads_are_all_kept():
    """Four threads count the same series; none is lost."""
    registry = CollectorRegistry()
    counting = Counting(METRIC, registry)

    def many(_: int) -> None:
        for _ in range(5000):
            counting.count("eon", "a")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(many, range(4)))

    assert registry.get_sample_value("binance_many_total", {"of": "eon", "kind": "a"}) == 20_000
