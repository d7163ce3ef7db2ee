"""What the adapter does when the exchange, the network or the clock misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fake_rest_server import QUICK, QuickClock, Recorder, open_desk
from plimsoll.config.model import Environment, ExchangeConfig
from plimsoll.errors import (
    ExchangeError,
    KeyRefused,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from plimsoll.exchange.rest import Exchange
from rest_plays import Play, answer, drip, refuse, reset, silence, truncate

ACCOUNT = "/fapi/v3/account"
POSITIONS = "/fapi/v3/positionRisk"
LISTEN = "/fapi/v1/listenKey"

DOWN = refuse(503, 0, "Service Unavailable.")
UNKNOWN = refuse(503, 0, "Unknown error, please check your request or try again later.")
HTML = answer(502, "<html>Bad gateway</html>")


@pytest.mark.parametrize("fault", [silence, truncate, drip, DOWN, UNKNOWN, HTML, answer(408, "")])
async def test_a_read_without_answer_is_made_again(fault: Play):
    """Two faults in a row cost a read nothing but time; each attempt is told to the observer."""
    async with open_desk(timeouts=QUICK) as desk:
        desk.server.play(ACCOUNT, fault, fault)
        assert await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT] * 3
        assert [endpoint for endpoint, _ in desk.recorder.requests] == ["account"] * 3
        assert desk.recorder.requests[2] == ("account", None)


async def test_a_broken_connection_is_made_again():
    """A reset in the middle of a request does not fail a read."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, reset)
        assert await desk.account().wallet()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (silence, OutcomeUnknown),
        (drip, OutcomeUnknown),
        (truncate, OutcomeUnknown),
        (HTML, OutcomeUnknown),
        (DOWN, Unavailable),
    ],
)
async def test_a_read_gives_up_after_three_attempts(fault: Play, expected: type[ExchangeError]):
    """A fault that stays is told as it is, after waits that grow and vary."""
    async with open_desk(timeouts=QUICK) as desk:
        desk.server.play(ACCOUNT, *[fault] * 4)
        with pytest.raises(expected):
            await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT] * 3
        assert desk.recorder.requests == [("account", expected.kind)] * 3
        assert 0.125 <= desk.clock.slept[0] <= 0.375
        assert 0.25 <= desk.clock.slept[1] <= 0.75


@asynccontextmanager
async def exchange_at(url: str) -> AsyncIterator[tuple[Exchange, Recorder]]:
    """An adapter that leads to an address where nobody answers, and its observer."""
    recorder = Recorder()
    config = ExchangeConfig(
        environment=Environment.SIMULATOR,
        rest_url=url,
        wallet_url=None,
        market_stream_url="",
        private_stream_url="",
    )
    exchange = Exchange(config, clock=QuickClock(), observer=recorder)
    try:
        yield exchange, recorder
    finally:
        await exchange.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid"])
async def test_where_nobody_answers_is_unavailable(url: str):
    """A refused connection or a failed name lookup is certain, and eats no weight: it must not delay the restart."""
    async with exchange_at(url) as (exchange, recorder):
        with pytest.raises(Unavailable):
            await exchange.market.marks()
        assert recorder.requests == [("premiumIndex", "unavailable")] * 3
        assert exchange.budget.used == 0


async def test_a_read_without_answer_counts_as_used():
    """A request that was sent and never answered may have been counted, so we count it."""
    async with open_desk(timeouts=QUICK) as desk:
        desk.server.play(ACCOUNT, silence)
        await desk.account().wallet()
        assert desk.exchange.budget.used == 10


@pytest.mark.parametrize(
    "text",
    [
        "<html>maintenance</html>",
        '{"totalWalletBalance":',
        "",
        "[" * 100_000,
        '{"a": NaN}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "[]",
        "{}",
        "5",
    ],
)
async def test_an_answer_that_is_none_is_malformed(text: str):
    """HTML, broken JSON and answers of another shape are not used, not repeated, and counted as what they are."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, answer(200, text))
        with pytest.raises(Malformed):
            await desk.account().wallet()
        assert desk.recorder.requests == [("account", "malformed")]


async def test_an_error_in_a_good_answer_is_an_error():
    """An error object under HTTP 200 is the error it says, not a missing field."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, refuse(200, -2015, "Invalid API-key."))
        with pytest.raises(KeyRefused):
            await desk.account().wallet()


async def test_a_listen_key_is_asked_once_more():
    """Opening or extending a listen key twice does no harm; a third attempt is the supervisor's to decide."""
    async with open_desk(timeouts=QUICK) as desk:
        reads = desk.account()
        desk.server.play(LISTEN, UNKNOWN)
        assert await reads.open_listen_key()
        desk.server.play(LISTEN, silence, silence)
        with pytest.raises(OutcomeUnknown):
            await reads.extend_listen_key()
        assert [seen.verb for seen in desk.server.seen] == ["POST", "POST", "PUT", "PUT"]


async def test_a_refusal_is_not_repeated():
    """What is refused as it stands is not asked again."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, refuse(400, -1102, "Mandatory parameter missing."))
        with pytest.raises(Refused):
            await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT]


async def test_a_key_revoked_while_running():
    """A revoked key fails at once with its own kind, works again when it is back, and disturbs no other account."""
    async with open_desk() as desk:
        eon, live = desk.account("eon"), desk.account("live")
        assert await eon.wallet()
        revoked = desk.server.keys.pop("simulator-key-eon")
        with pytest.raises(KeyRefused) as refused:
            await eon.wallet()
        assert refused.value.code == -2015
        assert await live.wallet()
        desk.server.keys["simulator-key-eon"] = revoked
        assert await eon.wallet()


async def test_a_slow_account_does_not_delay_another():
    """While one account's answer drips, another account reads on."""
    async with open_desk() as desk:
        eon, live = desk.account("eon"), desk.account("live")
        desk.server.play(POSITIONS, *[drip] * 3)
        slow = asyncio.create_task(eon.positions())
        await desk.server.arrived.wait()
        assert await live.wallet()
        assert desk.server.paths() == [POSITIONS, ACCOUNT]
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_closed_means_unavailable():
    """After closing, calls fail as any unavailable exchange does; closing twice is harmless."""
    async with open_desk() as desk:
        reads = desk.account()
        await reads.wallet()
        assert desk.exchange.session is not None
        await desk.exchange.close()
        with pytest.raises(Unavailable):
            await reads.wallet()
