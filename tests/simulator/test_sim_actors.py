"""The actors as bots: what they do when answers, streams and clocks go wrong, and how the story waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from aiohttp import ClientSession

from october_play import Play, october
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll_simulator import outside
from plimsoll_simulator.actors.desk import Desk
from plimsoll_simulator.actors.fills import executed_orders
from plimsoll_simulator.actors.refusals import RefusedOrder, Wish
from plimsoll_simulator.actors.rest import CallFailed, Rest
from plimsoll_simulator.actors.run import ACTORS
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.server import running_simulator
from plimsoll_simulator.stage import Stage
from programs import free_port

BUY = Wish(symbol="BTCUSDT", side="BUY", quantity=Decimal("0.010"), intent="open")
BUY_TOO_MUCH = Wish(symbol="BTCUSDT", side="BUY", quantity=Decimal(4), intent="open")


@asynccontextmanager
async def desk_of_eon() -> AsyncIterator[tuple[Play, Desk, list[RefusedOrder]]]:
    """A desk for eon in a story without actors, and what it tells of refusals."""
    heard: list[RefusedOrder] = []
    async with october(actors=False) as play, ClientSession() as session:
        rest = Rest(session, play.simulator.url, "eon", SystemClock())
        yield play, Desk(bot="test", account="eon", rest=rest, on_refusal=(heard.append,)), heard


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never")


async def test_a_refused_order_is_logged_kept_and_told(caplog: pytest.LogCaptureFixture):
    """Code and message are the exchange's own; the desk says that nothing was placed."""
    async with desk_of_eon() as (play, desk, heard):
        with caplog.at_level(logging.WARNING, "plimsoll.simulator.test"):
            assert await desk.send(BUY_TOO_MUCH) is False
        assert desk.refused == heard
        (order,) = heard
        assert (order.account, order.wish, order.code) == ("eon", BUY_TOO_MUCH, -2019)
        assert order.message == "Margin is insufficient."
        assert abs(order.time_ms - play.world.time_ms()) < 2_000
        assert "BUY 4 BTCUSDT (open) refused, code -2019: Margin is insufficient." in caplog.text
        assert play.world.accounts["eon"].orders == {}


@pytest.mark.parametrize(
    "fault",
    [
        RestFault(endpoint="POST /fapi/v1/order", status=503, body="Unknown error"),
        RestFault(endpoint="POST /fapi/v1/order", status=408, body='{"code":-1007,"msg":"Timeout waiting."}'),
        RestFault(endpoint="POST /fapi/v1/order", reset=True),
    ],
    ids=["503", "408", "reset"],
)
async def test_an_unknown_outcome_is_no_refusal(fault: RestFault, caplog: pytest.LogCaptureFixture):
    """An order whose answer says nothing is logged as unknown, not as refused, and not sent again."""
    async with desk_of_eon() as (play, desk, heard):
        assert await desk.send(BUY) is True
        play.simulator.exchange.rest_faults.add(fault)
        assert await desk.send(BUY) is False
        assert heard == []
        assert "outcome unknown" in caplog.text
        assert len(play.world.accounts["eon"].orders) == 1


async def test_a_drifted_clock_is_set_and_the_order_sent():
    """An order refused for its timestamp alone (-1021) is sent again at the exchange's time."""
    async with desk_of_eon() as (play, desk, heard):
        for offset in (0.0, 3_600.0, -3_600.0):
            play.world.clock_offset = offset
            assert await desk.send(BUY) is True
        assert heard == []
        assert await desk.held("BTCUSDT") == Decimal("0.030")


async def test_quantities_are_rounded_to_the_nearest_step():
    """A sum of money is the nearest quantity that the symbol's filter allows."""
    async with desk_of_eon() as (_, desk, _heard):
        found = [await desk.quantity_for(symbol, Decimal(1_000)) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")]
        assert found == [Decimal("0.012"), Decimal("0.320"), Decimal("7.35")]


async def test_a_desk_without_a_key_fails_with_the_exchanges_words():
    """What cannot be read is an error with its code."""
    async with desk_of_eon() as (play, desk, _heard):
        play.world.accounts["eon"].trade_key_revoked = True
        with pytest.raises(CallFailed, match="-2015"):
            await desk.held("BTCUSDT")


@pytest.mark.parametrize("path", ["/fapi/v1/ticker/price", "/fapi/v1/exchangeInfo"])
async def test_the_bot_does_nothing_when_it_cannot_read(path: str, caplog: pytest.LogCaptureFixture):
    """A price or filter that cannot be read is logged, the tranche left out, and the story goes on."""
    async with october() as play:
        play.simulator.exchange.rest_faults.add(RestFault(endpoint=path, status=500))
        await play.to(20)
        assert [len(play.world.accounts[name].orders) for name in ("source", "eon")] == [1, 1]
        assert "nothing done, code 0: HTTP 500" in caplog.text


async def test_the_mirror_survives_a_hedge_without_price(caplog: pytest.LogCaptureFixture):
    """A hedge whose price cannot be read is left out; the mirror goes on with the next order."""
    async with october() as play:
        await play.to(139)
        play.simulator.exchange.rest_faults.add(RestFault(endpoint="/fapi/v1/ticker/price", status=500))
        await play.to(140)
        assert [each.wish.symbol for each in play.refused[5:]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
        assert "nothing done" in caplog.text


@pytest.mark.parametrize("breaking", ["cut", "expire"])
async def test_the_mirror_opens_a_broken_stream_again(breaking: str):
    """After a cut or an expired listen key the mirror hears the source again."""
    async with october() as play:
        await play.to(10)
        exchange = play.simulator.exchange
        connections = exchange.hub.subscribers
        exchange.hub.cut("source") if breaking == "cut" else exchange.keys.expire("source")
        await until(lambda: exchange.hub.subscribers < connections)
        await until(lambda: exchange.hub.subscribers == connections)
        await play.to(20)
        assert len(play.world.accounts["eon"].orders) == 2


async def test_a_listen_key_is_kept_alive_and_replaced_where_that_fails():
    """The key is extended in time; when the exchange does not know it any more the stream is opened with a new one."""
    async with october(actors=False) as play, ClientSession() as session:
        exchange, opened = play.simulator.exchange, asyncio.Event()
        rest = Rest(session, play.simulator.url, "source", SystemClock())
        orders = executed_orders(session, play.simulator.url, rest, when_open=opened.set, keep_alive=0.02)
        heard = asyncio.create_task(anext(orders))
        await asyncio.wait_for(opened.wait(), PATIENCE)
        await until(lambda: exchange.requests.calls["PUT /fapi/v1/listenKey"] > 2)
        opened.clear()
        exchange.keys.close("source", trading=True)
        await asyncio.wait_for(opened.wait(), PATIENCE)
        outside.trade(play.world, play.world.accounts["source"], "BNBUSDT", "BUY", Decimal("0.05"))
        assert (await asyncio.wait_for(heard, PATIENCE)).quantity == Decimal("0.05")
        await orders.aclose()


@pytest.mark.parametrize("actor", ACTORS)
async def test_an_actor_without_a_simulator_ends(actor: str):
    """A simulator that is gone before its actors have come does not leave them waiting."""
    await asyncio.wait_for(ACTORS[actor](f"http://127.0.0.1:{free_port()}", ()), PATIENCE)


async def test_the_mirror_copies_whatever_the_source_does():
    """Fills that no bot ordered, too, the whole quantity of an order at once."""
    async with october() as play:
        await play.to(10)
        source = play.world.accounts["source"]
        trade = outside.trade(play.world, source, "BNBUSDT", "SELL", Decimal("1.50"))
        await play.simulator.exchange.stage.dealt_with("mirror", [trade.order_id])
        assert play.world.accounts["eon"].position("BNBUSDT").amount == Decimal("-1.50")


async def test_a_story_does_not_wait_for_those_who_do_not_come(caplog: pytest.LogCaptureFixture):
    """An actor that stays away is left behind with a warning, once."""
    stage = Stage(patience=0.05)
    stage.expect(["bot", "mirror"])
    await stage.cue("bot", {"action": "buy"})
    await stage.cue("bot", {"action": "buy"})
    await stage.dealt_with("mirror", [1])
    late = [record.getMessage() for record in caplog.records]
    assert [text.split(" has ")[0] for text in late] == ["the actor bot", "the actor mirror"]


async def test_a_story_goes_on_without_an_actor_that_ended():
    """A dismissed actor is waited for no longer, in the middle of a cue or before it."""
    stage = Stage()
    stage.expect(["bot"])
    waiting = asyncio.create_task(stage.cue("bot", {"action": "buy"}))
    assert await stage.next_cue("bot") == {"action": "buy"}
    stage.dismiss("bot")
    await asyncio.wait_for(waiting, PATIENCE)
    await asyncio.wait_for(stage.cue("bot", {"action": "close"}), PATIENCE)


async def test_a_play_that_is_over_lets_everybody_go():
    """Whoever waits for a cue, or for an actor, is released at the end."""
    stage = Stage()
    stage.expect(["bot", "mirror"])
    waiting = [
        asyncio.create_task(stage.next_cue("mirror")),
        asyncio.create_task(stage.cue("bot", {"action": "buy"})),
        asyncio.create_task(stage.dealt_with("mirror", [1])),
    ]
    await asyncio.sleep(0)
    stage.close()
    assert await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE) == [None, None, None]


async def test_a_story_can_be_halted_and_goes_on():
    """``POST /sim/story`` halts after a second; without one the story goes on where it stood."""
    async with (
        running_simulator(scenario="calm", interval=0.01, speed=500) as simulator,
        ClientSession() as session,
    ):
        stage, path = simulator.exchange.stage, f"{simulator.url}/sim/story"
        async with session.post(path, json={"until": 3000}) as answer:
            assert (await answer.json())["until"] == 3000
        stage.until = stage.second + 50
        await until(lambda: stage.halted)
        halt = stage.until
        await asyncio.sleep(0.1)
        async with session.get(path) as answer:
            assert await answer.json() == {"second": halt, "until": halt}
        async with session.post(path, json={}) as answer:
            assert await answer.json() == {"second": halt, "until": None}
        await until(lambda: stage.second > halt)
        assert stage.second < halt + 50


async def test_a_play_can_be_given_again():
    """A new cast after the end is waited for, and is given cues."""
    stage = Stage()
    stage.expect(["bot"])
    stage.close()
    stage.expect(["bot"])
    told = asyncio.create_task(stage.cue("bot", {"action": "buy"}))
    assert await asyncio.wait_for(stage.next_cue("bot"), PATIENCE) == {"action": "buy"}
    assert not told.done()
    stage.close()
    await asyncio.wait_for(told, PATIENCE)


async def test_an_actor_that_fails_is_logged_and_left_behind(caplog: pytest.LogCaptureFixture):
    """When an actor fails the log says so, and the story goes on without it."""
    async with october() as play:
        play.simulator.exchange.rest_faults.add(
            RestFault(endpoint="/fapi/v1/ticker/price", status=200, body="{}", times=1)
        )
        await play.to(30)
        assert play.world.accounts["source"].orders == {}
        assert "the actor bot failed" in caplog.text
