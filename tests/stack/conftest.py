"""Options of the tests of the whole stack."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/stack/test_truth.py --truth-minutes 30 --truth-seed 7`` looks for faults as long as wanted."""
    parser.addoption("--truth-minutes", type=float, help="real minutes of each random run against the simulator")
    parser.addoption("--truth-seed", type=int, help="seed of the random runs")
