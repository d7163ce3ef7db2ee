"""Alerts that people have silenced, read from Alertmanager: a silence mutes people, never the enforcer.

Every five seconds while an account is armed. A failure is told and shown, and stops nothing: the webhook goes on.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import cast

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import AlertmanagerConfig
from plimsoll.config.secrets import read_secret
from plimsoll.errors import SecretError
from plimsoll_enforcer.desk import Alert
from plimsoll_enforcer.watching.body import whole_body
from plimsoll_enforcer.watching.taking import FIRING

log = logging.getLogger(__name__)

EVERY = 5.0
TIMEOUT = 4.0
"""Real seconds that one Alertmanager may take."""

LIMIT = 16 * 1024 * 1024
OK = 200
PARAMETERS = {"active": "true", "silenced": "true", "inhibited": "true", "filter": 'enforce="flatten"'}

Take = Callable[[tuple[Alert, ...]], Awaitable[None]]


class Suppressed:
    """Reads one Alertmanager.

    Args:
        config: Where it is, and who we are there.
        armed: Whether any account is.
        take: Takes what is found on.
        clock: Time.

    Attributes:
        url: Of the Alertmanager, as configured.
        failing: In words why it cannot be read; empty while it can.
    """

    def __init__(self, config: AlertmanagerConfig, *, armed: Callable[[], bool], take: Take, clock: Clock) -> None:
        self._config, self._armed, self._take, self._clock = config, armed, take, clock
        self.url = config.url
        self.failing = ""

    async def run(self) -> None:
        """Read again and again until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
            while True:
                if self._armed():
                    await self._look(session)
                await self._clock.sleep(EVERY)

    async def _look(self, session: aiohttp.ClientSession) -> None:
        try:
            found = read_alerts(await self._get(session), now=self._clock.now())
        except (aiohttp.ClientError, OSError, ValueError, RecursionError, SecretError) as error:
            self._tell(str(error) or type(error).__name__)
            return
        self._tell("")
        if found:
            await self._take(found)

    async def _get(self, session: aiohttp.ClientSession) -> bytes:
        async with session.get(
            self.url.rstrip("/") + "/api/v2/alerts", params=PARAMETERS, headers=self._headers(), allow_redirects=False
        ) as answer:
            if answer.status != OK:
                raise ValueError(f"answer {answer.status}")
            return await whole_body(answer, LIMIT)

    def _headers(self) -> Mapping[str, str]:
        """The login, read anew each time: ``plimsoll render`` may have written another."""
        if self._config.password_file is None:
            return {}
        login = f"{self._config.username or ''}:{read_secret(self._config.password_file).reveal()}"
        return {"Authorization": f"Basic {b64encode(login.encode()).decode('ascii')}"}

    def _tell(self, why: str) -> None:
        """Say once that it cannot be read, and once that it can again."""
        if why and not self.failing:
            log.error("%s: silenced alerts cannot be read (%s); trying on", self._config.url, why)
        elif self.failing and not why:
            log.warning("%s: silenced alerts can be read again", self._config.url)
        self.failing = why


def read_alerts(content: bytes, *, now: float) -> tuple[Alert, ...]:
    """The alerts of an answer; rows that make no sense are left out.

    Raises:
        ValueError: It is no list.
    """
    loaded = json.loads(content)
    if not isinstance(loaded, list):
        raise ValueError("the answer is no list")  # noqa: TRY004 - the answer is wrong, not a type of ours
    return tuple(_alert(row, now) for row in loaded if isinstance(row, dict) and isinstance(row.get("labels"), dict))


def _alert(row: Mapping[str, object], now: float) -> Alert:
    return Alert(
        status=FIRING,
        labels=_texts(row.get("labels")),
        annotations=_texts(row.get("annotations")),
        arrived_at=now,
        starts_at=_time(row.get("startsAt")),
        fingerprint=str(row.get("fingerprint", "")),
    )


def _texts(value: object) -> Mapping[str, str]:
    found = cast("Mapping[object, object]", value) if isinstance(value, dict) else {}
    return {name: text for name, text in found.items() if isinstance(name, str) and isinstance(text, str)}


def _time(value: object) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None
