"""Watching a client: refusals of real python-binance methods are seen, whatever they answer is passed on unchanged."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest
from binance import AsyncClient, Client
from binance.exceptions import BinanceAPIException

from plimsoll.reporting.refusals import Refusal
from plimsoll.reporting.watching import PLACING, watch


class Exchange(Client):
    """python-binance's client with an exchange that refuses orders of one symbol, and no network."""

    made: ClassVar[list[Exchange]] = []

    def __init__(self) -> None:
        super().__init__("key", "secret", ping=False)
        self.made.append(self)
        self.sent: list[Mapping[str, object]] = []

    def _request_futures_api(self, _method: str, path: str, *_: object, **more: object) -> object:
        data = more["data"]
        assert isinstance(data, dict)
        self.sent.append(data)
        if path == "batchOrders":
            return [{"orderId": 1}, {"code": -2019, "msg": "Margin is insufficient."}]
        if data["symbol"] == "BTCUSDT":
            raise BinanceAPIException(None, 400, '{"code":-2019,"msg":"Margin is insufficient."}')
        return {"orderId": 7}


class LaterExchange(AsyncClient):
    """The same for the asynchronous client."""

    def __init__(self) -> None:
        super().__init__("key", "secret")

    async def _request_futures_api(self, *_: object, **more: object) -> object:
        data = more["data"]
        assert isinstance(data, dict)
        if data["symbol"] == "BTCUSDT":
            raise BinanceAPIException(None, 400, '{"code":-2019,"msg":"Margin is insufficient."}')
        return {"orderId": 7}


class Nested(Exchange):
    """A bot's own client, whose one method calls another."""

    def futures_market_order(self, **params: object) -> object:
        """Send by the general method."""
        return self.futures_create_order(type="MARKET", **params)


@pytest.fixture(autouse=True)
def _loops() -> Iterator[None]:
    """Close the event loops that python-binance's synchronous client opens and forgets."""
    yield
    for client in Exchange.made:
        client.close_connection()
        client.loop.close()
    Exchange.made.clear()


Heard = list[tuple[object, Mapping[str, object]]]


def watched(client: object) -> Heard:
    """What is heard of a client from now on."""
    heard: Heard = []
    watch(client, lambda error, order: heard.append((error, order)))
    return heard


def test_every_watched_method_exists():
    """The names are those of the python-binance that is installed, synchronous and asynchronous."""
    assert [name for name in PLACING if not hasattr(Client, name) or not hasattr(AsyncClient, name)] == []


def test_every_order_placing_method_is_watched():
    """Whatever python-binance adds to place futures orders would have to be listed or left out on purpose."""
    left_out = {"futures_create_test_order"}
    named = {
        name
        for name in dir(Client)
        if "futures" in name
        and "order" in name
        and "coin" not in name
        and "margin" not in name
        and any(word in name for word in ("create", "limit_", "market_", "place_batch", "post_batch"))
        and "rate_limit" not in name
        and inspect.isfunction(getattr(Client, name))
    }
    assert named - left_out == set(PLACING)


def test_a_refused_order_is_heard_and_raised_unchanged():
    """The bot gets the very exception that its client raised; the order is told as it was sent, and by its method."""
    client = Exchange()
    heard = watched(client)
    with pytest.raises(BinanceAPIException) as raised:
        client.futures_market_sell_order(symbol="BTCUSDT", quantity="1")
    ((error, order),) = heard
    assert error is raised.value
    assert order == {"symbol": "BTCUSDT", "quantity": "1", "side": "SELL", "type": "MARKET"}


def test_an_order_that_is_taken_is_not_heard():
    """Answers pass on unchanged."""
    client = Exchange()
    heard = watched(client)
    assert client.futures_create_order(symbol="ETHUSDT", side="BUY", type="MARKET") == {"orderId": 7}
    assert heard == []


def test_the_refused_orders_of_a_batch_are_heard_one_by_one():
    """A batch answers well and refuses single orders inside."""
    client = Exchange()
    heard = watched(client)
    answer = client.futures_place_batch_order(batchOrders=[{"symbol": "ETHUSDT"}, {"symbol": "BTCUSDT"}])
    assert isinstance(answer, list)
    ((refusal, order),) = heard
    assert (refusal, order["symbol"]) == (Refusal(-2019, "Margin is insufficient."), "BTCUSDT")


def test_a_batch_refused_as_a_whole_is_heard_for_each_order():
    """Not one of its orders was placed."""
    client = Exchange()
    heard = watched(client)
    with pytest.raises(BinanceAPIException):
        client.futures_v1_post_batch_order(symbol="BTCUSDT", batchOrders=[{"symbol": "A"}, {"symbol": "B"}])
    assert [order["symbol"] for _, order in heard] == ["A", "B"]


def test_watching_twice_and_methods_that_call_others_are_heard_once():
    """One refusal is one report."""
    client = Nested()
    heard = watched(client)
    watch(client, lambda error, order: heard.append((error, order)))
    with pytest.raises(BinanceAPIException):
        client.futures_market_order(symbol="BTCUSDT", side="BUY")
    assert len(heard) == 1


async def test_the_asynchronous_client_is_watched_alike():
    """Its methods stay coroutine functions; a cancelled call is no refusal."""
    client = LaterExchange()
    heard = watched(client)
    assert inspect.iscoroutinefunction(client.futures_create_order)
    with pytest.raises(BinanceAPIException):
        await client.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET")
    assert await client.futures_create_order(symbol="ETHUSDT", side="BUY", type="MARKET") == {"orderId": 7}
    task = asyncio.create_task(client.futures_create_order(symbol="ETHUSDT", side="BUY", type="MARKET"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.close_connection()
    assert len(heard) == 1
