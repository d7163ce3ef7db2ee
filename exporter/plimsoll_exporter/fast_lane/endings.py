"""The ends of alerts, told to an Alertmanager that has forgotten them.

An alert that is no longer posted lapses, and Alertmanager tells people so by itself. One that was restarted meanwhile
cannot: it keeps on disk which alerts it has told, but not the alerts. Where Prometheus was restarted too, nobody else
would tell it of the end, and it would take the next crossing for the one that it has told, and page nobody for an hour.
So for an hour after the end of an alert this lane asks every minute, and where the alert is not held, posts that it is
over. Where it has been told before, or never, nobody hears of that, but where another alert of its group still fires:
then the end is told once more (once after each message of the group).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence

import aiohttp

from plimsoll.clock import Clock
from plimsoll_exporter.fast_lane.alert import Alert
from plimsoll_exporter.fast_lane.sender import REFUSED_FROM, TIMEOUT_SECONDS, Target, post
from plimsoll_exporter.page.alerts import told_by
from plimsoll_exporter.page.asking import NotToldError

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


class Endings:
    """Tells one Alertmanager what is over, as long as it does not hold it.

    Whoever still reports an alert is believed: one that is held stays. What fails is tried again a minute later.

    Args:
        target: The Alertmanager.
        over: Gives the alerts that are over and whose ends are to be told now.
        clock: For the pauses.
    """

    def __init__(self, target: Target, *, over: Callable[[], Sequence[Alert]], clock: Clock) -> None:
        self._target, self._over, self._clock = target, over, clock
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        self._fine = True

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            if self._over():
                await self._try()

    async def _try(self) -> None:
        try:
            await self._tell()
        except (NotToldError, TimeoutError, aiohttp.ClientError, OSError) as error:
            if self._fine:
                log.warning("%s: ends of alerts cannot be told (%s); trying on", self._target.url, error)
            self._fine = False
        else:
            self._fine = True

    async def _tell(self) -> None:
        held = {_name(alert) for alert in await told_by(self._target)}
        # What is over is asked for after the answer: an alert that fires again meanwhile must not be ended.
        forgotten = [alert for alert in self._over() if _name(alert) not in held]
        if not forgotten:
            return
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            status = await post(session, self._target, forgotten)
        if status >= REFUSED_FROM:
            raise NotToldError(f"answer {status}")


def _name(alert: Alert) -> str:
    return json.dumps(alert["labels"], sort_keys=True)
