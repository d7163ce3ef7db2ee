"""Fixtures of the enforcer's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fake_desk import EnforcerSite, enforcer_site


@pytest.fixture
async def doors() -> AsyncIterator[EnforcerSite]:
    """The enforcer's web server over a fake desk."""
    async with enforcer_site() as site:
        yield site
