"""The rate limit, the order of the two checks, and what is said at the start about an open door."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.secret import Secret
from plimsoll.web.bucket import TokenBucket
from plimsoll.web.exposure import exposure
from plimsoll.web.guard import Guard, Verdict
from plimsoll.web.model import ClientAuth, RateLimit, TlsConfig, WebConfig
from plimsoll.web.passwords import MOST_WAITING, Passwords
from web_files import hashed, login

TLS = TlsConfig(cert_file=Path("server.crt"), key_file=Path("server.key"))


def test_burst_then_one_an_interval():
    """A full bucket serves its burst at once, then as many as time has refilled, never more than the burst."""
    clock = ManualClock()
    bucket, limit = TokenBucket(clock=clock), RateLimit(interval=2.0, burst=3)

    assert [bucket.allow(limit) for _ in range(4)] == [True, True, True, False]
    clock.advance(1.9)
    assert not bucket.allow(limit)
    clock.advance(0.2)
    assert [bucket.allow(limit) for _ in range(2)] == [True, False]
    clock.advance(1000)
    assert [bucket.allow(limit) for _ in range(4)] == [True, True, True, False]


def test_interval_of_nothing_is_no_limit():
    """Interval 0 allows everything, and a limit that comes later starts with a full bucket."""
    bucket = TokenBucket(clock=ManualClock())

    assert all(bucket.allow(RateLimit()) for _ in range(100))
    assert [bucket.allow(RateLimit(interval=1.0, burst=1)) for _ in range(2)] == [True, False]


def guard(config: WebConfig | None) -> Guard:
    """A guard over a configuration that stays."""
    return Guard(lambda: config, passwords=Passwords(), clock=ManualClock())


async def test_without_configuration_everybody_may_come_in():
    """No configuration, or one without users, asks for nothing and adds no header."""
    assert await guard(None).judge([]) is Verdict.ADMITTED
    assert await guard(WebConfig()).judge([]) is Verdict.ADMITTED
    assert guard(None).headers == {}


async def test_users_are_let_in():
    """With users, a right login is let in and everything else refused."""
    guarded = guard(WebConfig(users={"alice": Secret(hashed())}))

    assert await guarded.judge([login("alice")]) is Verdict.ADMITTED
    assert await guarded.judge([login("alice", "wrong")]) is Verdict.UNKNOWN
    assert await guarded.judge([]) is Verdict.UNKNOWN


async def test_limit_counts_before_the_password():
    """Guesses use up the limit, so that they cannot be tried faster than requests."""
    limit = RateLimit(interval=1.0, burst=2)
    guarded = guard(WebConfig(users={"alice": Secret(hashed())}, rate_limit=limit))

    verdicts = [await guarded.judge([login("alice", "wrong")]) for _ in range(3)]

    assert verdicts == [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.TOO_MANY]
    assert await guarded.judge([login("alice")]) is Verdict.TOO_MANY


async def test_too_many_guesses_are_turned_away():
    """While more logins wait than are judged in good time, further ones are told to come back."""
    judge = threading.Event()
    passwords = Passwords(verify=lambda *_: not judge.wait(20))
    config = WebConfig(users={"alice": Secret(hashed())})
    guarded = Guard(lambda: config, passwords=passwords, clock=ManualClock())
    guesses = [asyncio.create_task(guarded.judge([login("alice", str(n))])) for n in range(MOST_WAITING)]
    await asyncio.sleep(0)

    assert await guarded.judge([login("alice", "one more")]) is Verdict.TOO_MANY
    judge.set()
    assert set(await asyncio.gather(*guesses)) == {Verdict.UNKNOWN}


def told(host: str, config: WebConfig | None) -> list[str]:
    """What is said at the start."""
    return list(exposure(host, config, shown="Everything", setting="exporter.web_config_file"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_needs_no_warning(host: str):
    """What only this machine reaches is not warned about."""
    assert told(host, None) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "exporter.example"])  # noqa: S104 - judged, not listened on
def test_open_door_is_told(host: str):
    """Beyond this machine, without protection: what can be read by whom, and that it travels in clear."""
    read, travels = told(host, None)

    assert read.startswith(f"Everything can be read by everybody who reaches {host}: set basic_auth_users")
    assert travels.startswith(f"all figures travel to and from {host} unencrypted: set tls_server_config")
    assert told(host, WebConfig()) == [read, travels]


def test_half_a_protection_is_told():
    """TLS without passwords and passwords without TLS are told for what they are."""
    users = {"alice": Secret(hashed())}

    (read,) = told("10.0.0.7", WebConfig(tls=TLS))
    (travels,) = told("10.0.0.7", WebConfig(users=users))

    assert "can be read by everybody" in read
    assert travels.startswith("passwords and all figures travel")


def test_closed_door_is_not_told():
    """TLS with passwords or with required client certificates needs no warning."""
    certified = TlsConfig(cert_file=Path("a"), key_file=Path("b"), client_auth=ClientAuth.REQUIRED)

    assert told("10.0.0.7", WebConfig(tls=TLS, users={"alice": Secret(hashed())})) == []
    assert told("10.0.0.7", WebConfig(tls=certified)) == []
