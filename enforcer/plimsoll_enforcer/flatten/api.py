"""What others ask of a flatten: the enforcer's watch, the lockout and the red button all close through this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.flatten.result import FlattenResult


class Flatten(Protocol):
    """Closes one account; ``flatten.run.Flattener`` implements it over a ``Trader``."""

    async def prepare(self) -> None:
        """Read what hardly changes, so that a run need not; at the start, and then every hour.

        Raises:
            ExchangeError: No usable answer; what was known stays.
        """

    async def flatten(self, log: RunLog, *, late: Callable[[FlattenResult], None] = lambda _: None) -> FlattenResult:
        """Cancel and close until the account is flat and confirmed; goes on for ever, with back-off, until cancelled.

        Args:
            log: Record of this run; what it left unanswered is looked up first.
            late: Called once with the state of things when 30 s have passed and the account is not flat.
        """

    async def rehearse(self, log: RunLog) -> FlattenResult:
        """Dry run: every read and none of the writes; each action goes to ``log.step`` as ``would-...``."""
