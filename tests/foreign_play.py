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

LIVE = {"account": "live"}
BTC = {"symbol": "BTCUSDT"}
# A sum that nothing else moves: who has heard of it has heard everything before it.
_MARK_AMOUNT = "0.12345678"
LAST = Do(path="transfer", fields={**LIVE, "amount": _MARK_AMOUNT})
_SDK_CONNECTIONS = 3

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
)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What each client heard, what ccxt's watching methods gave, and what came of the calls made meanwhile."""

    heard: Mapping[str, Sequence[Neutral]]
    unknown: Mapping[str, set[str]]
    kept: Mapping[str, list[Any]]
    outcomes: Mapping[str, Mapping[str, Outcome]]


def is_last(event: Neutral) -> bool:
    """Whether an event is the mark behind the play."""
    if not isinstance(event, dict) or event.get("e") != "ACCOUNT_UPDATE":
        return False
    body = event["a"]
    return isinstance(body, dict) and str(body["B"]).find(_MARK_AMOUNT) >= 0


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
    return Performance(heard=events, unknown=unknown, kept=client.kept, outcomes=outcomes)


def perform(happenings: Sequence[Ask | Do], account: str = "live") -> Performance:
    """Play, listen in every client, and end every listen key at last."""
    return asyncio.run(_perform(happenings, account))
