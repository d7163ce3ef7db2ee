"""429, 418, 403 and the count of weights: what the adapter does when the exchange wants less of us."""

from __future__ import annotations

import asyncio

import pytest

from fake_rest_server import open_desk
from plimsoll.errors import Banned, Refused, Throttled
from plimsoll.exchange.rest import AccountReads
from rest_plays import answer, refuse

ACCOUNT = "/fapi/v3/account"
PERMISSIONS = "/sapi/v1/account/apiRestrictions"


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
