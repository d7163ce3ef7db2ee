"""Stream paths and forms: which deliver, how messages are wrapped, what is silent."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import WSMsgType

from patience import PATIENCE
from plimsoll_simulator.streams.connection import ConnectionRules
from simulator_client import SimulatorClient, is_silent, next_event, next_message, simulator_client

MARKS = "btcusdt@markPrice@1s"


async def announce(client: SimulatorClient) -> None:
    """Let something happen to the account."""
    await client.control("transfer", account="live", amount="1")


@pytest.mark.parametrize(
    ("path", "wrapped"),
    [
        ("/private/ws/{key}", False),
        ("/private/ws?listenKey={key}", False),
        ("/private/ws?listenKey={key}&events=ACCOUNT_UPDATE/ALGO_UPDATE", False),
        ("/private/stream?listenKey={key}", True),
    ],
)
async def test_every_private_form_delivers(path: str, wrapped: bool):  # noqa: FBT001 - a parameter of the test
    """Path, query and query with events deliver; on /stream messages name their listen key."""
    async with simulator_client() as client:
        key = await client.open_key()
        async with client.stream(path.format(key=key)) as socket:
            await announce(client)
            message = await next_message(socket)
            assert (message.get("stream") == key) is wrapped
            assert message.get("data", message)["e"] == "ACCOUNT_UPDATE"


async def test_a_listen_key_may_be_subscribed_to():
    """On /private/stream a key is subscribed to by a message, and the answer comes first."""
    async with simulator_client() as client:
        key = await client.open_key()
        async with client.stream("/private/stream") as socket:
            await socket.send_json({"method": "SUBSCRIBE", "params": [key], "id": 1})
            assert await next_message(socket) == {"result": None, "id": 1}
            await announce(client)
            assert (await next_message(socket))["stream"] == key
            await socket.send_json({"method": "UNSUBSCRIBE", "params": [key], "id": 2})
            assert await next_message(socket) == {"result": None, "id": 2}
            await announce(client)
            assert await is_silent(socket)


async def test_several_keys_on_one_connection_each_with_its_events():
    """Each key has the events that follow it in the query."""
    async with simulator_client() as client:
        live = await client.open_key()
        client.account = "eon"
        eon = await client.open_key()
        query = f"listenKey={live}&events=ORDER_TRADE_UPDATE&listenKey={eon}&events=ACCOUNT_UPDATE"
        async with client.stream(f"/private/stream?{query}") as socket:
            await client.control("transfer", account="live", amount=1)
            await client.control("transfer", account="eon", amount=1)
            assert (await next_message(socket))["stream"] == eon


@pytest.mark.parametrize(
    "path",
    [
        "/private/ws/nosuchkey",
        "/private/ws?listenKey=nosuchkey",
        "/private/ws",
        "/ws/{key}",
        "/stream?streams={key}",
        "/market/ws/{key}",
        f"/ws/{MARKS}",
        f"/stream?streams={MARKS}",
        f"/public/ws/{MARKS}",
        f"/private/ws/{MARKS}",
        "/market/ws/btcusdt@bookTicker",
        "/market/ws/nosuch@markPrice@1s",
        "/market/ws/BTCUSDT@markPrice@1s",
    ],
)
async def test_a_wrong_path_or_key_opens_and_is_silent(path: str):
    """The handshake succeeds and nothing ever comes: legacy paths, wrong groups, bogus keys, capitals."""
    async with simulator_client() as client, client.stream(path.format(key=await client.open_key())) as socket:
        await announce(client)
        assert await is_silent(socket)
        assert not socket.closed


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (MARKS, "markPriceUpdate"),
        ("btcusdt@markPrice", "markPriceUpdate"),
        ("btcusdt@ticker", "24hrTicker"),
        ("btcusdt@aggTrade", "aggTrade"),
        ("usdtusd@assetIndex", "assetIndexUpdate"),
        ("!markPrice@arr@1s", "markPriceUpdate"),
        ("!markPrice@arr", "markPriceUpdate"),
        ("!assetIndex@arr", "assetIndexUpdate"),
        ("!ticker@arr", "24hrTicker"),
    ],
)
async def test_market_streams_speak_raw_and_wrapped(stream: str, kind: str):
    """On /ws a message is raw, on /stream it names its stream; array streams are lists."""
    async with simulator_client() as client:
        async with client.stream(f"/market/ws/{stream}") as socket:
            message = await next_message(socket)
            assert (message[0] if isinstance(message, list) else message)["e"] == kind
        async with client.stream(f"/market/stream?streams={stream}") as socket:
            message = await next_message(socket)
            assert message["stream"] == stream
            content = message["data"]
            assert isinstance(content, list) == stream.startswith("!")


@pytest.mark.parametrize("path", ["/public/ws/btcusdt@bookTicker", "/ws/btcusdt@bookTicker"])
async def test_public_streams_are_on_public_and_still_on_the_old_path(path: str):
    """Only the public group is left on the unrouted path."""
    async with simulator_client() as client, client.stream(path) as socket:
        assert (await next_message(socket))["e"] == "bookTicker"


async def test_market_streams_are_subscribed_to_listed_and_left_by_messages():
    """SUBSCRIBE, LIST_SUBSCRIPTIONS, UNSUBSCRIBE and the property combined work on an open connection."""
    async with simulator_client(interval=60) as client, client.stream("/market/ws") as socket:

        async def ask(method: str, number: int, params: list[object]) -> object:
            await socket.send_json({"method": method, "params": params, "id": number})
            return (await next_message(socket))["result"]

        assert await ask("SUBSCRIBE", 1, [MARKS, "!markPrice@arr"]) is None
        assert await ask("LIST_SUBSCRIPTIONS", 2, []) == [MARKS, "!markPrice@arr"]
        assert await ask("UNSUBSCRIBE", 3, ["!markPrice@arr"]) is None
        assert await ask("LIST_SUBSCRIPTIONS", 4, []) == [MARKS]
        assert await ask("SET_PROPERTY", 5, ["combined", True]) is None
        assert await ask("GET_PROPERTY", 6, []) is True
        client.simulator.exchange.hub.publish_market(1)
        assert (await next_message(socket))["stream"] == MARKS


@pytest.mark.parametrize(
    "frame",
    [
        '{"method":"LIST_SUBSCRIPTIONS","id":"one of these"}',
        '{"method":"LIST_SUBSCRIPTIONS","id":null}',
        '{"method":"LIST_SUBSCRIPTIONS","id":-1}',
        '{"method":"LIST_SUBSCRIPTIONS"}',
        '{"method":"DANCE","id":1}',
        '{"method":"SUBSCRIBE","params":"btcusdt@markPrice","id":1}',
        "[]",
        "hello",
    ],
)
async def test_a_wrong_frame_is_answered_with_an_error(frame: str):
    """A bad id, an unknown method, bad JSON: an error comes back, the stream stays open."""
    async with simulator_client(interval=60) as client, client.stream("/market/ws") as socket:
        await socket.send_str(frame)
        assert (await next_message(socket))["error"]["code"] in {2, 3}
        assert not socket.closed


async def test_a_word_does_for_an_id():
    """The official SDK numbers its frames with UUIDs; the answer bears the same one."""
    frame = {"method": "LIST_SUBSCRIPTIONS", "id": "2b1e7a54-4f0e-4c1c-9a53-6a4c3f0b8d11"}
    async with simulator_client(interval=60) as client, client.stream("/market/ws") as socket:
        await socket.send_json(frame)
        assert await next_message(socket) == {"result": [], "id": frame["id"]}


async def test_more_than_ten_frames_in_a_second_end_the_connection():
    """The eleventh frame within a second is one too many."""
    async with simulator_client(interval=60) as client, client.stream("/market/ws") as socket:
        for number in range(11):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
        kinds = {(await socket.receive(timeout=PATIENCE)).type for _ in range(11)}
        assert WSMsgType.CLOSE in kinds


async def test_pings_are_answered_and_sent():
    """The server answers a ping with its payload and pings by itself."""
    rules = ConnectionRules(ping_every=0.05)
    async with simulator_client(interval=60, rules=rules) as client, client.stream("/market/ws") as socket:
        await socket.ping(b"are you there")
        frames = [await socket.receive(timeout=PATIENCE) for _ in range(2)]
        answers = {frame.type: frame.data for frame in frames}
        assert answers[WSMsgType.PONG] == b"are you there"
        assert answers[WSMsgType.PING]


async def test_a_client_that_never_answers_pings_is_left():
    """Without a pong to its payload the server gives the connection up; empty pongs do not count."""
    rules = ConnectionRules(ping_every=0.05, pong_within=0.1)
    async with simulator_client(interval=60, rules=rules) as client, client.stream("/market/ws") as socket:
        await socket.pong()
        kinds = []
        while WSMsgType.CLOSE not in kinds:
            kinds.append((await socket.receive(timeout=PATIENCE)).type)


async def test_a_connection_ends_after_its_day():
    """The server closes a connection when its life is over."""
    rules = ConnectionRules(life=0.05)
    async with simulator_client(interval=60, rules=rules) as client, client.stream("/market/ws") as socket:
        assert (await socket.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE


async def test_a_reader_that_stalls_does_not_hold_up_others():
    """A client that does not read its array stream leaves the one beside it on time."""
    async with (
        simulator_client(interval=0.001) as client,
        client.stream("/market/ws/!markPrice@arr@1s"),
        client.stream(f"/market/ws/{MARKS}") as reader,
    ):
        for _ in range(200):
            assert (await asyncio.wait_for(next_message(reader), timeout=PATIENCE))["e"] == "markPriceUpdate"


async def test_a_fill_is_told_in_the_exchange_s_order():
    """NEW, then the short word of the fill, the account, and the fill; every event carries its times."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        await client.control("trade", account="live", symbol="BTCUSDT", side="BUY", quantity="0.013")
        events = [await next_message(socket) for _ in range(4)]
        kinds = ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
        assert [event["e"] for event in events] == kinds
        assert [events[0]["o"]["x"], events[3]["o"]["x"]] == ["NEW", "TRADE"]
        assert all(event["E"] >= event["T"] > 0 for event in events)
        assert events[2]["a"]["P"][0]["pa"] == "0"
        wallet = client.simulator.world.accounts["live"].wallets["USDT"]
        assert events[2]["a"]["B"][0]["wb"] == f"{wallet:.8f}"


async def test_an_order_is_told_when_it_is_placed_and_cancelled():
    """Plain orders by ORDER_TRADE_UPDATE, conditional ones by ALGO_UPDATE."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
        placed = (await client.control("order", **order, price=90000)).body
        assert (await next_event(socket, "ORDER_TRADE_UPDATE"))["o"]["x"] == "NEW"
        await client.control("cancel", account="live", order_id=placed["orderId"])
        assert (await next_event(socket, "ORDER_TRADE_UPDATE"))["o"]["X"] == "CANCELED"
        placed = (await client.control("order", **order, type="STOP_MARKET", trigger_price=99000)).body
        assert (await next_event(socket, "ALGO_UPDATE"))["o"]["X"] == "NEW"
        await client.control("cancel", account="live", algo_id=placed["algoId"])
        assert (await next_event(socket, "ALGO_UPDATE"))["o"]["X"] == "CANCELED"
