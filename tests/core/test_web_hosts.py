"""Under which names the server may be addressed."""

from __future__ import annotations

import pytest

from plimsoll.web.hosts import AllowedHosts


@pytest.mark.parametrize(
    "header",
    [
        "localhost",
        "LOCALHOST:9713",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:9713",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_loopback_is_always_allowed(header: str):
    """Every spelling of loopback is answered, with any port."""
    assert AllowedHosts(listen_host="127.0.0.1", allowed=()).allows(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "evil.example",
        "evil.example:9713",
        "localhost.evil.example",
        "localhost@evil.example",
        "localhost:",
        "localhost:port",
        "localhost:9713:1",
        "localhost:999999",
        "localhost/",
        " localhost",
        "::1",
        "[::1",
        "[::2]",
        "127.0.0.2",
        "0.0.0.0",  # noqa: S104 - a header, nothing is bound
        "2130706433",
        "evil.example, localhost",
        "localhost\n",
    ],
)
def test_everything_else_is_refused(header: str):
    """A foreign name, a malformed one, or one that only begins like ours is refused."""
    assert not AllowedHosts(listen_host="127.0.0.1", allowed=()).allows(header)


def test_address_listened_on_is_allowed():
    """Who listens on an address of the network is addressed by it."""
    hosts = AllowedHosts(listen_host="192.0.2.7", allowed=())

    assert hosts.allows("192.0.2.7:9713")
    assert not hosts.allows("192.0.2.8:9713")


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::", ""])  # noqa: S104 - nothing is bound
def test_wildcard_is_no_name(wildcard: str):
    """Listening everywhere allows no further name."""
    hosts = AllowedHosts(listen_host=wildcard, allowed=())

    assert hosts.allows("localhost")
    assert not hosts.allows("0.0.0.0:9713")
    assert not hosts.allows("[::]:9713")


def test_configured_name_without_a_port_is_good_for_every_port():
    """A published port may differ from the one listened on."""
    hosts = AllowedHosts(listen_host="::", allowed=["exporter", "FD00::1"])

    assert hosts.allows("exporter:9713")
    assert hosts.allows("Exporter")
    assert hosts.allows("[fd00::1]:80")


def test_configured_name_with_a_port_is_good_for_that_port():
    """A name given with its port is not answered on another."""
    hosts = AllowedHosts(listen_host="::", allowed=["risk.example:443", "[fd00::2]:9713"])

    assert hosts.allows("risk.example:443")
    assert hosts.allows("[fd00::2]:9713")
    assert not hosts.allows("risk.example:9713")
    assert not hosts.allows("risk.example")
    assert not hosts.allows("[fd00::2]")
