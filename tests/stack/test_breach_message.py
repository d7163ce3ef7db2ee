"""From a series to a phone: the real Prometheus, with the shipped rules, and the real Alertmanager page a breach.

The exporter is a page of series here; that it makes these series is tested elsewhere.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from alerting_files import alerting_config
from page_receivers import Call, page_receivers
from plimsoll.render.command import render
from programs import free_port
from real_alertmanager import an_alert, real_alertmanager
from real_prometheus import real_prometheus

LABELS = {
    "alertname": "DrawdownLimitBreached",
    "account": "eon",
    "rule": "tmad",
    "severity": "critical",
    "lane": "money",
    "enforce": "flatten",
}
REPLICA = {"PLIMSOLL_SITE": "home", "PLIMSOLL_REPLICA": "a", "PLIMSOLL_GRAFANA_URL": "http://grafana.example.org"}


def series() -> str:
    """What the exporter shows of an account that has reached its limit."""
    of_rule = {
        'drawdown_breached{account="eon",rule="tmad",on_breach="flatten"}': 1,
        'drawdown_usd{account="eon",rule="tmad"}': 5012.4,
        'drawdown_ratio{account="eon",rule="tmad"}': 0.100248,
        'drawdown_limit_ratio{account="eon",rule="tmad"}': 0.1,
        'drawdown_reference_usd{account="eon",rule="tmad"}': 50000,
        'drawdown_floor_usd{account="eon",rule="tmad"}': 45000,
        'breach_samples{account="eon",rule="tmad"}': 2,
        'equity_usd{account="eon"}': 44987.6,
        'up{account="eon"}': 1,
        'trusted_timestamp_seconds{account="eon"}': time.time(),
        'allowed_age_seconds{account="eon"}': 60,
    }
    lines = [f"binance_account_{name} {value}" for name, value in of_rule.items()]
    lines.append('plimsoll_account_configured{account="eon",mode="dry-run"} 1')
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def exporter_page() -> AsyncIterator[int]:
    """Something that answers as the exporter does; gives its port."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=series(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application()
    app.add_routes([web.get("/metrics", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_the_message_of_a_breach_answers_what_matters(prometheus: Path, alertmanager: Path, tmp_path: Path):
    """Both lanes make one page, external labels set; it tells account, loss, limit, what is closed, what to do."""
    base = free_port(0, 1)
    ports = base, base + 1
    async with page_receivers() as services, exporter_page() as page:
        url = f"http://127.0.0.1:{ports[0]}"
        config = alerting_config(tmp_path, alertmanager=url, services=services.url, exporter=f"127.0.0.1:{page}")
        render(config, tmp_path, prometheus=f"127.0.0.1:{ports[1]}")
        with (
            real_alertmanager(alertmanager, tmp_path / "alertmanager" / "rendered", tmp_path, ports[0]) as pager,
            real_prometheus(prometheus, tmp_path, ports[1], **REPLICA),
        ):
            (told,) = await services.until("telegram", 1, _is_breach)
            pager.post(an_alert(LABELS, {"description": "from the exporter itself"}))
            await asyncio.sleep(2)
            held = [one for one in pager.alerts() if one["labels"]["alertname"] == "DrawdownLimitBreached"]
            texts = [text for text in services.texts() if "DrawdownLimitBreached" in text]
            (order, *_) = [call for call in services.accepted("enforcer") if not _is_probe(call)]
    assert [one["labels"] for one in held] == [LABELS]
    assert texts == [told.body["text"]]
    text = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", texts[0]))
    for answer in (
        "Account eon",
        "rule tmad",
        "lost 5012.40 USD",
        "10.02%",
        "allows 10%",
        "DRY RUN: nothing will be closed",
        "press the red button",
    ):
        assert answer in text, (answer, text)
    annotations = order.body["alerts"][0]["annotations"]
    assert float(annotations["floor_usd"]) == 45000
    assert "" not in [
        annotations[name] for name in ("reference_usd", "equity_usd", "limit_ratio", "sampled_at", "samples")
    ]


async def test_a_killed_alertmanager_pages_again_when_it_is_back(prometheus: Path, alertmanager: Path, tmp_path: Path):
    """Alertmanager killed in a breach tells it again within 20 s of its return: nothing is forgotten with it."""
    base = free_port(0, 1)
    rendered = tmp_path / "alertmanager" / "rendered"
    async with page_receivers() as services, exporter_page() as page:
        url = f"http://127.0.0.1:{base}"
        config = alerting_config(tmp_path, alertmanager=url, services=services.url, exporter=f"127.0.0.1:{page}")
        render(config, tmp_path, prometheus=f"127.0.0.1:{base + 1}")
        with real_prometheus(prometheus, tmp_path, base + 1):
            with real_alertmanager(alertmanager, rendered, tmp_path, base) as pager:
                await services.until("telegram", 1, _is_breach)
                pager.running.process.kill()
            with real_alertmanager(alertmanager, rendered, tmp_path, base):
                back = time.time()
                again = (await services.until("telegram", 2, _is_breach))[1]
    assert again.at - back <= 20
    assert "<b>CRITICAL</b>" in again.body["text"]


def _is_probe(call: Call) -> bool:
    """Whether a message to the enforcer is the probe of the chain, which comes every minute."""
    return bool(call.body["commonLabels"].get("enforce") == "probe")


def _is_breach(call: Call) -> bool:
    """Whether a message is about the breach."""
    return "DrawdownLimitBreached" in call.body["text"]
