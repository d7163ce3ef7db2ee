"""What the adapter does when the exchange, the network or the clock misbehaves."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from fake_rest_server import (
    QUICK,
    Play,
    QuickClock,
    Recorder,
    answer,
    drip,
    open_desk,
    refuse,
    reset,
    silence,
    truncate,
)
from plimsoll.config.model import Environment, ExchangeConfig
from plimsoll.errors import (
    Banned,
    ClockRefused,
    ExchangeError,
    KeyRefused,
    Malformed,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from plimsoll.exchange.rest import AccountReads, Exchange

ACCOUNT = "/fapi/v3/account"
POSITIONS = "/fapi/v3/positionRisk"
LISTEN = "/fapi/v1/listenKey"
TIME = "/fapi/v1/time"
PERMISSIONS = "/sapi/v1/account/apiRestrictions"

DOWN = refuse(503, 0, "Service Unavailable.")
UNKNOWN = refuse(503, 0, "Unknown error, please check your request or try again later.")
HTML = answer(502, "<html>Bad gateway</html>")


@pytest.mark.parametrize("fault", [silence, truncate, drip, DOWN, UNKNOWN, HTML, answer(408, "")])
async def test_a_read_without_answer_is_made_again(fault: Play):
    """Two faults in a row cost a read nothing but time; each attempt is told to the observer."""
    async with open_desk() as desk:
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
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, *[fault] * 4)
        with pytest.raises(expected):
            await desk.account().wallet()
        assert desk.server.paths() == [ACCOUNT] * 3
        assert desk.recorder.requests == [("account", expected.kind)] * 3
        assert 0.125 <= desk.clock.slept[0] <= 0.375
        assert 0.25 <= desk.clock.slept[1] <= 0.75


async def test_a_connection_that_nobody_accepts_is_unavailable():
    """A refused connection is a certain failure, and eats no weight: an outage must not delay the restart."""
    async with open_desk() as desk:
        config = desk.server.config()
    recorder = Recorder()
    exchange = Exchange(config, clock=QuickClock(), observer=recorder, timeouts=QUICK)
    with pytest.raises(Unavailable):
        await exchange.market.marks()
    assert recorder.requests == [("premiumIndex", "unavailable")] * 3
    assert exchange.budget.used == 0
    await exchange.close()


async def test_a_name_that_does_not_resolve_is_unavailable():
    """A failed name lookup is a certain failure."""
    config = ExchangeConfig(
        environment=Environment.SIMULATOR,
        rest_url="http://nowhere.invalid",
        wallet_url=None,
        market_stream_url="",
        private_stream_url="",
    )
    exchange = Exchange(config, clock=QuickClock(), observer=Recorder())
    with pytest.raises(Unavailable):
        await exchange.market.marks()
    await exchange.close()


async def test_a_read_without_answer_counts_as_used():
    """A request that was sent and never answered may have been counted, so we count it."""
    async with open_desk() as desk:
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
    async with open_desk() as desk:
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


async def test_429_pauses_everybody_until_retry_after():
    """After 429 no account sends before the time is over; the caller who met it learns at once."""
    async with open_desk() as desk:
        eon, live = desk.account("eon"), desk.account("live")
        desk.server.play(ACCOUNT, refuse(429, -1003, "Too many requests.", {"Retry-After": "20"}))
        with pytest.raises(Throttled) as throttled:
            await eon.wallet()
        assert throttled.value.retry_after == 20
        paused_at = desk.clock.monotonic()
        assert desk.exchange.budget.paused_until == paused_at + 20
        assert await live.wallet()
        assert desk.clock.monotonic() >= paused_at + 20
        assert desk.server.paths() == [ACCOUNT, ACCOUNT]


async def test_429_without_retry_after_pauses_until_the_next_minute():
    """Where the exchange names no time, its next minute is it."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, refuse(429, -1003, "Too many requests."))
        with pytest.raises(Throttled):
            await desk.account().wallet()
        assert await desk.account("live").wallet()
        assert desk.exchange.clock.now() // 60 == 1_795_164_000 // 60 + 1


async def test_418_stops_the_address():
    """While the address is banned nothing is sent, every caller is told for how long, and then all goes on."""
    async with open_desk() as desk:
        until = desk.server.now_ms() + 300_000
        ban = refuse(418, -1003, f"Way too many requests; IP banned until {until}.")
        desk.server.play(ACCOUNT, ban)
        with pytest.raises(Banned):
            await desk.account().wallet()
        desk.clock.advance(100)
        for call in (desk.account("live").wallet, desk.exchange.market.marks, desk.account("eon").open_listen_key):
            with pytest.raises(Banned) as banned:
                await call()
            assert banned.value.retry_after == pytest.approx(200)
            assert banned.value.code == -1003
        assert desk.server.paths() == [ACCOUNT]
        desk.clock.advance(200)
        assert await desk.account("live").wallet()


async def test_the_firewall_stops_the_address_without_a_ban():
    """After HTTP 403 we stay silent for a while, and say that we hold back."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, answer(403, "<html>Forbidden</html>"))
        for _ in range(2):
            with pytest.raises(Throttled) as throttled:
                await desk.account().wallet()
            assert type(throttled.value) is Throttled
        assert desk.server.paths() == [ACCOUNT]


async def test_too_many_orders_of_one_account_stop_nobody():
    """-1015 is about one account's orders: the address's reads go on."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, refuse(429, -1015, "Too many new orders."))
        with pytest.raises(Throttled):
            await desk.account().wallet()
        assert desk.exchange.budget.paused_until <= desk.clock.monotonic()


async def test_the_wallet_host_counts_for_itself():
    """What the wallet's host says of its own count neither fills nor stops ours; a ban of the address does."""
    async with open_desk() as desk:
        reads = desk.account()
        desk.server.headers = {"X-MBX-USED-WEIGHT-1M": "5000"}
        await reads.key_permissions()
        assert desk.exchange.budget.used == 1
        desk.server.play(PERMISSIONS, refuse(429, -1003, "Too many requests."))
        with pytest.raises(Throttled):
            await reads.key_permissions()
        assert desk.exchange.budget.paused_until <= desk.clock.monotonic()
        desk.server.play(PERMISSIONS, answer(418, ""))
        with pytest.raises(Banned):
            await reads.key_permissions()
        assert desk.exchange.budget.paused_until == desk.clock.monotonic() + 120


async def test_the_count_of_a_refused_request_is_taken():
    """Error answers carry the address's count too."""
    async with open_desk() as desk:
        desk.server.play(ACCOUNT, refuse(400, -1102, "No.", {"X-MBX-USED-WEIGHT-1M": "99"}))
        with pytest.raises(Refused):
            await desk.account().wallet()
        assert desk.exchange.budget.used == 99


async def test_closed_means_unavailable():
    """After closing, calls fail as any unavailable exchange does; closing twice is harmless."""
    async with open_desk() as desk:
        reads = desk.account()
        await reads.wallet()
        assert desk.exchange.session is not None
        await desk.exchange.close()
        with pytest.raises(Unavailable):
            await reads.wallet()


async def sync(reads: AccountReads) -> None:
    """All that an account reads at its start: weight 97."""
    await asyncio.gather(reads.wallet(), reads.positions(), reads.settings(), reads.brackets(), reads.brackets())
    await asyncio.gather(reads.plain_orders(), reads.algo_orders())


async def test_forty_accounts_start_inside_the_budget():
    """Forty accounts that start at once are spread over minutes; no minute sees more than sixty percent."""
    async with open_desk() as desk:
        desk.server.count = True
        desk.server.check_time = False  # the quick clock jumps on while requests are on their way
        await asyncio.gather(*(sync(desk.account(f"a{number}")) for number in range(40)))
        assert len(desk.server.seen) == 40 * 7
        assert sum(desk.server.weights.values()) == 40 * 97
        assert max(desk.server.weights.values()) <= 1440
