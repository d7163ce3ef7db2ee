"""The exchange's clock: measured, corrected when a timestamp is refused, not believed when the reading was slow."""

from __future__ import annotations

import pytest
from aiohttp import web

from fake_rest_server import open_desk
from plimsoll.errors import ClockRefused, ExchangeError
from rest_plays import answer, refuse

ACCOUNT = "/fapi/v3/account"
POSITIONS = "/fapi/v3/positionRisk"
TIME = "/fapi/v1/time"


@pytest.mark.parametrize("skew", [10, -10])
async def test_a_clock_ten_seconds_off_mends_itself(skew: int):
    """A refused timestamp makes us measure the exchange's clock and repeat the call once."""
    async with open_desk() as desk:
        desk.server.skew = skew
        reads = desk.account()
        assert await reads.wallet()
        assert await reads.positions()
        assert desk.server.paths() == [ACCOUNT, TIME, ACCOUNT, POSITIONS]
        assert desk.recorder.offsets == [pytest.approx(skew, abs=0.01)]
        assert desk.recorder.requests[0] == ("account", "clock")


async def test_a_timestamp_refused_twice_is_told():
    """When measuring does not help the refusal goes to the caller; it is not tried for ever."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, *[refuse(400, -1021, "Timestamp outside.")] * 3)
        with pytest.raises(ClockRefused):
            await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT, TIME, ACCOUNT]


async def test_a_clock_that_cannot_be_measured_is_told():
    """When the time cannot be read the caller learns that."""
    async with open_desk() as desk:
        desk.server.skew = 10
        desk.server.play(TIME, refuse(400, -1102, "No."))
        with pytest.raises(ExchangeError) as failed:
            await desk.account().wallet()
        assert failed.value.code == -1102


async def test_a_clock_measured_meanwhile_is_not_measured_again():
    """Two hundred accounts refused at once do not all measure: who sees a newer reading just repeats."""
    async with open_desk() as desk:

        async def refuse_after_measuring(request: web.Request) -> web.StreamResponse:
            desk.clock.advance(1)
            await desk.exchange.market.measure_clock()
            return await refuse(400, -1021, "Timestamp outside.")(request)

        desk.server.play(ACCOUNT, refuse_after_measuring)
        assert await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT, TIME, ACCOUNT]


async def test_a_slow_reading_of_the_clock_is_repeated():
    """A reading that took long says little about the moment of its answer: the quicker of two counts."""
    async with open_desk() as desk:

        async def slow(request: web.Request) -> web.StreamResponse:
            desk.clock.advance(4)
            return await answer(200, f'{{"serverTime": {desk.server.now_ms() - 4000}}}')(request)

        desk.server.play(TIME, slow)
        await desk.exchange.market.measure_clock()
        assert desk.server.paths() == [TIME, TIME]
        assert desk.exchange.clock.offset == pytest.approx(0, abs=0.01)
        desk.server.play(TIME, slow, slow)
        await desk.exchange.market.measure_clock()
        assert desk.recorder.offsets[-1] == pytest.approx(-2, abs=0.01)
