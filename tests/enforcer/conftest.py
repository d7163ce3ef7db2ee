"""Fixtures of the enforcer's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fake_desk import EnforcerSite, enforcer_site
from manual_clock import ManualClock
from plimsoll_enforcer.journal.journal import Journal


@pytest.fixture
async def doors() -> AsyncIterator[EnforcerSite]:
    """The enforcer's web server over a fake desk."""
    async with enforcer_site() as site:
        yield site


@pytest.fixture
def clock() -> ManualClock:
    """Time."""
    return ManualClock()


@pytest.fixture
def journal(tmp_path: Path, clock: ManualClock) -> Iterator[Journal]:
    """A new journal, closed at the end."""
    opened = Journal.open(tmp_path, clock=clock)
    yield opened
    opened.close()
