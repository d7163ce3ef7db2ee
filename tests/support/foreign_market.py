"""The market streams that every foreign client opens by its own methods, and what each hears of one second."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from foreign_listening import (
    Heard,
    connected,
    python_binance_market,
    recording_ccxt,
    sdk_streams,
    subscribed,
)
from foreign_neutral import Neutral
from foreign_scene import scene
from patience import PATIENCE

SYMBOL = "btcusdt"
UNIFIED = "BTC/USDT:USDT"
MARKET_STREAMS = (
    f"{SYMBOL}@markPrice@1s",
    "!markPrice@arr@1s",
    f"{SYMBOL}@ticker",
    "!ticker@arr",
    f"{SYMBOL}@aggTrade",
    f"{SYMBOL}@miniTicker",
    "!miniTicker@arr",
    "!assetIndex@arr",
)
PUBLIC_STREAMS = (f"{SYMBOL}@bookTicker", "!bookTicker")
# What ccxt's methods open for themselves, one connection each; its trades are a stream that no other client has.
CCXT_STREAMS = (
    f"{SYMBOL}@markPrice@1s",
    "!markPrice@arr@1s",
    f"{SYMBOL}@miniTicker",
    "!miniTicker@arr",
    f"{SYMBOL}@bookTicker",
)
_CCXT_CONNECTIONS = 6


@dataclass(kw_only=True)
class Second:
    """What was heard of one second: by stream for two clients, in one heap for ccxt, with what its methods gave."""

    python_binance: Mapping[str, Heard] = field(default_factory=dict)
    sdk: dict[str, Heard] = field(default_factory=dict)
    ccxt: list[Neutral] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)


def _sdk_openers(streams: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's class has no public name
    return {
        MARKET_STREAMS[0]: streams.mark_price_stream(SYMBOL, update_speed="1s"),
        MARKET_STREAMS[1]: streams.mark_price_stream_for_all_market(update_speed="1s"),
        MARKET_STREAMS[2]: streams.individual_symbol_ticker_streams(SYMBOL),
        MARKET_STREAMS[3]: streams.all_market_tickers_streams(),
        MARKET_STREAMS[4]: streams.aggregate_trade_streams(SYMBOL),
        MARKET_STREAMS[5]: streams.individual_symbol_mini_ticker_stream(SYMBOL),
        MARKET_STREAMS[6]: streams.all_market_mini_tickers_stream(),
        MARKET_STREAMS[7]: streams.asset_index(),
        PUBLIC_STREAMS[0]: streams.individual_symbol_book_ticker_streams(SYMBOL),
        PUBLIC_STREAMS[1]: streams.all_book_tickers_stream(),
    }


def _ccxt_watches(client: Any) -> Mapping[str, Any]:  # noqa: ANN401 - ccxt ships no type information
    return {
        "mark": client.watch_mark_price(UNIFIED),
        "marks": client.watch_mark_prices(),
        "ticker": client.watch_ticker(UNIFIED),
        "tickers": client.watch_tickers(),
        "trades": client.watch_trades(UNIFIED),
        "book": client.watch_bids_asks([UNIFIED]),
    }


async def _second() -> Second:
    found = Second()
    async with scene() as stage, AsyncExitStack() as stack:
        enter = stack.enter_async_context
        simulators = {each.adapter.name: each.simulator for each in stage.stages}
        found.python_binance = {
            name: await enter(python_binance_market(simulators["python-binance"], name, category))
            for names, category in ((MARKET_STREAMS, "market"), (PUBLIC_STREAMS, "public"))
            for name in names
        }
        streams = await enter(sdk_streams(simulators["sdk"]))
        openers = _sdk_openers(streams)
        for name, handle in zip(openers, await asyncio.gather(*openers.values()), strict=True):
            found.sdk[name] = Heard()
            handle.on("message", found.sdk[name].hear)
        stage.catch_up()
        client = await enter(recording_ccxt(simulators["ccxt"], "live"))
        await client.load_markets()
        watched = {name: asyncio.create_task(watch) for name, watch in _ccxt_watches(client).items()}
        await connected(simulators["python-binance"], len(MARKET_STREAMS) + len(PUBLIC_STREAMS))
        # Beside the stream that it subscribes to, ccxt names a number in each URL, which is a stream of nothing.
        await subscribed(simulators["ccxt"], 2 * _CCXT_CONNECTIONS)
        stage.catch_up()
        for simulator in simulators.values():
            simulator.exchange.hub.publish_market(1)
        done, late = await asyncio.wait(watched.values(), timeout=PATIENCE)
        for task in late:
            task.cancel()
        found.given = {name: task.result() for name, task in watched.items() if task in done}
        for heard in (*found.python_binance.values(), *found.sdk.values()):
            heard.kept = await heard.next()
        found.ccxt = await client.heard.next(_CCXT_CONNECTIONS)
    return found


def one_second() -> Second:
    """Open every stream in every client and let one second pass."""
    return asyncio.run(_second())
