"""The life of listen keys."""

from __future__ import annotations

from plimsoll_simulator.listen_keys import ListenKeys
from plimsoll_simulator.world import SteppedClock
from simulator_client import is_silent, next_event, next_message, simulator_client


async def test_a_second_post_gives_the_same_key():
    """One key per API key: POST and PUT give it again."""
    async with simulator_client() as client:
        replies = [await client.listen_key(method) for method in ("POST", "POST", "PUT")]
        assert len({str(reply.body) for reply in replies}) == 1
        assert len(await client.open_key()) == 64


async def test_without_a_key_put_is_refused():
    """PUT before POST, or after DELETE, is -1125."""
    async with simulator_client() as client:
        first = await client.listen_key("PUT")
        assert (first.status, first.body) == (400, {"code": -1125, "msg": "This listenKey does not exist."})
        await client.open_key()
        assert (await client.listen_key("DELETE")).body == {}
        assert (await client.listen_key("PUT")).status == 400


async def test_a_listen_key_needs_the_api_key_alone():
    """Neither timestamp nor signature is asked for, but the key is."""
    async with simulator_client() as client:
        assert (await client.listen_key()).status == 200
        assert (await client.call("POST", "/fapi/v1/listenKey")).status == 401


def test_a_key_lives_an_hour_from_its_last_extension():
    """After an hour without PUT or POST the key ends, once, and the next POST gives another."""
    clock, ended = SteppedClock(), []
    keys = ListenKeys(clock=clock, on_expiry=lambda account, key: ended.append((account, key)))
    first = keys.open("live")
    clock.advance(3599)
    assert keys.extend("live") == first
    clock.advance(3599)
    keys.sweep()
    assert (ended, keys.account_of(first)) == ([], "live")
    clock.advance(1)
    keys.sweep()
    assert (ended, keys.account_of(first), keys.extend("live")) == ([("live", first)], None, None)
    assert keys.open("live") != first


async def test_an_expired_key_is_announced_and_then_silent():
    """The connection hears listenKeyExpired, stays open, and hears nothing more until a new key is used."""
    async with simulator_client() as client:
        key = await client.open_key()
        async with client.stream(f"/private/ws/{key}") as socket:
            await client.control("stream", target="live", action="expire-key")
            event = await next_message(socket)
            assert (event["e"], event["listenKey"]) == ("listenKeyExpired", key)
            renewed = await client.open_key()
            assert renewed != key
            await client.control("transfer", account="live", amount=1)
            assert await is_silent(socket)
            assert not socket.closed
        async with client.stream(f"/private/ws/{renewed}") as socket:
            await client.control("transfer", account="live", amount=1)
            await next_event(socket, "ACCOUNT_UPDATE")


async def test_delete_silences_everyone_who_uses_the_key():
    """After DELETE nobody on that key hears anything, and nobody is told."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        await client.listen_key("DELETE")
        await client.control("transfer", account="live", amount=1)
        assert await is_silent(socket)


async def test_the_keys_of_one_account_have_a_stream_each():
    """The trading key's listen key is another one; when it is deleted, who reads goes on hearing."""
    async with simulator_client() as client:
        path, trading = "/fapi/v1/listenKey", client.key(trading=True)
        mine = await client.open_key()
        assert (await client.call("PUT", path, trading)).status == 400
        other = (await client.call("POST", path, trading)).body
        assert isinstance(other, dict)
        assert other["listenKey"] != mine
        async with (
            client.stream(f"/private/ws/{mine}") as reading,
            client.stream(f"/private/ws/{other['listenKey']}") as bot,
        ):
            await client.control("transfer", account="live", amount=1)
            for socket in (reading, bot):
                await next_event(socket, "ACCOUNT_UPDATE")
            await client.call("DELETE", path, trading)
            await client.control("transfer", account="live", amount=1)
            await next_event(reading, "ACCOUNT_UPDATE")
            assert await is_silent(bot)
