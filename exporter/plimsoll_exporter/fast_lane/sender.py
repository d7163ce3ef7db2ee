"""One Alertmanager: what fires now is posted to it at once and every ten seconds, in a task of its own.

Whatever is wrong with it holds up nothing else. Nothing waits in a queue: each post is made of the state of its moment.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import AlertmanagerConfig
from plimsoll.config.secrets import read_secret
from plimsoll.secret import Secret
from plimsoll_exporter.catalogue_fast_lane import OUTCOMES
from plimsoll_exporter.fast_lane.alert import Alert
from plimsoll_exporter.keeper.waiting import wait_until

log = logging.getLogger(__name__)

REPEAT_SECONDS = 10.0
RETRY_SECONDS = 1.0
"""Pause after a post that failed."""

TIMEOUT_SECONDS = 5.0
"""How long one Alertmanager may take for one post."""

DELIVERED, REFUSED, TIMEOUT, UNREACHABLE = OUTCOMES

REFUSED_FROM = 300
"""Statuses from which an answer is a refusal; nobody is redirected."""

Counted = Callable[[str, int], None]
"""Told the outcome of a post and of how many alerts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where to post to.

    Attributes:
        url: Base of its API.
        authorization: The header of that name; ``None`` where it asks for nothing.
    """

    url: str
    authorization: Secret | None

    @property
    def headers(self) -> Mapping[str, str]:
        """What every question and post carries."""
        return {} if self.authorization is None else {"Authorization": self.authorization.reveal()}


async def post(session: aiohttp.ClientSession, target: Target, alerts: Sequence[Alert]) -> int:
    """Post alerts; gives the status of the answer.

    Raises:
        TimeoutError: No answer within the session's time-out.
        aiohttp.ClientError: It cannot be reached, or breaks off.
    """
    url = f"{target.url}/api/v2/alerts"
    async with session.post(url, json=alerts, headers=target.headers, allow_redirects=False) as answer:
        return answer.status


def target(config: AlertmanagerConfig) -> Target:
    """An Alertmanager with its login.

    Raises:
        SecretError: Its password file is unusable.
    """
    url = config.url.rstrip("/")
    if config.password_file is None:
        return Target(url=url, authorization=None)
    login = f"{config.username or ''}:{read_secret(config.password_file).reveal()}"
    return Target(url=url, authorization=Secret(f"Basic {b64encode(login.encode('utf-8')).decode('ascii')}"))


class Sender:
    """Posts to one Alertmanager.

    Args:
        target: The Alertmanager.
        alerts: Gives what fires now.
        clock: For repeats.
        counted: Told how posts ended.
        timeout: Real seconds that one post may take.
    """

    def __init__(
        self,
        target: Target,
        *,
        alerts: Callable[[], Sequence[Alert]],
        clock: Clock,
        counted: Counted,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._target, self._alerts, self._clock, self._counted = target, alerts, clock, counted
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._news = asyncio.Event()
        self._fine = True

    def wake(self) -> None:
        """Post now: something new fires."""
        self._news.set()

    async def run(self) -> None:
        """Post until cancelled."""
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            while True:
                pause = REPEAT_SECONDS if await self._send(session) else RETRY_SECONDS
                await wait_until(self._news, self._clock.monotonic() + pause, self._clock)

    async def _send(self, session: aiohttp.ClientSession) -> bool:
        """Post what fires; whether it arrived, or nothing fires."""
        self._news.clear()
        alerts = self._alerts()
        if not alerts:
            return True
        outcome, why = await self._post(session, alerts)
        self._counted(outcome, len(alerts))
        self._tell(outcome, why)
        return outcome == DELIVERED

    async def _post(self, session: aiohttp.ClientSession, alerts: Sequence[Alert]) -> tuple[str, str]:
        """The outcome of a post, and more about it for the log."""
        try:
            status = await post(session, self._target, alerts)
        except TimeoutError:
            return TIMEOUT, f"no answer within {self._timeout.total} s"
        except (aiohttp.ClientError, OSError) as error:
            return UNREACHABLE, type(error).__name__
        return (DELIVERED if status < REFUSED_FROM else REFUSED), f"answer {status}"

    def _tell(self, outcome: str, why: str) -> None:
        """Say once that it fails, and once that it is over."""
        fine = outcome == DELIVERED
        if not fine and self._fine:
            log.error("%s: alerts do not arrive (%s, %s); trying again", self._target.url, outcome, why)
        elif fine and not self._fine:
            log.warning("%s: alerts arrive again", self._target.url)
        self._fine = fine
