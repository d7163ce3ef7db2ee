"""Answers of the exporter and of Alertmanager that come in pieces, are too long, or hold numbers that are no times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from plimsoll_enforcer.watching.body import whole_body
from plimsoll_enforcer.watching.exporter import read_account

PIECE = b"x" * 1000


@asynccontextmanager
async def answering() -> AsyncIterator[aiohttp.ClientResponse]:
    """An answer of three pieces, each sent some time after the one before."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(3):
            await response.write(PIECE)
            await asyncio.sleep(0.05)
        return response

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{runner.addresses[0][1]}") as got:
            yield got
    finally:
        await runner.cleanup()


async def test_an_answer_in_pieces_is_read_whole() -> None:
    """A long answer comes in several packets: all of them are read, or the exporter would seem not to answer."""
    async with answering() as answer:
        assert await whole_body(answer, 3000) == 3 * PIECE


async def test_an_answer_that_is_too_long_is_none() -> None:
    """No more is read than needed to know that it is too long."""
    async with answering() as answer:
        with pytest.raises(ValueError, match="longer than 2999 bytes"):
            await whole_body(answer, 2999)


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-1", "1e300", '"1795164000"', "9" * 300])
def test_a_time_that_is_none_is_unknown(time: str) -> None:
    """An exporter that tells NaN for its flows is not heard; it must not stop the watch either."""
    content = f'{{"status": "live", "drawdown": {{"flows_until_timestamp": {time}, "rules": {{"tmad": {{}}}}}}}}'
    assert read_account(content.encode())["tmad"].flows_until is None
