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


@pytest.fixture(scope="session")
def amtool() -> Path:
    """Alertmanager's own checker; missing is a failure as with ``promtool``."""
    return tool(TOOLS, "amtool")


@pytest.fixture(scope="session")
def alertmanager() -> Path:
    """The program Alertmanager; missing is a failure as with ``promtool``."""
    return tool(TOOLS, "alertmanager")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """The program Prometheus; missing is a failure as with ``promtool``."""
    return tool(TOOLS, "prometheus")
