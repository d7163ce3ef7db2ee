"""The play that the foreign clients' streams listen to: every kind of user event, made in three worlds alike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from foreign_client import Ask, Do, Outcome
from foreign_listening import Heard, ccxt_user, connected, python_binance_user, sdk_user
from foreign_neutral import Neutral
from foreign_scene import Scene, scene
from foreign_writes import BTC, LIVE, PERMITTED, D, limit, market, stop, trailing

# A sum that nothing else moves: who has heard of it has heard everything before it.
MARK_AMOUNT = "0.12345678"
LAST = Do(path="transfer", fields={**LIVE, "amount": MARK_AMOUNT})
_SDK_CONNECTIONS = 3

# What no act of the simulator leads to: bots of the exchange's own, and the event from before the algo service.
_SENT_AS_THEY_ARE: tuple[dict[str, Any], ...] = (
    {
        "e": "STRATEGY_UPDATE",
        "T": 1795164020000,
        "E": 1795164020001,
        "su": {"si": 176054594, "st": "GRID", "ss": "EXPIRED", "s": "BTCUSDT", "ut": 1795164020000, "c": 8008},
    },
    {
        "e": "GRID_UPDATE",
        "T": 1795164021000,
        "E": 1795164021002,
        "gu": {
            "si": 176057039,
            "st": "GRID",
            "ss": "WORKING",
            "s": "BTCUSDT",
            "r": "-0.00300716",
            "up": "91720",
            "uq": "-0.001",
            "uf": "-0.00300716",
            "mp": "0.0",
            "ut": 1795164020990,
        },
    },
    {
        "e": "CONDITIONAL_ORDER_TRIGGER_REJECT",
        "E": 1795164022945,
        "T": 1795164022955,
        "or": {"s": "ETHUSDT", "i": 155618472834, "r": "The FOK order has been rejected."},
    },
)

HAPPENINGS: tuple[Ask | Do, ...] = (
    Do(path="transfer", fields={**LIVE, "amount": "1000"}),
    Do(path="transfer", fields={**LIVE, "amount": "-250.5"}),
    Do(path="trade", fields={**LIVE, **BTC, "side": "BUY", "quantity": "0.050"}),
    Do(path="trade", fields={**LIVE, **BTC, "side": "SELL", "quantity": "0.020", "fee_asset": "BNB"}),
    Do(path="trade", fields={**LIVE, **BTC, "side": "SELL", "quantity": "0.030"}),
    Do(path="order", fields={**LIVE, **BTC, "side": "BUY", "quantity": "0.010", "price": "80000"}),
    Do(path="funding", fields={"symbol": "BNBUSDT", "rate": "0.0001"}),
    Do(path="config", fields={**LIVE, **BTC, "leverage": 7}),
    Do(path="config", fields={**LIVE, "multi_assets": True}),
    Do(path="config", fields={**LIVE, "multi_assets": False}),
    Do(path="event", fields={**LIVE, "margin_call": True}),
    *(Do(path="event", fields={**LIVE, "raw": event}) for event in _SENT_AS_THEY_ARE),
    *PERMITTED,
    Ask(word="place", label="to be changed", args=limit("fe-1", "0.010", "90000")),
    Ask(
        word="modify",
        args={**BTC, "orig_client_order_id": "fe-1", "side": "BUY", "quantity": D("0.020"), "price": D(89000)},
    ),
    Ask(word="cancel", args={**BTC, "orig_client_order_id": "fe-1"}),
    Ask(word="place", label="that expires", args=limit("fe-2", "0.010", "90000", time_in_force="IOC")),
    Ask(word="place", label="to be met", args=limit("fe-3", "0.030", "91900")),
    Do(path="price", fields={**BTC, "mark": "91800"}),
    Ask(word="place algo", label="that triggers", args=stop("fb-1", "90000", quantity=D("0.010"), reduce_only="true")),
    Ask(word="place algo", label="to be cancelled", args=stop("fb-2", "85000", quantity=D("0.010"))),
    Ask(word="place algo", label="that closes all", args=stop("fb-3", "80000", close_position="true")),
    Ask(word="place algo", label="that trails", args=trailing("fb-4")),
    Ask(word="place algo", label="too large at its trigger", args=stop("fb-5", "90000", quantity=D(40))),
    Ask(word="cancel algo", args={"client_algo_id": "fb-2"}),
    Do(path="price", fields={**BTC, "mark": "95100"}),
    Do(path="price", fields={**BTC, "mark": "89900"}),
    Ask(word="place", label="the end", args=market("fe-4", "BTCUSDT", "SELL", "1", reduce_only="true")),
    Ask(word="set leverage", args={**BTC, "leverage": 9}),
    Ask(word="set margin type", args={"symbol": "SOLUSDT", "margin_type": "ISOLATED"}),
    Ask(word="place", label="isolated", args=market("fe-5", "SOLUSDT", "BUY", "10")),
    Ask(word="move margin", args={"symbol": "SOLUSDT", "amount": D(25), "type": 1}),
    Do(path="funding", fields={"symbol": "SOLUSDT", "rate": "0.0001"}),
)

DISASTER: tuple[Ask | Do, ...] = (
    *PERMITTED,
    Do(path="config", fields={**LIVE, **BTC, "leverage": 50}),
    Do(path="adl", fields={**LIVE, "symbol": "DOTUSDT", "quantity": "100"}),
    Do(path="book", fields={"symbol": "ADAUSDT", "depth_usd": "10"}),
    Ask(word="place", label="more than the book holds", args=market("fl-1", "ADAUSDT", "BUY", "20000")),
    Ask(word="place", label="a position", args=market("fl-2", "BTCUSDT", "BUY", "1.2")),
    Ask(word="place", label="resting", args=limit("fl-3", "0.010", "80000")),
    Ask(word="place algo", label="that protects", args=stop("fl-4", "60000", close_position="true")),
    Do(path="price", fields={**BTC, "mark": "90000"}),
    Do(path="price", fields={**BTC, "mark": "89000"}),
    Do(path="price", fields={**BTC, "mark": "86000"}),
    Do(path="price", fields={**BTC, "mark": "85900"}),
    Ask(word="liquidations", label="after the disaster"),
)
"""Deleveraging, an order cut off for want of a book, a margin call and a liquidation."""


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What each client heard, what ccxt's watching methods gave, and what came of the calls made meanwhile.

    ``plain`` holds the events as parsed JSON, from a client that leaves JSON as it is.
    """

    heard: Mapping[str, Sequence[Neutral]]
    unknown: Mapping[str, set[str]]
    kept: Mapping[str, list[Any]]
    plain: Sequence[Any]
    outcomes: Mapping[str, Mapping[str, Outcome]]


def is_last(event: Neutral) -> bool:
    """Whether an event is the mark behind the play."""
    if not isinstance(event, dict) or event.get("e") != "ACCOUNT_UPDATE":
        return False
    body = event["a"]
    return isinstance(body, dict) and str(body["B"]).find(MARK_AMOUNT) >= 0


async def _until_last(heard: Heard) -> list[Neutral]:
    events: list[Neutral] = []
    while not events or not is_last(events[-1]):
        events += await heard.next()
    return events[:-1]


@asynccontextmanager
async def _listening(stage: Scene, account: str):  # noqa: ANN202 - a generator of a plain dict
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        simulators = {each.adapter.name: each.simulator for each in stage.stages}
        client = await enter(ccxt_user(simulators["ccxt"], account))
        heard = {
            "python-binance": await enter(python_binance_user(simulators["python-binance"], account)),
            "ccxt": client.heard,
            "sdk": await enter(sdk_user(simulators["sdk"], account)),
        }
        await connected(simulators["python-binance"], 1)
        await connected(simulators["sdk"], _SDK_CONNECTIONS)
        yield client, heard


async def _perform(happenings: Sequence[Ask | Do], account: str) -> Performance:
    outcomes: dict[str, Mapping[str, Outcome]] = {}
    async with scene(account) as stage, _listening(stage, account) as (client, heard):
        for each in happenings:
            if isinstance(each, Ask):
                outcomes[each.name] = await stage.ask(each)
            else:
                await stage.do(each)
        await stage.do(LAST)
        events = {name: await _until_last(each) for name, each in heard.items()}
        await stage.do(Do(path="stream", fields={"target": account, "action": "expire-key"}))
        for name, each in heard.items():
            events[name] += await each.next()
    unknown = {name: each.unknown for name, each in heard.items()}
    plain = heard["python-binance"].plain
    return Performance(heard=events, unknown=unknown, kept=client.kept, plain=plain, outcomes=outcomes)


def perform(happenings: Sequence[Ask | Do], account: str = "live") -> Performance:
    """Play, listen in every client, and end every listen key at last."""
    return asyncio.run(_perform(happenings, account))
