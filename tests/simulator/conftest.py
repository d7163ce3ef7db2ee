"""Fixtures of tests that act on a world; each such module makes its own ``world``, with an account ``a``."""

from __future__ import annotations

import pytest

from plimsoll_simulator.account import Account
from plimsoll_simulator.world import World


@pytest.fixture
def account(world: World) -> Account:
    """The world's account."""
    return world.accounts["a"]


@pytest.fixture
def heard(world: World) -> list[dict]:
    """Every event, from now on."""
    events: list[dict] = []
    world.listeners.append(lambda _account, event: events.append(dict(event)))
    return events
