"""A page of metrics as samples, fast: tests scrape many times a second, and most series are on every page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


def samples(page: str) -> Mapping[tuple[str, Labels], float]:
    """A page of metrics: sample name and labels to value; our pages have no times behind the values.

    Raises:
        ValueError: It is no such page.
    """
    lines = (line.rpartition(" ") for line in page.split("\n") if line and not line.startswith("#"))
    return {_series(series): float(value) for series, _, value in lines}


@lru_cache(maxsize=20_000)
def _series(text: str) -> tuple[str, Labels]:
    """Name and labels of a series, by Prometheus' own library, once for all pages."""
    (family,) = text_string_to_metric_families(f"{text} 0\n")
    (sample,) = family.samples
    return sample.name, frozenset(sample.labels.items())
