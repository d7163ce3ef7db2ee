"""Options of the tests of the whole stack, and that they run at full speed: coverage is measured by the others."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/stack/test_truth.py --truth-minutes 30 --truth-seed 7`` looks for faults as long as wanted."""
    parser.addoption("--truth-minutes", type=float, help="real minutes of each random run against the simulator")
    parser.addoption("--truth-seed", type=int, help="seed of the random runs")
    parser.addoption("--faults-as-shipped", action="store_true", help="faults of alerting with no time shortened")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Programs that are watched in real time are not slowed down by tracing every line of them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.no_cover)
