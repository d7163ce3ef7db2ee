"""What became of an account's orders, heard on its user stream as any bot hears it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from plimsoll_simulator.actors.rest import CallFailed, Rest

KEEP_ALIVE_SECONDS = 1500.0
_RETRY_SECONDS = 1.0
_ENDED = frozenset({"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"})
_log = logging.getLogger("plimsoll.simulator.mirror")


@dataclass(frozen=True, kw_only=True, slots=True)
class Executed:
    """An order that has ended with something filled; ``quantity`` is all of what was filled."""

    order_id: int
    symbol: str
    side: str
    quantity: Decimal


async def executed_orders(
    session: ClientSession,
    url: str,
    rest: Rest,
    *,
    when_open: Callable[[], None],
    keep_alive: float = KEEP_ALIVE_SECONDS,
) -> AsyncIterator[Executed]:
    """Every order of the account that ends with a fill, for ever; a stream that breaks is opened again.

    ``when_open`` is told each time that the stream is open. What happens while it is not is lost. The listen key is
    extended every ``keep_alive`` seconds.
    """
    while True:
        try:
            async with _stream(session, url, rest, keep_alive) as socket:
                when_open()
                async for order in _orders_of(socket):
                    yield order
        except (ClientError, CallFailed) as error:
            _log.warning("the user stream broke (%s), it is opened again", type(error).__name__)
        await asyncio.sleep(_RETRY_SECONDS)


@asynccontextmanager
async def _stream(
    session: ClientSession, url: str, rest: Rest, keep_alive: float
) -> AsyncIterator[ClientWebSocketResponse]:
    """The user stream, with its listen key kept alive."""
    key: Any = await rest.keyed("POST", "/fapi/v1/listenKey")
    base = url.replace("http", "ws", 1)
    address = f"{base}/private/ws?listenKey={key['listenKey']}&events=ORDER_TRADE_UPDATE/listenKeyExpired"
    async with session.ws_connect(address) as socket:
        keeping = asyncio.create_task(_keep_alive(rest, socket, keep_alive))
        try:
            yield socket
        finally:
            keeping.cancel()


async def _keep_alive(rest: Rest, socket: ClientWebSocketResponse, every: float) -> None:
    """Extend the listen key now and then; where that fails the stream is opened anew."""
    try:
        while True:
            await asyncio.sleep(every)
            await rest.keyed("PUT", "/fapi/v1/listenKey")
    except CallFailed:
        await socket.close()


async def _orders_of(socket: ClientWebSocketResponse) -> AsyncIterator[Executed]:
    async for frame in socket:
        event = json.loads(frame.data) if frame.type is WSMsgType.TEXT else {}
        if event.get("e") == "listenKeyExpired":
            return
        order = _executed(event) if event.get("e") == "ORDER_TRADE_UPDATE" else None
        if order is not None:
            yield order


def _executed(event: Any) -> Executed | None:  # noqa: ANN401 - JSON as it arrived
    """The order of an ``ORDER_TRADE_UPDATE``, if it has ended with something filled."""
    told = event["o"]
    if told["X"] not in _ENDED or not Decimal(told["z"]):
        return None
    return Executed(order_id=told["i"], symbol=told["s"], side=told["S"], quantity=Decimal(told["z"]))
