"""Rejections from every source at once: a real python-binance bot, its log, the stream; and a restart between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from binance import AsyncClient
from binance.exceptions import BinanceAPIException

from plimsoll.reporting import RejectionReporter
from plimsoll_simulator.server import Simulator, running_simulator
from plimsoll_simulator.world import TRADE_KEY_PREFIX, TRADE_SECRET_PREFIX
from stack_harness import Labels, stack, watching

Metrics = Mapping[tuple[str, Labels], float]
TOO_MUCH = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "20"}


@asynccontextmanager
async def bot(simulator: Simulator, account: str = "live") -> AsyncIterator[AsyncClient]:
    """A bot's client with the trading key of an account."""
    client = AsyncClient(f"{TRADE_KEY_PREFIX}{account}", f"{TRADE_SECRET_PREFIX}{account}")
    client.FUTURES_URL = f"{simulator.url}/fapi"
    try:
        yield client
    finally:
        await client.close_connection()


def token(folder: Path) -> Path:
    """The token of the bots' reports."""
    path = folder / "report.token"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("a-token-of-the-tests")
    return path


def environ(folder: Path, *, reports: bool = True) -> dict[str, str]:
    """An exporter that follows the bot's log, takes reports, and keeps its state in a folder."""
    log = f'[{{"path": "{folder / "bot.log"}", "account": "live"}}]'
    found = {"PLIMSOLL_REJECTIONS__LOGS": log, "PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "data")}
    return {**found, "PLIMSOLL_REJECTIONS__TOKEN_FILE": str(token(folder))} if reports else found


@pytest.fixture
def log(tmp_path: Path) -> Iterator[logging.Logger]:
    """The bot's logger, as bots have it: time, level, message, traceback."""
    made = logging.Logger("bot")  # noqa: LOG001 - one of its own, that no other test hears
    handler = logging.FileHandler(tmp_path / "bot.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    made.addHandler(handler)
    made.info("here we go")
    yield made
    handler.close()


async def refused(client: AsyncClient, log: logging.Logger) -> None:
    """Send an order that is too large, and log what comes of it."""
    with pytest.raises(BinanceAPIException) as raised:
        await client.futures_create_order(**TOO_MUCH)
    log.error("order failed: %s", raised.value, exc_info=raised.value)


def counted(metrics: Metrics, **sources: int) -> bool:
    """Whether exactly these sources told of live's rejections, and all are for want of margin."""
    name = "binance_order_rejections_by_source_total"
    found = {
        dict(labels)["source"]: value
        for (series, labels), value in metrics.items()
        if series == name and ("account", "live") in labels
    }
    return found == {"stream": 0, "history": 0, "report": 0, "log": 0, **sources}


async def test_a_watched_bot_that_logs_as_well_is_counted_once(tmp_path: Path, log: logging.Logger):
    """One line sets it up; each refused order is one event though the log tells it too, in two lines."""
    async with running_simulator(scenario="calm") as simulator, watching(simulator, environ=environ(tmp_path)) as seen:
        await seen.until_up("live")
        async with bot(simulator) as client:
            reporter = RejectionReporter(seen.url, token(tmp_path), "live", spool=tmp_path / "spool")
            reporter.watch(client)
            for _ in range(3):
                await refused(client, log)
            await seen.until(lambda found: counted(found, report=3), "three reports")
            await asyncio.sleep(7)  # for longer than lines wait for reports
            assert counted(await seen.metrics(), report=3)
            labels = {"account": "live", "reason": "insufficient_margin", "intent": "open"}
            assert await seen.value("binance_order_rejections_total", **labels) == 3
            await asyncio.to_thread(reporter.close)


async def test_a_log_is_followed_over_a_restart_between_two_lines(tmp_path: Path, log: logging.Logger):
    """What the bot logged while the exporter was down counts, and nothing counts twice."""
    async with running_simulator(scenario="calm") as simulator, bot(simulator) as client:
        settings = environ(tmp_path, reports=False)
        async with watching(simulator, environ=settings) as seen:
            await seen.until_up("live")
            await asyncio.sleep(1.5)  # the follower looks every second
            await refused(client, log)
            await seen.until(lambda found: counted(found, log=1), "the first line")
        await refused(client, log)
        async with watching(simulator, environ=settings) as seen:
            await seen.until(lambda found: counted(found, log=2), "the second line")
            await refused(client, log)
            await seen.until(lambda found: counted(found, log=3), "the third line")


async def test_a_stop_that_the_engine_rejects_is_told_by_the_stream():
    """November's variant: BNB's stop is a rejected close, and a protective order that ended rejected."""
    async with stack("november-stops:rejected", speed=5.0) as running:
        labels = {"account": "live", "reason": "insufficient_margin", "intent": "close"}
        name = "binance_order_rejections_total"
        await running.until(lambda found: found.get((name, frozenset(labels.items()))) == 1, "a rejected stop")
        metrics = await running.metrics()
        assert counted(metrics, stream=1)
        ended = frozenset({"account": "live", "outcome": "rejected"}.items())
        assert metrics[("binance_protective_orders_ended_total", ended)] == 1
        assert ("binance_protective_order_last_end_timestamp_seconds", ended) in metrics
