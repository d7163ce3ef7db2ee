"""False kills, tried on the whole chain with real programs and an account that is armed: none closes anything."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from alerting_files import PASSWORD, USER
from chain_files import untrue_breach
from chain_stage import FATAL, WEBHOOK, ChainStage, chain_stage
from plimsoll_simulator.digits import exact
from programs import Running
from real_alertmanager import Alertmanager, an_alert
from stack_faults import ALWAYS, answer_of

MARKS = "GET /fapi/v1/premiumIndex"
DRAWDOWN = ("binance_account_drawdown_ratio", frozenset({"account": "eon", "rule": "tmad"}.items()))
FLOW_OUT = ("binance_account_external_flow_usd_total", frozenset({"account": "eon", "direction": "out"}.items()))
TRUSTED = ("binance_account_trusted_timestamp_seconds", frozenset({"account": "eon"}.items()))


@dataclass(frozen=True, kw_only=True)
class Armed:
    """The chain with ``eon`` armed, well above its floor.

    Attributes:
        pager: Alertmanager.
        exporter: The exporter's process.
        before: What eon held and which orders it had.
    """

    stage: ChainStage
    pager: Alertmanager
    exporter: Running
    before: object

    async def until_sampled(self, count: int = 4) -> None:
        """Wait until the exporter has judged the account so often again, live and trusted."""
        for _ in range(count):
            last = (await self.stage.watched.metrics()).get(TRUSTED, 0)
            await self.stage.until_shown(self.stage.watched, TRUSTED, last + 0.001)

    async def assert_untouched(self) -> None:
        """Nothing was closed, cancelled, sent or set, no run began, and the account may trade."""
        assert state(self.stage) == self.before
        assert await self.stage.runs() == []
        assert (await self.stage.ask("/api/v1/gate/eon"))[0] == 200


def state(stage: ChainStage) -> object:
    """All of eon that an enforcer could change."""
    eon = stage.eon
    settings = {symbol: eon.setting(symbol).leverage for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")}
    resting = [one.algo_id for one in eon.open_algo_orders()]
    return dict(stage.held), [one.order_id for one in eon.open_orders()], resting, len(eon.orders), settings


def with_figures(**figures: str) -> dict[str, object]:
    """An untrue breach with some figures of its own."""
    alert = untrue_breach()
    annotations: Any = alert["annotations"]
    return {**alert, "annotations": {**annotations, **figures}}


def one_bad_tick(stage: ChainStage) -> None:
    """A wild mark price is pushed once; a second later the right one comes."""
    exchange = stage.simulator.exchange
    right = exchange.world.market.quotes["BTCUSDT"].mark
    with exact():
        exchange.world.market.set_price("BTCUSDT", Decimal(FATAL))
        exchange.hub.publish_market(0)
        exchange.world.market.set_price("BTCUSDT", right)


@pytest.fixture
async def armed(alertmanager: Path, prometheus: Path, tmp_path: Path) -> AsyncIterator[Armed]:
    """Alertmanager, exporter with its fast lane, enforcer: eon holds two positions with stops and has lost nothing."""
    async with chain_stage(tmp_path, (alertmanager, prometheus), interval=1.0) as stage:
        pager, exporter = await stage.alertmanager(), await stage.exporter()
        await stage.enforcer()
        await stage.until_live()
        await stage.calm()
        yield Armed(stage=stage, pager=pager, exporter=exporter, before=state(stage))


async def test_forged_alerts(armed: Armed):
    """Untrue alerts with the right token or password are read against the exchange; without, they go nowhere."""
    stage = armed.stage
    assert await stage.post(None, untrue_breach()) == 401
    assert await stage.post("made-up-webhook-toke", untrue_breach()) == 401
    forged = an_alert(untrue_breach()["labels"], untrue_breach()["annotations"])  # type: ignore[arg-type]
    for auth in (None, (USER, "wrong"), ("admin", PASSWORD), (USER, "")):
        url = f"{armed.pager.url}/api/v2/alerts"
        answer = await asyncio.to_thread(requests.post, url, json=[forged], auth=auth, timeout=5)
        assert answer.status_code == 401
    assert armed.pager.alerts() == []
    assert await stage.requests() == {}
    for account, rule in (("eon", "made-up"), ("live", "tmad"), ("nobody", "tmad")):
        assert await stage.post(WEBHOOK, untrue_breach(account=account, rule=rule)) == 202
    assert await stage.post(WEBHOOK, untrue_breach(enforce="FLATTEN")) == 202
    await stage.until_requests("refused")
    assert await stage.post(WEBHOOK, untrue_breach()) == 202
    await stage.until_requests("contradicted")
    armed.pager.post(forged)
    await stage.until_requests("duplicate")
    assert await stage.post(WEBHOOK, with_figures(reference_usd="1000000.000000", floor_usd="900000.000000")) == 202
    await stage.until_requests("held")
    await armed.until_sampled()
    await armed.assert_untouched()


async def test_one_bad_tick_and_a_restart_of_the_exporter(armed: Armed):
    """A wild mark price of one second is no breach, nor is it one for an exporter that starts just then."""
    stage = armed.stage
    await armed.until_sampled()
    one_bad_tick(stage)
    await armed.until_sampled()
    one_bad_tick(stage)
    armed.exporter.process.kill()
    await asyncio.to_thread(armed.exporter.process.wait)
    await stage.exporter()
    await stage.until_live()
    await armed.until_sampled()
    assert (await stage.watched.metrics())[DRAWDOWN] < 0.01
    assert await stage.requests() == {}
    await armed.assert_untouched()


async def test_money_that_leaves(armed: Armed):
    """Half the equity is withdrawn and told, half of the rest without a word: neither is a loss, whoever says so."""
    stage = armed.stage
    await stage.sim("transfer", account="eon", amount="-25000")
    await stage.until_shown(stage.watched, FLOW_OUT, 25_000)
    await armed.until_sampled()
    assert (await stage.watched.metrics())[DRAWDOWN] < 0.01
    assert await stage.requests() == {}
    await stage.sim("transfer", account="eon", amount="-12000", event=False)
    assert await stage.post(WEBHOOK, untrue_breach()) == 202
    await stage.until_requests("contradicted")
    # The next event shows the wallet of after the withdrawal that nobody told, and sends the exporter to look.
    await stage.sim("trade", account="eon", symbol="SOLUSDT", side="BUY", quantity="1")
    before = state(stage)
    await stage.until_shown(stage.watched, FLOW_OUT, 37_000)
    await armed.until_sampled()
    assert (await stage.watched.metrics())[DRAWDOWN] < 0.01
    assert set(await stage.requests()) == {"accepted", "contradicted"}
    await replace(armed, before=before).assert_untouched()


async def test_stale_reads_and_clocks_that_are_off(armed: Armed):
    """Prices of an hour ago decide nothing, nor does an alert from a clock that is off, nor an exchange whose is."""
    stage = armed.stage
    old: list[dict[str, Any]] = answer_of(stage.watched, MARKS)
    for row in old:
        row.update(time=row["time"] - 3_600_000, **({"markPrice": FATAL} if row["symbol"] == "BTCUSDT" else {}))
    await stage.sim("fail", endpoint=MARKS, status=200, body=json.loads(json.dumps(old)), times=ALWAYS)
    assert await stage.post(WEBHOOK, untrue_breach()) == 202
    await stage.until_requests("held")
    await armed.assert_untouched()
    await stage.watched.sim_delete("fail")
    await stage.until_requests("contradicted")
    for offset in (120, -120):
        await stage.sim("clock", offset_seconds=offset)
        now = f"{time.time() + offset:.3f}"
        assert await stage.post(WEBHOOK, with_figures(sampled_at=now, flows_until=now)) == 202
        await asyncio.sleep(2)
    await stage.sim("clock", offset_seconds=0)
    await armed.assert_untouched()


async def test_a_limit_that_no_longer_applies(alertmanager: Path, prometheus: Path, tmp_path: Path):
    """The exporter still has 10 %, the enforcer was given 30 %: a true breach of the old limit closes nothing."""
    async with chain_stage(tmp_path, (alertmanager, prometheus)) as stage:
        pager = await stage.alertmanager()
        exporter = await stage.exporter()
        await stage.enforcer(PLIMSOLL_ACCOUNTS__EON__LIMITS__DRAWDOWN__TMAD__RATIO="0.30")
        await stage.until_live()
        await stage.calm()
        armed = Armed(stage=stage, pager=pager, exporter=exporter, before=state(stage))
        await stage.mark(FATAL)
        await stage.until_requests("contradicted")
        assert [one["labels"]["alertname"] for one in pager.alerts()] == ["DrawdownLimitBreached"]
        await armed.assert_untouched()
