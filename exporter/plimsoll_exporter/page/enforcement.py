"""``/api/v1/enforcement``: the mode in force and the lockout of each account, as the enforcer tells them.

Only the enforcer knows what is in force. Its page of metrics tells all of it; where that asks for a password that the
exporter has not, its gates, which are open to everybody, still tell who is locked out. What nobody tells is unknown.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from prometheus_client.parser import text_string_to_metric_families

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.asking import NotToldError, get, place

WEBHOOK_PATH = "/api/v1/alerts"
GATE_PATH = "/api/v1/gate/"
MODE = "plimsoll_enforcer_mode_info"
LOCKED_UNTIL = "plimsoll_enforcer_lockout_until_timestamp_seconds"
LAST_RUN = "plimsoll_enforcer_last_run_timestamp_seconds"
FAILING_SINCE = "plimsoll_enforcer_failing_since_timestamp_seconds"
SHOWN = (MODE, LOCKED_UNTIL, LAST_RUN, FAILING_SINCE)

UNKNOWN: dict[str, Json] = {
    "mode": None,
    "locked": None,
    "locked_until_timestamp": None,
    "locked_reason": None,
    "last_run_timestamp": None,
    "failing_since_timestamp": None,
}
"""Of an account of which nothing is told."""

Account = dict[str, Json]


def enforcer_url(config: Config) -> str | None:
    """Where the enforcer is: where Alertmanager finds it; ``None`` for none, or one that is not ours."""
    webhook = config.enforcement_webhook
    if webhook is None or not webhook.url.endswith(WEBHOOK_PATH):
        return None
    return webhook.url.removesuffix(WEBHOOK_PATH)


class Enforcer:
    """The one that is configured; ``url`` is ``None`` for none."""

    def __init__(self, url: str | None, accounts: Iterable[str], *, clock: Clock) -> None:
        self._url, self._accounts, self._clock = url, tuple(accounts), clock

    def unknown(self, error: str = "the enforcer has not been asked yet") -> dict[str, Json]:
        """What is told while nothing is known, and why."""
        why = "no enforcement_webhook is configured: nobody can be asked" if self._url is None else error
        accounts: dict[str, Json] = {name: dict(UNKNOWN) for name in self._accounts}
        return {"time": self._clock.now(), "configured": self._url is not None, "error": why, "accounts": accounts}

    async def ask(self) -> dict[str, Json]:
        """What is in force, as JSON."""
        if self._url is None:
            return self.unknown()
        try:
            reply = await get(f"{self._url}/metrics")
            told = await asyncio.to_thread(_by_account, reply.body) if reply.status == HTTPStatus.OK else {}
            known = {name: told.get(name, dict(UNKNOWN)) for name in self._accounts}
            unsure = [name for name, one in known.items() if one["locked"] is not False]
            gates = await asyncio.gather(*map(self._gate, unsure))
        except (NotToldError, ValueError, RecursionError) as error:
            return self.unknown(str(error) or "the enforcer's answer cannot be read")
        for name, gate in gates:
            known[name] |= gate
        refusal = None if reply.status == HTTPStatus.OK else f"{place(self._url)}: its metrics answer {reply.status}"
        return {**self.unknown(), "error": refusal, "accounts": dict[str, Json](known)}

    async def _gate(self, name: str) -> tuple[str, Account]:
        """Whether an account is locked, and why.

        Raises:
            NotToldError: No answer.
            ValueError: It cannot be read.
        """
        reply = await get(f"{self._url}{GATE_PATH}{name}")
        if reply.status not in {HTTPStatus.OK, HTTPStatus.LOCKED}:
            return name, {}
        content = json.loads(reply.body)
        locked = reply.status == HTTPStatus.LOCKED
        reason = str(content.get("reason") or "") if isinstance(content, dict) else ""
        return name, {"locked": locked, "locked_reason": reason or None}


def _by_account(page: bytes) -> dict[str, Account]:
    """What a page of metrics tells of each account; large ones take long, so in a thread.

    Raises:
        ValueError: It is no such page.
    """
    wanted = "\n".join(line for line in page.decode().splitlines() if line.startswith(SHOWN)) + "\n"
    found: dict[str, Account] = {}
    for family in text_string_to_metric_families(wanted):
        for sample in family.samples:
            one = found.setdefault(sample.labels.get("account", ""), {**UNKNOWN, "locked": False})
            one |= _told(sample.name, sample.labels, sample.value)
    return found


def _told(name: str, labels: Mapping[str, str], value: float) -> Account:
    """What one sample says."""
    if name == MODE:
        return {"mode": labels.get("mode")} if value == 1 else {}
    if name == LOCKED_UNTIL:
        return {"locked": True, "locked_until_timestamp": value if math.isfinite(value) else None}
    known = value if math.isfinite(value) else None
    return {"last_run_timestamp" if name == LAST_RUN else "failing_since_timestamp": known}
