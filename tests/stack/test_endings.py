"""A breach whose end nobody tells: Alertmanager and Prometheus are started anew while it stands, then it is over."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from alerting_files import alerting_config
from manual_clock import ManualClock
from page_receivers import page_receivers
from patience import Patience, until
from plimsoll.config.model import Links
from plimsoll.render.command import render
from plimsoll_exporter.fast_lane.alert import ended_alert
from plimsoll_exporter.fast_lane.crossing import BREACHED, NO_MARGIN, Crossing
from plimsoll_exporter.fast_lane.endings import EVERY_SECONDS, Endings
from plimsoll_exporter.fast_lane.sender import target
from programs import free_port
from real_alertmanager import an_alert, real_alertmanager

CROSSED = (
    Crossing(alert=BREACHED, account="eon", rule="tmad", flatten=True),
    Crossing(alert=NO_MARGIN, account="eon"),
)
SINCE = timedelta(minutes=6)


async def test_the_next_breach_is_paged_though_alertmanager_forgot_the_last_one(alertmanager: Path, tmp_path: Path):
    """It keeps that it told an alert, not the alert: told of the end it says so once, and pages the next one at once.

    Without that it would take the next one for the one that it has told, and be silent for an hour.
    """
    port = free_port()
    firing = [an_alert(one.labels, {"description": "It is crossed."}) for one in CROSSED]
    async with page_receivers() as services:
        config = alerting_config(tmp_path, alertmanager=f"http://127.0.0.1:{port}", services=services.url)
        render(config, tmp_path)
        rendered = tmp_path / "alertmanager" / "rendered"

        def told() -> list[tuple[str, str]]:
            calls = services.accepted("webhook")
            return sorted((one["labels"]["alertname"], one["status"]) for call in calls for one in call.body["alerts"])

        async def until_told(*expected: tuple[str, str]) -> None:
            await until(lambda: told() == sorted(expected), lambda: str(told()))

        paged = [(one.alert, "firing") for one in CROSSED]
        with real_alertmanager(alertmanager, rendered, tmp_path, port) as pager:
            await asyncio.to_thread(pager.post, *firing)
            await until_told(*paged)
        with real_alertmanager(alertmanager, rendered, tmp_path, port) as pager:
            began = time.time() - SINCE.total_seconds()
            over = [ended_alert(one, Links(), starts_at=began - 60, over_at=began) for one in CROSSED]
            clock = ManualClock()
            telling = asyncio.create_task(Endings(target(config.alertmanager[0]), over=lambda: over, clock=clock).run())
            await until(lambda: bool(clock.sleepers), lambda: "it never sleeps")
            patience = Patience()
            while (BREACHED, "resolved") not in told() and patience.left:
                await clock.elapse(EVERY_SECONDS)  # a busy machine may take longer for an answer than is waited for
                await until(lambda: bool(clock.sleepers), lambda: "it never sleeps again")
                await asyncio.sleep(0.2)
            await until_told(*paged, (BREACHED, "resolved"))  # a refused order does not end: its channel is not told
            over.clear()
            await asyncio.to_thread(pager.post, *firing)
            await until_told(*paged, *paged, (BREACHED, "resolved"))
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
    (text,) = [text for text in services.texts() if "NO LONGER REPORTED" in text]
    assert "This held from" in text
