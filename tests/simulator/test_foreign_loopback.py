"""The guard that keeps foreign clients on the loopback interface does guard."""

from __future__ import annotations

import socket

import pytest

from loopback import LeftLoopback, loopback_only


def test_another_host_is_refused_and_told():
    """Neither a look-up nor a connection beyond loopback gets as far as the network."""
    with loopback_only() as tried:
        with pytest.raises(LeftLoopback):
            socket.getaddrinfo("exchange.invalid", 443)
        with socket.socket() as plain, pytest.raises(LeftLoopback):
            plain.connect(("192.0.2.1", 9))
    assert tried == ["socket.getaddrinfo exchange.invalid", "socket.connect 192.0.2.1"]


def test_loopback_itself_is_free():
    """The guard does not stand in the way of a local server."""
    with loopback_only() as tried, socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    assert tried == []
