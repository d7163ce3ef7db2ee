"""Rebases by hand: requests that any process wrote into the database, done at the account's next trusted sample."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from plimsoll.config.model import AccountConfig
from plimsoll.database.draft import Draft, Step
from plimsoll.database.values import Level, RebaseRequest
from plimsoll.risk.drawdown import drawdowns
from plimsoll.risk.standing import Sample
from plimsoll.risk.watching import Watched, rebased

log = logging.getLogger(__name__)


class Rebases:
    """The open requests of one account.

    Args:
        config: The account.
    """

    def __init__(self, config: AccountConfig) -> None:
        self._config = config
        self._open: dict[int, RebaseRequest] = {}
        self._done: set[int] = set()

    def requested(self, requests: Iterable[RebaseRequest]) -> None:
        """Take over the open requests of all accounts; those of others are left out."""
        mine = [request for request in requests if request.account == self._config.name]
        self._open = {request.id: request for request in mine if request.id not in self._done}

    def carry_out(self, watched: Watched, sample: Sample, now: float) -> tuple[Watched, Draft | None]:
        """Do what was asked for, at a trusted sample; gives the account after it, and what to write with it."""
        requests, self._open = self._open, {}
        steps = []
        for request in requests.values():
            self._done.add(request.id)
            before = self._level(watched, request.rule)
            try:
                watched = rebased(watched, self._config.limits.drawdown, request.rule, sample)
            except (KeyError, ValueError) as error:
                why = "no such rule is configured" if isinstance(error, KeyError) else str(error)
                log.warning("%s: rebase of %s refused: %s", request.account, request.rule, why)
                steps.append(_refused(request, now, why))
                continue
            after = self._level(watched, request.rule)
            log.warning(
                "%s: rule %s begins anew by hand (%s): %s", request.account, request.rule, request.reason, after
            )
            if after is not None:
                steps.append(_finished(request, now, before, after))
        return watched, Draft(steps=tuple(steps)) if steps else None

    def _level(self, watched: Watched, rule: str) -> Level | None:
        figures = drawdowns(watched, self._config.limits.drawdown, None)
        return next(
            (Level(reference=row.reference_usd, floor=row.floor_usd) for row in figures if row.rule == rule), None
        )


def _refused(request: RebaseRequest, now: float, why: str) -> Step:
    return lambda change: change.refuse_rebase(request, done_at=now, why=why)


def _finished(request: RebaseRequest, now: float, before: Level | None, after: Level) -> Step:
    return lambda change: change.finish_rebase(request, done_at=now, before=before, after=after)
