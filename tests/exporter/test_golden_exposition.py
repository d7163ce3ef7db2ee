"""The whole page of a fixed state, compared byte by byte with ``tests/golden/exposition.txt``.

The file is the public surface in the form in which it is reviewed. After a wanted change write it anew with
``PLIMSOLL_WRITE_GOLDEN=1 python -m pytest tests/exporter/test_golden_exposition.py`` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from exporter_state import Scene, every_series

GOLDEN = Path(__file__).parents[1] / "golden" / "exposition.txt"


def golden_scene() -> Scene:
    """Two accounts, and a handful of calls and events."""
    scene = Scene(every_series())
    scene.instruments.request("account", 0.08, None)
    scene.instruments.request("positionRisk", 0.4, "unavailable")
    scene.instruments.stream_event("live", "ACCOUNT_UPDATE", 0.03)
    scene.instruments.stream_event("market", "markPriceUpdate", 0.12)
    scene.instruments.stream_reconnect("eon")
    return scene


def test_exposition_equals_the_golden_file():
    """The page of the fixed state is the golden file, to the byte."""
    text = golden_scene().text()
    if os.environ.get("PLIMSOLL_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_exposition_parses_in_both_formats():
    """Prometheus's own grammar reads the page, with the same series in text and OpenMetrics."""
    scene = golden_scene()

    def series(families: object) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
        return {
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in families  # type: ignore[attr-defined] # the two parsers share no type
            for sample in family.samples
        }

    text = series(text_string_to_metric_families(scene.text()))
    openmetrics = series(parse_openmetrics(generate_openmetrics(scene.registry).decode()))

    assert text == openmetrics
    assert len(text) > 150


def test_scrapes_of_one_state_are_equal():
    """The order of families and series does not change from scrape to scrape."""
    scene = golden_scene()

    assert scene.text() == scene.text()
