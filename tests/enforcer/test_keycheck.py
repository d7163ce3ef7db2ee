"""How the mode in force follows what the exchange tells of the trading key, hour by hour."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque

import pytest

from manual_clock import ManualClock
from plimsoll.config.model import AccountConfig, Enforcement, Environment, Limits, Mode
from plimsoll.errors import ExchangeError, KeyRefused, Unavailable
from plimsoll.model.account import KeyPermissions
from plimsoll_enforcer.keycheck import AFTER_FAILURE, AFTER_REFUSAL, EVERY, Arming

GOOD = KeyPermissions(read=True, trade=True, withdraw=False, transfer=False, ip_restricted=True, portfolio_margin=False)
BAD = KeyPermissions(read=True, trade=True, withdraw=True, transfer=False, ip_restricted=True, portfolio_margin=False)
REFUSED = KeyRefused("Invalid API-key, IP, or permissions for action.", code=-2015)
DOWN = Unavailable("no connection")

Answer = KeyPermissions | ExchangeError | None


class Keys:
    """Tells these permissions, or raises these errors, one after the other; the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = deque(answers)
        self.asked = 0

    async def key_permissions(self) -> KeyPermissions | None:
        """The next answer."""
        self.asked += 1
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ExchangeError):
            raise answer
        return answer


def arming(
    keys: Keys | None,
    *,
    mode: Mode = Mode.ARMED,
    environment: Environment = Environment.PRODUCTION,
    clock: ManualClock | None = None,
) -> Arming:
    """The account eon, named at the start."""
    account = AccountConfig(name="eon", product="usdm", limits=Limits(), enforcement=Enforcement(mode=mode))
    return Arming(account, environment=environment, named=True, reader=keys, clock=clock or ManualClock())


async def test_a_sound_key_arms_at_the_first_reading():
    """Production is not armed before the exchange has answered, and is after it."""
    eon = arming(Keys(GOOD))
    assert eon.mode is Mode.DRY_RUN
    assert eon.permissions == {}
    await eon.check()
    assert (eon.mode, eon.why) == (Mode.ARMED, "")
    assert eon.permissions == {
        "read": True,
        "trade": True,
        "withdraw": False,
        "transfer": False,
        "ip_restricted": True,
    }
    assert eon.pause == EVERY


async def test_a_key_that_may_withdraw_is_refused_loudly(caplog: pytest.LogCaptureFixture):
    """A permission that is added later turns enforcement off at the next reading, once in the log as an error."""
    eon = arming(Keys(GOOD, BAD))
    await eon.check()
    caplog.clear()
    with caplog.at_level(logging.INFO):
        await eon.check()
        await eon.check()
    assert eon.mode is Mode.OFF
    assert [(record.levelno, "may withdraw: refused" in record.message) for record in caplog.records] == [
        (logging.ERROR, True)
    ]


async def test_an_outage_disarms_nobody():
    """What was told once holds while the exchange does not answer."""
    eon = arming(Keys(GOOD, DOWN))
    for _ in range(3):
        await eon.check()
        assert eon.mode is Mode.ARMED
    assert eon.pause == EVERY


async def test_production_waits_for_the_first_answer():
    """While nothing was ever told it asks again soon, and arms as soon as it is told."""
    eon = arming(Keys(DOWN, DOWN, GOOD))
    for _ in range(2):
        await eon.check()
        assert eon.mode is Mode.DRY_RUN
        assert eon.pause == AFTER_FAILURE
    await eon.check()
    assert eon.mode is Mode.ARMED


async def test_a_refused_key_counts_at_the_second_time():
    """One odd refusal changes nothing; two in a row do, until the key is accepted again."""
    eon = arming(Keys(GOOD, REFUSED, REFUSED, GOOD))
    modes = []
    for _ in range(4):
        await eon.check()
        modes.append((eon.mode, eon.pause))
    assert modes == [
        (Mode.ARMED, EVERY),
        (Mode.ARMED, AFTER_REFUSAL),
        (Mode.DRY_RUN, AFTER_REFUSAL),
        (Mode.ARMED, EVERY),
    ]


async def test_a_test_network_tells_nothing_and_arms():
    """Where there is no such endpoint the permissions are unknown, which is tolerated outside production."""
    eon = arming(Keys(None), environment=Environment.TESTNET)
    await eon.check()
    assert (eon.mode, eon.pause) == (Mode.ARMED, EVERY)


async def test_off_asks_nothing():
    """An account that is off, or has no key, is asked about by nobody."""
    keys = Keys(BAD)
    await arming(keys, mode=Mode.OFF).check()
    assert keys.asked == 0
    keyless = arming(None)
    await keyless.check()
    assert keyless.mode is Mode.OFF
    assert "no trade_key" in keyless.why


async def test_checked_every_hour():
    """The reading is repeated for as long as the program runs."""
    clock, keys = ManualClock(), Keys(GOOD)
    eon = arming(keys, clock=clock)
    await eon.check()
    task = asyncio.create_task(eon.keep_checking())
    for count in (2, 3):
        await clock.elapse(EVERY)
        assert keys.asked == count
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
