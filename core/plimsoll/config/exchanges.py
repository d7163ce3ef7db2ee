"""Where each environment's exchange is: one table, and the section ``exchange`` made from it.

Source: binance-usdm.md section 1. Stream URLs are bases, without ``/market`` or ``/private``.
"""

from __future__ import annotations

from dataclasses import replace

from plimsoll.config.model import Environment, ExchangeConfig, StreamForm

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
) -> ExchangeConfig:
    """The environment's exchange with what the configuration overrides; a moved simulator moves as a whole."""
    own = EXCHANGES[environment]
    if environment is Environment.SIMULATOR and rest_url is not None:
        streams = rest_url.replace("http", "ws", 1)
        own = replace(own, wallet_url=rest_url, market_stream_url=streams, private_stream_url=streams)
    return replace(
        own,
        rest_url=rest_url or own.rest_url,
        wallet_url=wallet_url or own.wallet_url,
        market_stream_url=market_stream_url or own.market_stream_url,
        private_stream_url=private_stream_url or own.private_stream_url,
        private_stream_form=private_stream_form,
    )
