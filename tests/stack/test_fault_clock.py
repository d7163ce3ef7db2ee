"""Clocks that disagree by ten seconds: from the start or suddenly, either way, on either side."""

from __future__ import annotations

import pytest

from fair_clock import FairClock
from plimsoll_simulator.server import running_simulator
from stack_faults import (
    SPEED,
    STANDING,
    assert_logged,
    fail,
    failures_of,
    heal,
    reread,
    shows_nothing,
    until_failed,
    until_stale,
)
from stack_harness import Stack, stack, watching
from stack_truth import Witness, until_true

BOTH_WAYS = pytest.mark.parametrize("offset", [10.0, -10.0], ids=["ahead", "behind"])


class ShiftingClock(FairClock):
    """A machine whose wall clock is wrong, or is set while it runs."""

    def __init__(self, speed: float, shift: float = 0.0) -> None:
        super().__init__(speed)
        self.shift = shift

    def now(self) -> float:
        """Unix time in fast seconds, as this machine has it."""
        return super().now() + self.shift


async def until_offset(running: Stack, offset: float) -> None:
    """Wait until the offset is shown to a second: a fast clock makes much of an answer's time on a busy machine."""
    key = ("binance_clock_offset_seconds", frozenset[tuple[str, str]]())
    await running.until(lambda metrics: metrics.get(key) == pytest.approx(offset, abs=1.0), f"the offset is {offset}")


@BOTH_WAYS
async def test_a_machine_ten_seconds_off_from_the_start(offset: float):
    """The offset is measured and shown, signed calls pass, ages are right and every figure is true."""
    async with (
        running_simulator(scenario=STANDING, clock=FairClock(SPEED), interval=1 / SPEED) as simulator,
        watching(simulator, clock=ShiftingClock(SPEED, -offset)) as running,
        Witness(running, "live", speed=SPEED),
    ):
        await until_true(running, "live")
        await until_offset(running, offset)
        await running.sim("trade", account="live", symbol="BTCUSDT", side="BUY", quantity="0.01")
        await until_true(running, "live")
        await reread(running, "live")
        await until_true(running, "live")


@BOTH_WAYS
async def test_the_machines_clock_is_set_while_running(offset: float):
    """A jump of our own wall clock changes neither signatures nor ages; only the offset says that it happened."""
    clock = ShiftingClock(SPEED)
    async with (
        running_simulator(scenario=STANDING, clock=FairClock(SPEED), interval=1 / SPEED) as simulator,
        watching(simulator, clock=clock) as running,
        Witness(running, "live", speed=SPEED),
    ):
        await until_true(running, "live")
        clock.shift = offset
        await running.sim("trade", account="live", symbol="BTCUSDT", side="BUY", quantity="0.01")
        await until_true(running, "live")
        await reread(running, "live")
        await until_true(running, "live")
        await until_offset(running, -offset)
        assert await failures_of(running, "clock") == 0


@BOTH_WAYS
async def test_a_refused_timestamp_tells_that_the_exchanges_clock_has_jumped(offset: float):
    """Where no price and no measurement tells of the jump, a refused call does; then the clock is measured anew."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", speed=SPEED):
        for endpoint in ("GET /fapi/v1/time", "GET /fapi/v1/premiumIndex"):
            await fail(running, endpoint, status=503, body="")
        await running.sim("stream", target="market", action="silence")
        await running.sim("clock", offset_seconds=offset)
        await reread(running, "eon")
        await until_failed(running, "account", "clock")
        await heal(running)
        await until_true(running, "eon")
        await until_offset(running, offset)


@pytest.mark.parametrize("offset", [3600.0, 10.0, -10.0], ids=["hour-ahead", "ahead", "behind"])
async def test_the_exchanges_clock_jumps_and_comes_back(offset: float, caplog: pytest.LogCaptureFixture):
    """Prices of another time make the clock be measured anew; none is shown frozen, there and back.

    Whether a price or a refused call tells of the jump first is chance, so that neither is asked for here; nor that an
    account becomes stale by it: a clock that is measured at once needs no such pause.
    What an account's events stamp earlier than what we know counts as late, so the last trade waits until the exchange
    is past its own past.
    """
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        for shift, price in ((offset, "93000"), (0.0, "91000")):
            await running.sim("clock", offset_seconds=shift)
            await running.sim("price", symbol="BTCUSDT", mark=price)
            await until_true(running, "live")
            shown = {"account": "live", "symbol": "BTCUSDT", "side": "short"}
            assert await running.shown("binance_position_mark_price_usd", **shown) == float(price)
            await until_offset(running, shift)
        if offset < 3600:
            await running.simulator.world.clock.sleep(12)
            await running.sim("trade", account="live", symbol="DOTUSDT", side="BUY", quantity="30")
            await until_true(running, "live")
    assert "fault of ours" not in caplog.text


@pytest.mark.parametrize("offset", [3600.0, 10.0, -10.0], ids=["hour-ahead", "ahead", "behind"])
async def test_no_price_of_another_time_is_shown_while_the_clock_cannot_be_measured(
    offset: float, caplog: pytest.LogCaptureFixture
):
    """While the clock's jump is not understood accounts are stale and say why; once it is measured they are right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await fail(running, "GET /fapi/v1/time", status=503, body="")
        await running.sim("clock", offset_seconds=offset)
        await until_stale(running, "live", "the mark price of")
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")
        await until_offset(running, offset)
    assert_logged(caplog, "GET /fapi/v1/time")
