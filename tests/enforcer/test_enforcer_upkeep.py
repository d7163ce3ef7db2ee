"""What runs beside the enforcing: keys looked after, clock and limits kept fresh, faults of ours that end nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from manual_clock import ManualClock
from plimsoll.config.load import load
from plimsoll.config.model import Config, Mode
from plimsoll.errors import Unavailable
from plimsoll.model.account import KeyPermissions
from plimsoll.model.market import ExchangeRules
from plimsoll_enforcer.keys import Keys
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.upkeep import AFTER_FAILURE, CLOCK_EVERY, RULES_EVERY, keep_clock, keep_limits

MAY = KeyPermissions(read=True, trade=True, withdraw=False, transfer=False, ip_restricted=True, portfolio_margin=False)
CONFIGURED = """
exchange: {environment: simulator}
accounts:
  eon: {enforcement: {mode: armed}}
  live: {}
  source: {enforcement: {mode: off}}
"""


@dataclass
class Exchange:
    """Counts what it is asked; fails as often as it is told to."""

    failing: int = 0
    asked: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def measure_clock(self) -> None:
        """Count."""
        await self._ask()

    async def rules(self) -> ExchangeRules:
        """Count."""
        await self._ask()
        return ExchangeRules(instruments={}, weight_limit=2400, order_limits=())

    async def key_permissions(self) -> KeyPermissions | None:
        """Wait until the test lets it answer."""
        await self.held.wait()
        await self._ask()
        return MAY

    async def _ask(self) -> None:
        self.asked += 1
        if self.failing:
            self.failing -= 1
            raise Unavailable("down")


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that runs until the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def configuration(folder: Path) -> Config:
    """One account to be armed, one in dry run, one off."""
    path = folder / "plimsoll.yml"
    path.write_text(CONFIGURED, encoding="utf-8")
    return load(path, environ={})


@pytest.mark.parametrize(
    ("work", "every"),
    [
        (keep_clock, CLOCK_EVERY),
        (keep_limits, RULES_EVERY),
    ],
    ids=["clock", "limits"],
)
async def test_readings_come_again(work: Callable[[Exchange, ManualClock], Coroutine[Any, Any, None]], every: float):
    """At once, sooner again where it failed, and then at their own pace."""
    exchange, clock = Exchange(failing=1), ManualClock()
    async with beside(work(exchange, clock)):
        await clock.elapse(AFTER_FAILURE - 1)
        assert exchange.asked == 1
        await clock.elapse(2)
        assert exchange.asked == 2
        await clock.elapse(every - 2)
        assert exchange.asked == 2
        await clock.elapse(2)
        assert exchange.asked == 3


async def test_fault_of_ours_is_told_and_begun_anew(caplog: pytest.LogCaptureFixture):
    """A bug in what runs beside must not end the program that guards money."""
    clock, times = ManualClock(), []

    async def broken() -> None:
        times.append(clock.monotonic())
        raise KeyError("ours")

    with caplog.at_level(logging.ERROR):
        async with beside(steadily("the upkeep of keys", broken, clock, after=AFTER_FAILURE)):
            await clock.elapse(2 * AFTER_FAILURE + 1)

    assert len(times) == 3
    assert "the upkeep of keys failed" in caplog.text


async def test_modes_are_known_once_every_key_was_asked_about(tmp_path: Path):
    """Until then the accounts are named; afterwards each has what is in force, with the reason where it is less."""
    exchange, clock = Exchange(), ManualClock()
    keys = Keys(configuration(tmp_path), named={"eon"}, readers={"eon": exchange, "live": exchange}, clock=clock)
    async with beside(keys.run()):
        await clock.elapse(1)
        assert keys.unchecked == ("eon", "live")
        waiting: Awaitable[None] = asyncio.ensure_future(keys.checked())
        exchange.held.set()
        await waiting
        assert keys.unchecked == ()

    assert keys.stance("eon").mode is Mode.ARMED
    assert keys.stance("eon").permissions["withdraw"] is False
    assert keys.stance("live").mode is Mode.DRY_RUN
    assert keys.stance("source").mode is Mode.OFF


async def test_account_without_a_key_is_off_with_the_reason(tmp_path: Path):
    """An account that cannot even be read is not said to be watched."""
    keys = Keys(configuration(tmp_path), named={"eon"}, readers={}, clock=ManualClock())

    assert keys.stance("eon").mode is Mode.OFF
    assert "no trade_key is configured" in keys.stance("eon").why
