"""Where each environment's exchange is: one table, the section ``exchange`` made from it, and what must be encrypted.

Source: binance-usdm.md section 1. Stream URLs are bases, without ``/market`` or ``/private``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from plimsoll.config.model import Environment, ExchangeConfig, StreamForm
from plimsoll.config.reading import Reading
from plimsoll.config.tree import At, Table

_TEST_STREAMS = "wss://fstream.binancefuture.com"

EXCHANGES = {
    Environment.PRODUCTION: ExchangeConfig(
        environment=Environment.PRODUCTION,
        rest_url="https://fapi.binance.com",
        wallet_url="https://api.binance.com",
        market_stream_url="wss://fstream.binance.com",
        private_stream_url="wss://fstream.binance.com",
    ),
    Environment.TESTNET: ExchangeConfig(
        environment=Environment.TESTNET,
        rest_url="https://testnet.binancefuture.com",
        wallet_url=None,
        market_stream_url=_TEST_STREAMS,
        private_stream_url=_TEST_STREAMS,
    ),
    Environment.DEMO: ExchangeConfig(
        environment=Environment.DEMO,
        rest_url="https://demo-fapi.binance.com",
        wallet_url=None,
        market_stream_url=_TEST_STREAMS,
        private_stream_url=_TEST_STREAMS,
    ),
    Environment.SIMULATOR: ExchangeConfig(
        environment=Environment.SIMULATOR,
        rest_url="http://127.0.0.1:9715",
        wallet_url="http://127.0.0.1:9715",
        market_stream_url="ws://127.0.0.1:9715",
        private_stream_url="ws://127.0.0.1:9715",
    ),
}
"""The exchange of each environment, where the configuration says no more."""


def exchange_config(
    *,
    environment: Environment,
    rest_url: str | None = None,
    wallet_url: str | None = None,
    market_stream_url: str | None = None,
    private_stream_url: str | None = None,
    private_stream_form: StreamForm = StreamForm.AUTO,
    simulator_url: str | None = None,
) -> ExchangeConfig:
    """The environment's exchange with what the configuration overrides; a moved simulator moves as a whole."""
    own = EXCHANGES[environment]
    moved = rest_url or simulator_url
    if environment is Environment.SIMULATOR and moved is not None:
        streams = moved.replace("http", "ws", 1)
        own = replace(own, rest_url=moved, wallet_url=moved, market_stream_url=streams, private_stream_url=streams)
    return replace(
        own,
        rest_url=rest_url or own.rest_url,
        wallet_url=wallet_url or own.wallet_url,
        market_stream_url=market_stream_url or own.market_stream_url,
        private_stream_url=private_stream_url or own.private_stream_url,
        private_stream_form=private_stream_form,
    )


_ENCRYPTED = {"http": "https", "ws": "wss"}
SIMULATOR_URL = "simulator_url"
"""Ignored where another exchange is meant, so that Compose can always say where its simulator is."""

_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def check_plain_urls(node: Table, values: Mapping[str, object], at: At, reading: Reading) -> None:
    """Refuse to send a real key over a network in the clear; to this machine and to the simulator it may."""
    environment = values.get("environment")
    if environment is None or environment is Environment.SIMULATOR:
        return
    for key, value in values.items():
        parts = urlsplit(value) if isinstance(value, str) and _is_used(key) else None
        if parts is None or parts.scheme not in _ENCRYPTED or is_loopback(parts.hostname or ""):
            continue
        plain, encrypted = f"{parts.scheme}://", f"{_ENCRYPTED[parts.scheme]}://"
        found = f"{plain} to another machine, which anybody on the way can read"
        expected = f"{encrypted}, or {plain} to 127.0.0.0/8, ::1 or localhost"
        reading.faults.note(node.entries[key].value.place, (*at, key), found=found, expected=expected)


def _is_used(key: str) -> bool:
    """Whether a key of a real exchange is an address that a real API key is sent to."""
    return key.endswith("_url") and key != SIMULATOR_URL


def is_loopback(host: str) -> bool:
    """Whether a host, as ``urlsplit`` gives it, is this machine for certain."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _LOOPBACK)
