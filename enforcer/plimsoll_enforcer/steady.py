"""Work that must not end: it is begun anew after a fault of ours."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from plimsoll.clock import Clock

log = logging.getLogger(__name__)

AFTER_FAULT = 1.0
"""Seconds before work that failed is begun anew, unless it can wait."""


async def steadily(what: str, work: Callable[[], Awaitable[None]], clock: Clock, *, after: float = AFTER_FAULT) -> None:
    """Do something that never ends, until cancelled: a fault of ours in it is told and ends nothing.

    Args:
        what: In the log.
        work: Begun anew, should it end.
        clock: For the wait.
        after: Seconds before it is begun anew.
    """
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed; it begins anew in %g s", what, after)
        await clock.sleep(after)
