"""One catalogue: what it names is what is shown, what is documented and what the naming rules allow."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from exporter_state import Scene, every_series
from fake_desk import FakeDesk
from fake_desk import metrics as enforcer_metrics
from plimsoll.metrics.metric import Kind, Metric
from plimsoll_enforcer.catalogue import CATALOGUE as OF_ENFORCER
from plimsoll_exporter.catalogue import CATALOGUE as OF_EXPORTER

CATALOGUE = tuple(dict.fromkeys((*OF_EXPORTER, *OF_ENFORCER)))
"""Every metric of both programs; what both show is one."""

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"(binance|plimsoll)(_[a-z0-9]+)+")
LABEL = re.compile(r"[a-z]+(_[a-z]+)*")
OPERATORS_LABELS = {"instance", "job", "env", "environment", "region", "zone", "cluster", "service", "stage", "owner"}
UNIT_SUFFIX = {"USD": "_usd", "ratio": "_ratio", "Unix seconds": "_timestamp_seconds", "seconds": "_seconds"}
FORBIDDEN_PARTS = {"gauge", "counter", "histogram", "ms", "percent", "minutes", "hours", "pct"}


def metrics_doc() -> ModuleType:
    """The generator of the page, loaded from ``tools/``."""
    spec = importlib.util.spec_from_file_location("metrics_doc", ROOT / "tools" / "metrics_doc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown() -> dict[str, tuple[str, str, set[tuple[str, ...]]]]:
    """Name, type, help and label sets of every family of states in which every metric has a series."""
    families = {}
    for family in (*Scene(every_series()).registry.collect(), *enforcer_metrics(FakeDesk()).collect()):
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {tuple(sorted(set(sample.labels) - {"le"})) for sample in family.samples}
        families[name] = (family.type, family.documentation, labels)
    return families


def test_every_family_is_in_the_catalogue_and_back():
    """What the page shows and what the catalogue lists are the same names."""
    assert set(shown()) == {metric.name for metric in CATALOGUE}


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_family_is_as_catalogued(metric: Metric):
    """Type, help and labels on the page are those of the catalogue."""
    kind, text, labels = shown()[metric.name]

    assert kind == metric.kind.value
    assert text == metric.help
    assert labels == {tuple(sorted(metric.labels))}


def test_names_are_unique():
    """No metric is declared twice."""
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_name_follows_the_rules(metric: Metric):
    """Plain snake case, ``_total`` exactly for counters, the unit as suffix, no type and no odd unit in the name."""
    assert NAME.fullmatch(metric.name)
    assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER)
    assert not FORBIDDEN_PARTS & set(metric.name.split("_"))
    assert not metric.name.endswith(("_count", "_sum", "_bucket", "_created"))
    if metric.kind is not Kind.COUNTER:
        assert metric.name.endswith(UNIT_SUFFIX.get(metric.unit, ""))


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_labels_leave_the_operators_alone(metric: Metric):
    """Label names are plain and none that Prometheus would rename to ``exported_...``."""
    assert all(LABEL.fullmatch(label) for label in metric.labels)
    assert not OPERATORS_LABELS & set(metric.labels)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_every_column_is_filled(metric: Metric):
    """Each metric has a help sentence, a unit, a formula and a source."""
    assert metric.help.endswith(".")
    assert metric.unit
    assert metric.formula
    assert metric.source


def test_page_is_up_to_date():
    """``docs/metrics.md`` is what the generator writes."""
    assert metrics_doc().main(["--check"]) == 0


def test_page_documents_every_metric():
    """Each metric has a row of its own in the page, under its theme."""
    text = metrics_doc().page()

    for theme in metrics_doc().THEMES:
        assert f"\n## {theme.title}\n" in text
        for metric in theme.metrics:
            assert text.count(f"| `{metric.name}` |") == 1


def test_generator_writes_and_checks(tmp_path: Path):
    """A missing or changed page fails the check; writing it mends that."""
    generator = metrics_doc()
    output = tmp_path / "metrics.md"

    assert generator.main(["--check", "--output", str(output)]) == 1
    assert generator.main(["--output", str(output)]) == 0
    assert generator.main(["--check", "--output", str(output)]) == 0
    output.write_text("old", encoding="utf-8")
    assert generator.main(["--check", "--output", str(output)]) == 1
