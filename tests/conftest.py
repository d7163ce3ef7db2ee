"""What tests of every part share: Prometheus' own programs, as ``make tools`` provides them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.observability.cache import tool, versions

TOOLS = Path(__file__).parents[1] / ".cache" / "tools"


def pytest_report_header() -> str:
    """Which programs the tests use."""
    return "tools: " + ", ".join(f"{name} {version}" for name, version in versions(TOOLS).items())


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own checker; where it is missing, the tests that need it fail and say what to do."""
    return tool(TOOLS, "promtool")
