"""A silence mutes people, never the enforcer: with the real Alertmanager, whose webhook nobody answers."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from alerting_files import USER, alerting_config
from enforcement_stage import enforcement, message
from plimsoll.render.command import render
from programs import free_port
from real_alertmanager import Alertmanager, an_alert, real_alertmanager


def silence(pager: Alertmanager) -> None:
    """Mute everything of the account, as somebody does who wants to sleep."""
    now = datetime.now(UTC)
    asked = {
        "matchers": [{"name": "account", "value": "eon", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ann",
        "comment": "sleeping",
    }
    answer = requests.post(f"{pager.url}/api/v2/silences", json=asked, auth=pager.auth, timeout=10)
    answer.raise_for_status()


async def test_a_silenced_breach_is_closed(tmp_path: Path, alertmanager: Path):
    """Silenced before it fires, and told by nobody: the enforcer reads it, confirms it, and closes the account."""
    port = free_port(0)
    folder = tmp_path / "alerting"
    folder.mkdir()
    render(alerting_config(folder, alertmanager=f"http://127.0.0.1:{port}"), folder, prometheus="127.0.0.1:1")
    managers = [
        {
            "url": f"http://127.0.0.1:{port}",
            "username": USER,
            "password_file": str(folder / "secrets" / "web.password"),
        }
    ]
    enforcer = tmp_path / "enforcing"
    enforcer.mkdir()
    with real_alertmanager(alertmanager, folder / "alertmanager" / "rendered", folder, port) as pager:
        await asyncio.to_thread(silence, pager)
        environ = {"PLIMSOLL_ALERTMANAGER": json.dumps(managers)}
        async with enforcement(enforcer, environ=environ) as (stage, enforced):
            (alert,) = message(await stage.annotations(lost="0.12"))["alerts"]
            await asyncio.to_thread(pager.post, an_alert(alert["labels"], alert["annotations"]))
            await enforced.until(lambda: stage.flat, "eon is flat")
            requests_of = {"account": "eon", "outcome": "accepted"}
            assert await enforced.value("plimsoll_enforcer_requests_total", **requests_of) == 1
            (held,) = await asyncio.to_thread(pager.alerts)
            assert held["status"]["state"] == "suppressed"
