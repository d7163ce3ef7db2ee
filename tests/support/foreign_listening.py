"""The foreign clients' own machinery for streams, each behind one face: messages in, neutral forms out, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import ccxt.pro
from binance import AsyncClient, BinanceSocketManager
from binance.ws.reconnecting_websocket import ReconnectingWebsocket
from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import UserDataStreamEventsResponse
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import (
    user_data_stream_events_response as user_events,
)

from foreign_ccxt import pointed
from foreign_neutral import Neutral, neutral, unknown_fields
from foreign_sdk import doubts
from patience import PATIENCE
from plimsoll_simulator.server import Simulator

_KINDS = {model: kind for kind, model in user_events.USERDATASTREAMEVENTSRESPONSE_EVENT_SCHEMA_MAP.items()}


class Heard:
    """What one client heard, in order, and a way to wait for the next."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Neutral] = asyncio.Queue()
        self.unknown: set[str] = set()
        self.kept: list[Neutral] = []
        self.plain: list[object] = []

    def hear(self, message: object) -> None:
        """Take in a message as the client hands it out."""
        self.unknown |= set(unknown_fields(message))
        self.plain.append(message)
        form = neutral(message)
        if isinstance(message, UserDataStreamEventsResponse) and isinstance(form, dict):
            # The SDK uses an event's type to choose the model and does not keep it as a field.
            form["e"] = _KINDS[type(message.actual_instance)]
        self._queue.put_nowait(form)

    async def next(self, count: int = 1) -> list[Neutral]:
        """The next messages.

        Raises:
            TimeoutError: They did not come.
        """
        async with asyncio.timeout(PATIENCE):
            return [await self._queue.get() for _ in range(count)]

    @property
    def waiting(self) -> int:
        """How many messages nobody has asked for."""
        return self._queue.qsize()


class RecordingCcxt(ccxt.pro.binanceusdm):
    """ccxt with a record of the messages that its own machinery handles, before it handles them."""

    heard: Heard
    kept: dict[str, list[Any]]

    async def keep(self, watch: Callable[[], Awaitable[Any]]) -> None:
        """Call a watching method again and again and keep what it gives, by its name."""
        while True:
            self.kept.setdefault(watch.__name__, []).append(deepcopy(await watch()))

    def handle_message(self, client: object, message: object) -> None:
        """Record, then do what ccxt does."""
        if isinstance(message, list) or (isinstance(message, dict) and "e" in message):
            self.heard.hear(message)
        super().handle_message(client, message)


def _keys(account: str) -> tuple[str, str]:
    return f"simulator-key-{account}", f"simulator-secret-{account}"


@asynccontextmanager
async def python_binance(simulator: Simulator, account: str) -> AsyncIterator[tuple[AsyncClient, BinanceSocketManager]]:
    """python-binance's client and its socket manager."""
    client: Any = AsyncClient(*_keys(account))
    client.FUTURES_URL = f"{simulator.url}/fapi"
    manager: Any = BinanceSocketManager(client)
    manager.FSTREAM_URL = f"{simulator.stream_url}/"
    try:
        yield client, manager
    finally:
        await client.close_connection()


@asynccontextmanager
async def _reading(socket: ReconnectingWebsocket, heard: Heard, *, unwrap: bool) -> AsyncIterator[None]:
    # It looks only that often, in seconds, whether it has been told to end.
    socket.TIMEOUT = 0.1

    async def read() -> None:
        while True:
            message = await socket.recv()
            heard.hear(message["data"] if unwrap else message)

    async with socket:
        task = asyncio.create_task(read())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def python_binance_user(simulator: Simulator, account: str) -> AsyncIterator[Heard]:
    """User events through ``BinanceSocketManager.futures_user_socket``."""
    heard = Heard()
    async with (
        python_binance(simulator, account) as (_, manager),
        _reading(manager.futures_user_socket(), heard, unwrap=False),
    ):
        yield heard


@asynccontextmanager
async def python_binance_market(simulator: Simulator, stream: str, category: str) -> AsyncIterator[Heard]:
    """A market stream through ``BinanceSocketManager.futures_multiplex_socket``."""
    heard = Heard()
    async with (
        python_binance(simulator, "live") as (_, manager),
        _reading(manager.futures_multiplex_socket([stream], category=category), heard, unwrap=True),
    ):
        yield heard


@asynccontextmanager
async def recording_ccxt(simulator: Simulator, account: str) -> AsyncIterator[RecordingCcxt]:
    """Ccxt with its record."""
    key, secret = _keys(account)
    client = RecordingCcxt({"apiKey": key, "secret": secret, "enableRateLimit": False})
    client.urls["api"] = pointed(client.urls["api"], simulator)
    client.heard, client.kept = Heard(), {}
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def ccxt_user(simulator: Simulator, account: str) -> AsyncIterator[RecordingCcxt]:
    """User events through ``watch_orders``, ``watch_balance``, ``watch_positions`` and ``watch_my_trades``."""
    async with recording_ccxt(simulator, account) as client:
        await client.load_markets()
        watches = (client.watch_balance, client.watch_orders, client.watch_positions, client.watch_my_trades)
        watched = [asyncio.create_task(client.keep(watch)) for watch in watches]
        try:
            await connected(simulator, 1)
            yield client
        finally:
            for task in watched:
                task.cancel()
            await asyncio.gather(*watched, return_exceptions=True)


@asynccontextmanager
async def sdk_streams(simulator: Simulator) -> AsyncIterator[Any]:
    """The official SDK's three stream connections."""
    settings = ConfigurationWebSocketStreams(stream_url=simulator.stream_url)
    streams = DerivativesTradingUsdsFutures(config_ws_streams=settings).websocket_streams
    with doubts() as lines:
        await streams.create_connection()
        try:
            yield streams
        finally:
            await streams.close_connection()
            # Its reading tasks end by themselves once their sockets are closed.
            await asyncio.sleep(0)
    assert lines == []


@asynccontextmanager
async def sdk_user(simulator: Simulator, account: str) -> AsyncIterator[Heard]:
    """User events through the SDK's listen key and ``user_data`` (form D of the private stream)."""
    heard = Heard()
    key, secret = _keys(account)
    rest = DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(api_key=key, api_secret=secret, base_path=simulator.url)
    ).rest_api
    async with sdk_streams(simulator) as streams:
        answer = await asyncio.to_thread(rest.start_user_data_stream)
        handle = await streams.user_data(answer.data().listen_key)
        handle.on("message", heard.hear)
        try:
            yield heard
        finally:
            rest._session.close()  # noqa: SLF001 - the SDK offers no way to close its pool


async def connected(simulator: Simulator, count: int) -> None:
    """Wait until the simulator has that many stream connections."""
    async with asyncio.timeout(PATIENCE):
        while simulator.exchange.hub.subscribers < count:  # noqa: ASYNC110 - the hub tells nobody of a new one
            await asyncio.sleep(0.01)


async def subscribed(simulator: Simulator, count: int) -> None:
    """Wait until the simulator's connections listen to that many market streams."""
    async with asyncio.timeout(PATIENCE):
        while simulator.exchange.hub.streams < count:  # noqa: ASYNC110 - the hub tells nobody of a new one
            await asyncio.sleep(0.01)
