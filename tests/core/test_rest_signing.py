"""All three kinds of key sign as the documentation says, with the exchange's time, and no secret ever shows."""

from __future__ import annotations

import logging
import traceback

import pytest
from Crypto.PublicKey import ECC, RSA

from fake_rest_server import QUICK, open_desk
from plimsoll.credentials import Credentials
from plimsoll.errors import ExchangeError, KeyRefused, Malformed
from plimsoll.secret import Secret
from rest_checks import ed25519_check, hmac_check, rsa_check
from rest_plays import Play, answer, drip, reset, silence, truncate

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
HMAC_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"

ED25519 = ECC.generate(curve="Ed25519")
ED25519_PEM = ED25519.export_key(format="PEM")
RSA_KEY = RSA.generate(2048)
RSA_PEM = RSA_KEY.export_key(format="PEM", pkcs=8).decode()


def private(pem: str) -> Credentials:
    """A key that signs with a private key."""
    return Credentials(key=Secret(API_KEY), private_key=Secret(pem))


KINDS = {
    "hmac": (Credentials(key=Secret(API_KEY), secret=Secret(HMAC_SECRET)), hmac_check(HMAC_SECRET)),
    "ed25519": (private(ED25519_PEM), ed25519_check(ED25519)),
    "ed25519 with a last line end": (private(ED25519_PEM + "\n"), ed25519_check(ED25519)),
    "ed25519 with Windows line ends": (private(ED25519_PEM.replace("\n", "\r\n") + "\r\n"), ed25519_check(ED25519)),
    "rsa": (private(RSA_PEM), rsa_check(RSA_KEY)),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_signature_is_accepted(kind: str):
    """The server verifies each kind of signature over the query exactly as sent."""
    credentials, check = KINDS[kind]
    async with open_desk() as desk:
        desk.server.keys[API_KEY] = check
        reads = desk.exchange.account("main", credentials)
        assert await reads.wallet()
        assert await reads.plain_orders("币安人生USDT")
        assert await reads.key_permissions()
        await reads.open_listen_key()
        assert {seen.key for seen in desk.server.seen} == {API_KEY}


async def test_a_wrong_secret_is_a_key_problem():
    """A signature that does not fit needs a human, as a wrong key does."""
    async with open_desk() as desk:
        desk.server.keys[API_KEY] = hmac_check("another")
        with pytest.raises(KeyRefused) as refused:
            await desk.exchange.account("main", KINDS["hmac"][0]).wallet()
        assert refused.value.code == -1022


@pytest.mark.parametrize(
    "pem",
    ["not a key", ED25519_PEM[:60], RSA_PEM[:900], ECC.generate(curve="P-256").export_key(format="PEM")],
    ids=["text", "cut ed25519", "cut rsa", "other curve"],
)
async def test_a_broken_private_key_is_a_key_problem(pem: str):
    """A private key that is none fails each call of its account, sends nothing and is not shown."""
    async with open_desk() as desk:
        with pytest.raises(KeyRefused) as refused:
            await desk.exchange.account("main", private(pem)).wallet()
        assert desk.server.seen == []
        assert desk.recorder.requests == [("account", "key")]
        assert pem[:20] not in everything(refused.value)


@pytest.mark.parametrize("key", ["", "abc\r\nX-Evil: 1", "abc def", "schlüssel"])
async def test_an_api_key_that_cannot_be_sent_is_a_key_problem(key: str):
    """A key file with the wrong content fails its account's calls before anything is sent."""
    async with open_desk() as desk:
        with pytest.raises(KeyRefused) as refused:
            await desk.exchange.account("main", Credentials(key=Secret(key), secret=Secret("x"))).open_listen_key()
        assert desk.server.seen == []
        assert key == "" or key not in everything(refused.value)


async def test_the_signed_time_is_the_exchange_s():
    """A jump of the machine's clock does not change the timestamp: it follows the exchange's clock."""
    async with open_desk() as desk:
        reads = desk.account()
        await desk.exchange.market.measure_clock()
        desk.clock.jump(-3600)
        desk.server.skew = 3600
        await reads.wallet()
        assert f"timestamp={desk.server.now_ms()}&" in desk.server.seen[-1].query
        assert "recvWindow=5000&" in desk.server.seen[-1].query


def everything(error: BaseException) -> str:
    """All that a careless handler could print of an error: its texts, its traceback, its whole chain."""
    chain, current = [], error
    while current is not None:
        chain.append(current)
        current = current.__cause__ or current.__context__
    texts = [text for item in chain for text in (str(item), repr(item), repr(item.args), repr(vars(item)))]
    return "".join([*texts, *traceback.format_exception(error)])


HTML = answer(502, f"<html>GET /fapi/v3/account?signature={'ab' * 32}</html>")
FAULTS = [
    silence,
    reset,
    truncate,
    drip,
    HTML,
    answer(200, HMAC_SECRET),
    answer(400, f'{{"code":-1,"msg":"{API_KEY}"}}'),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["hmac", "ed25519"])
async def test_no_secret_in_any_error(fault: Play, kind: str, caplog: pytest.LogCaptureFixture):
    """Neither key, secret nor signature stands in an error, its chain, its traceback or a log line."""
    caplog.set_level(logging.DEBUG)
    credentials, check = KINDS[kind]
    async with open_desk(timeouts=QUICK) as desk:
        desk.server.keys[API_KEY] = check
        desk.server.play("/fapi/v3/account", *[fault] * 6)
        with pytest.raises(ExchangeError) as failed:
            await desk.exchange.account("main", credentials).wallet()
        ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
        shown = everything(failed.value) + "".join(ours)
        signatures = [seen.query.partition("signature=")[2] for seen in desk.server.seen]
    for hidden in (API_KEY, HMAC_SECRET, ED25519_PEM.splitlines()[1], "ab" * 32, *signatures):
        assert hidden not in shown
    assert "signature=" not in shown


async def test_no_secret_in_any_repr():
    """Nothing that holds a key shows it when printed."""
    async with open_desk() as desk:
        reads = desk.exchange.account("main", KINDS["hmac"][0])
        client = reads.caller.key.client()
        for thing in (reads, reads.caller, reads.caller.key, client, desk.exchange, client.session):
            for text in (repr(thing), str(thing)):
                assert API_KEY not in text
                assert HMAC_SECRET not in text


async def test_redirects_are_not_followed():
    """Nobody can lead a request with its key to another host."""
    async with open_desk() as desk:
        desk.server.play("/fapi/v3/account", answer(302, "", {"Location": f"{desk.server.url}/elsewhere"}))
        with pytest.raises(Malformed):
            await desk.account().wallet()
        assert desk.server.paths() == ["/fapi/v3/account"]
