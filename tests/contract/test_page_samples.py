"""The tests' fast reading of a page of metrics against Prometheus' own library."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from page_samples import samples

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("name", ["exposition.txt", "enforcer.txt"])
def test_a_page_is_read_as_the_library_reads_it(name: str):
    """Every sample of the golden pages has the same name, labels and value."""
    page = (GOLDEN / name).read_text(encoding="utf-8")
    whole = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert samples(page) == whole
    assert len(whole) > 50


def test_hostile_labels_and_odd_values_are_read():
    """Spaces, quotes, braces and line ends in a label, and values that are no plain number."""
    page = '# HELP a b\na{b="x y\\"}\\n, c=\\\\"} +Inf\nd 1e-05\n'
    assert samples(page) == {("a", frozenset({("b", 'x y"}\n, c=\\')})): float("inf"), ("d", frozenset()): 1e-05}


def test_what_is_no_page_is_refused():
    """A line without a value is no sample."""
    with pytest.raises(ValueError, match="float"):
        samples("a{} one\n")
