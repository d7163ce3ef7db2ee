"""What tests of every part share: Prometheus' own programs, as ``make tools`` provides them, and logging put back."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tools.observability.cache import tool, versions

from plimsoll.logs import QUIET

# How long an example takes says something of the machine, nothing of the product.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if not settings.default.derandomize:  # Hypothesis itself takes such a profile, without chance, where CI is set
    settings.load_profile("untimed")

TOOLS = Path(__file__).parents[1] / ".cache" / "tools"


LONGEST = ("test_pages_", "test_alert_faults_", "test_chain_", "test_crowd", "test_ledger_", "test_benchmarks")
"""Files whose tests wait for minutes: they begin first, so that the run does not end with one of them alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, the same in every worker."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


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


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Leave the process's logging as it was: for tests that run a command inside their own process."""
    hook, root = sys.excepthook, logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in QUIET}
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in quiet.items():
        logging.getLogger(name).setLevel(old)
