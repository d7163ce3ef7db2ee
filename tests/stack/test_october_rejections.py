"""October's refused orders, reported by its bots through the reporting client to a running exporter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from october_play import until_played
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.actors.telling import Target, Telling
from plimsoll_simulator.scenarios.october_mirror import STORY_ENDS, TRANCHE_EVERY
from plimsoll_simulator.server import running_simulator
from stack_harness import Labels, Stack, watching

TOKEN = "a-token-of-the-tests"
ALL_BOUGHT = 8 * TRANCHE_EVERY

Metrics = Mapping[tuple[str, Labels], float]


@asynccontextmanager
async def october(folder: Path) -> AsyncIterator[Stack]:
    """The story at its beginning, its bots reporting to the exporter that watches it; it moves only when told to."""
    token = folder / "report.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    tellers: list[Telling] = []
    async with AsyncExitStack() as stack:
        company = as_tasks(lambda order: tellers[0](order))  # noqa: PLW0108 - made when the exporter listens
        simulator = await stack.enter_async_context(
            running_simulator(scenario="october-mirror", speed=100, interval=0.1, company=company)
        )
        simulator.exchange.stage.until = 0
        environ = {"PLIMSOLL_REJECTIONS__TOKEN_FILE": str(token)}
        watched = await stack.enter_async_context(watching(simulator, environ=environ))
        tellers.append(Telling(Target(url=watched.url, token_file=token, spool=folder / "spool")))
        stack.callback(tellers[0].close)
        for account in ("source", "eon", "live"):
            await watched.until_up(account)
        yield watched


def rejections(metrics: Metrics, name: str = "binance_order_rejections_total") -> dict[tuple[str, str], float]:
    """Eon's series of a name, by reason and intent."""
    found = {}
    for (series, labels), number in metrics.items():
        told = dict(labels)
        if series == name and told.get("account") == "eon" and "symbol" not in told:
            found[(told["reason"], told["intent"])] = number
    return found


def margin(metrics: Metrics) -> dict[str, float]:
    """Eon's rejections for want of margin, by intent."""
    found = rejections(metrics)
    return {intent: number for (reason, intent), number in found.items() if reason == "insufficient_margin"}


async def test_two_closes_and_seven_entries_are_counted(tmp_path: Path):
    """All stand at 0 before; five entries after the tranches; at the end two closes and seven entries, by no guess."""
    async with october(tmp_path) as stack:
        before = await stack.metrics()
        assert set(rejections(before).values()) == {0.0}
        assert len(rejections(before)) == 24
        assert rejections(before, "binance_order_last_rejection_timestamp_seconds") == {}
        await until_played(stack.simulator, ALL_BOUGHT)
        await stack.until(lambda found: margin(found) == {"close": 0, "open": 5, "unknown": 0}, "five entries")
        await until_played(stack.simulator, STORY_ENDS)
        await stack.until(lambda found: margin(found) == {"close": 2, "open": 7, "unknown": 0}, "2 closes, 7 entries")
        after = await stack.metrics()
        assert sum(rejections(after).values()) == 9
        assert set(rejections(after, "binance_order_last_rejection_timestamp_seconds")) == {
            ("insufficient_margin", "close"),
            ("insufficient_margin", "open"),
        }
        by_source = ("binance_order_rejections_by_source_total", frozenset({("account", "eon"), ("source", "report")}))
        assert after[by_source] == 9
        check_orders((await stack.account("eon"))["ended_orders"])


def check_orders(ended: Any) -> None:  # noqa: ANN401 - the exporter's JSON
    """Executed and rejected orders of eon, told apart: three fills, nine refusals with the mirror's own ids."""
    assert [(order["symbol"], order["intent"]) for order in ended["executed"]] == [
        ("ETHUSDT", "open"),
        ("BTCUSDT", "open"),
        ("BTCUSDT", "open"),
    ]
    rejected = ended["rejected"]
    assert [order["symbol"] for order in rejected if order["intent"] == "close"] in (
        ["ETHUSDT", "BTCUSDT"],
        ["BTCUSDT", "ETHUSDT"],
    )
    assert sum(order["symbol"] == "SOLUSDT" for order in rejected) == 2
    assert {(order["code"], order["message"], order["source"]) for order in rejected} == {
        (-2019, "Margin is insufficient.", "report")
    }
    assert len({order["client_order_id"] for order in rejected}) == 9


async def test_a_flood_of_the_same_report_counts_once(tmp_path: Path):
    """Posted again and again, at once and one after the other, it is one event."""
    async with october(tmp_path) as stack:
        body = {"report_id": "once", "account": "eon", "code": -2019, "time": 1795164000.5, "intent": "close"}
        headers = {"Authorization": f"Bearer {TOKEN}"}

        async def post(session: ClientSession) -> int:
            async with session.post(f"{stack.url}/api/v1/rejections", json=body) as answer:
                return answer.status

        async with ClientSession(headers=headers) as session:
            assert await post(session) == 202
            assert set(await asyncio.gather(*(post(session) for _ in range(20)))) == {202}
        assert margin(await stack.metrics()) == {"close": 1, "open": 0, "unknown": 0}
