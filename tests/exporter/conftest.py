"""Fixtures of the exporter's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from exporter_state import Scene, two_accounts
from web_client import Served, served


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    """A server over the golden state."""
    async with served(Scene(two_accounts())) as site:
        yield site
