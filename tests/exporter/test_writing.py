"""Our writer of families gives what the client library gives, to the byte, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, Info
from prometheus_client import Metric as AnyFamily
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from exporter_state import Scene, two_accounts
from plimsoll.metrics.format import negotiate
from plimsoll.metrics.metric import Kind, Metric
from plimsoll.metrics.table import Table
from plimsoll.metrics.writing import OPENMETRICS_END, Writer
from plimsoll_exporter.catalogue import CATALOGUE
from plimsoll_exporter.exposition import Pages

TEXT = "text/plain;version=0.0.4"
FORMATS = (
    TEXT,
    "text/plain;version=1.0.0;escaping=allow-utf-8",
    "application/openmetrics-text;version=1.0.0",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
    "application/openmetrics-text;version=0.0.1",
)
FOREIGN = ("dots", "values")


class Fixed(Collector):
    """A collector of the families it was given."""

    def __init__(self, *families: AnyFamily) -> None:
        self._families = families

    def collect(self) -> Iterable[AnyFamily]:
        """The same families always."""
        return self._families


def assert_same(accept: str, collector: Collector) -> None:
    """Both write the same."""
    encode = negotiate(accept, "").encode
    written = Writer(encode).write(collector.collect())
    assert written == encode(collector).removesuffix(OPENMETRICS_END)


@pytest.mark.parametrize("accept", FORMATS)
def test_the_page_of_the_golden_state_is_the_library_s(accept: str):
    """Accounts and what the process counts, in every format that is asked for."""
    scene = Scene(two_accounts())
    form = negotiate(accept, "")
    page = Pages(registry=scene.own, assessor=scene.assessor).page(scene.view, form)
    assert page == form.encode(scene.registry)


@pytest.mark.parametrize("escaping", FOREIGN)
def test_names_in_a_foreign_escaping_are_left_to_the_library(escaping: str):
    """Whoever wants names written otherwise gets them so."""
    scene = Scene(two_accounts())
    form = negotiate(f"application/openmetrics-text;version=1.0.0;escaping={escaping}", "")
    page = Pages(registry=scene.own, assessor=scene.assessor).page(scene.view, form)
    assert page == form.encode(scene.registry)


@given(
    accept=st.sampled_from(FORMATS),
    text=st.text(),
    rows=st.lists(st.tuples(st.text(), st.text(), st.floats()), max_size=5),
)
def test_any_label_value_and_number_are_written_alike(accept: str, text: str, rows: list[tuple[str, str, float]]):
    """Quotes, backslashes, line breaks, any script; infinities, no number, the smallest and the largest."""
    gauge = GaugeMetricFamily("binance_some", text, labels=("zeta", "alpha"))
    counter = CounterMetricFamily("binance_many", text, labels=("zeta", "alpha"))
    for zeta, alpha, value in rows:
        gauge.add_metric((zeta, alpha), value)
        counter.add_metric((zeta, alpha), value)
    assert_same(accept, Fixed(gauge, counter, GaugeMetricFamily("binance_plain", text, value=1)))


@given(
    accept=st.sampled_from(FORMATS),
    kind=st.sampled_from((Kind.GAUGE, Kind.COUNTER)),
    text=st.text(),
    rows=st.lists(st.tuples(st.tuples(st.text(), st.text()), st.floats()), max_size=5),
)
def test_any_table_is_written_alike(accept: str, kind: Kind, text: str, rows: list[tuple[tuple[str, str], float]]):
    """Tables too, on a first page and on the next, whatever their labels and numbers."""
    name = "binance_many_total" if kind is Kind.COUNTER else "binance_some"
    labels = ("zeta", "alpha")
    pair = Metric(name=name, kind=kind, labels=labels, help=text, unit="1", source="s", formula="f")
    plain = Metric(name="binance_plain", kind=Kind.GAUGE, labels=(), help=text, unit="1", source="s", formula="f")
    tables = Fixed(Table(pair, rows), Table(plain, [((), number) for _, number in rows]))
    encode = negotiate(accept, "").encode
    writer = Writer(encode)
    for _ in range(2):
        assert writer.write(tables.collect()) == encode(tables).removesuffix(OPENMETRICS_END)


def test_every_metric_of_the_catalogue_may_stand_in_a_table():
    """No sample of ours has a name that the library treats in a way of its own."""
    for metric in CATALOGUE:
        assert metric.name.isascii()
        assert not metric.name.endswith(("_created", "_gsum", "_gcount"))


@pytest.mark.parametrize("accept", FORMATS)
def test_more_than_plain_samples_is_written_alike(accept: str):
    """Histograms, exemplars, timestamps, an info, samples of creation, and a family without samples."""
    registry = CollectorRegistry()
    Histogram("seconds", "Took.", registry=registry).observe(0.3)
    Counter("calls", "Were made.", registry=registry).inc(exemplar={"trace": "7"})
    Info("build", "What it is.", registry=registry).info({"version": "1"})
    assert_same(accept, registry)
    late = GaugeMetricFamily("late", "With a time.", labels=("of",))
    late.add_metric(("me",), 1.5, timestamp=1_795_164_000.25)
    made = AnyFamily("made", "When.", "gauge")
    made.add_sample("made_created", {}, 5.0)
    made.add_sample("made", {}, 6.0)
    assert_same(accept, Fixed(late, made, GaugeMetricFamily("none", "At all.", labels=("of",))))
