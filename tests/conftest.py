"""What tests of every part share: Prometheus' own programs, as ``make tools`` provides them, and logging put back."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tools.browser import running_chromium
from tools.programs.cache import tool, versions

import soak_beside
from fair_loop import FairLoop
from plimsoll.logs import QUIET

# How long an example takes says something of the machine, nothing of the product.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if not settings.default.derandomize:  # Hypothesis itself takes such a profile, without chance, where CI is set
    settings.load_profile("untimed")

TOOLS = Path(__file__).parents[1] / ".cache" / "tools"
STACK = Path(__file__).parent / "stack"


LONGEST = (
    "test_pages_",
    "test_alert_faults_",
    "test_button_page",
    "test_chain_",
    "test_crowd",
    "test_dashboards_live",
    "test_ledger_",
    "test_benchmarks",
    "test_chaos_short",
    "test_status_page",
)
"""Files whose tests wait for minutes: they begin first, so that the run does not end with one of them alone."""

BESIDE = ("test_soak_short",)
"""Files that wait for what runs beside all tests from their begin: after the longest ones, when that is over."""


def pytest_configure(config: pytest.Config) -> None:
    """Stand ready to soak beside the tests."""
    soak_beside.register(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, the same in every worker."""
    items.sort(key=lambda item: (not item.path.name.startswith(LONGEST), not item.path.name.startswith(BESIDE)))


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests of parts run by a time that no busy machine takes from them; the stack has the programs' own loop."""
    return {"loop": asyncio.new_event_loop if STACK in item.path.parents else FairLoop}


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The address of a running Chromium, one for each worker; ``tests/support/browser.py`` opens pages in it."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(tool(TOOLS, "node"))
    with running_chromium(tool(TOOLS, "chromium")) as address:
        yield address


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
