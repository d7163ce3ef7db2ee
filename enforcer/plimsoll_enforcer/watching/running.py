"""``Runner``: one account's runs. One at a time, each goes on until flat, through faults of ours and restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll_enforcer.desk import AuditLine
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.runs import Run
from plimsoll_enforcer.steady import AFTER_FAULT
from plimsoll_enforcer.trading.port import Trader

log = logging.getLogger(__name__)

LATE_SECONDS = 30.0
"""After so long a run that is not flat has failed, though it goes on."""

FLAT, NOT_FLAT, FAILED = "flat", "not_flat", "failed"
ARMED, DRY_RUN, MANUAL = "armed", "dry-run", "manual"
"""Modes of a run."""


class Runner:
    """Carries runs out.

    Args:
        account: Its name.
        flatten: Closes it.
        trader: Tells which symbols it trades.
        journal: Keeps the record.
        clock: Time.
        ended: Told each run that has ended, and what came of it.

    Attributes:
        reopened: Called each time somebody opened something while a run closes; whoever keeps the lockout sets it.
        current: The run in progress; ``None`` between runs.
        used: Symbols on which anything was, since they were last taken.
        residual: Exposure that is left, of the run in progress or the last one.
    """

    def __init__(
        self,
        account: str,
        flatten: Flatten,
        trader: Trader,
        *,
        journal: Journal,
        clock: Clock,
        ended: Callable[[Run, FlattenResult], None],
    ) -> None:
        self._account, self._flatten, self._trader = account, flatten, trader
        self._journal, self._clock, self._ended = journal, clock, ended
        self._asked = asyncio.Event()
        self._stopped = ""
        self._task: asyncio.Task[FlattenResult] | None = None
        self.reopened: Callable[[], None] | None = None
        self.current: Run | None = None
        self.used: set[str] = set()
        self.residual: Decimal | None = None

    def begin(self, *, mode: str, trigger: str, before: Iterable[AuditLine] = ()) -> Run:
        """Begin a run, or give the one in progress."""
        if self.current is None:
            self.current = self._journal.begin_run(self._account, mode=mode, trigger=trigger, before=before)
            log.critical("account %s: run %s begins (%s): %s", self._account, self.current.run_id, mode, trigger)
            self._asked.set()
        return self.current

    def resume(self, run: Run) -> None:
        """Go on with a run of an earlier life."""
        if self.current is None:
            self.current = run
            run.resumed()
            log.critical("account %s: run %s goes on after a restart", self._account, run.run_id)
            self._asked.set()

    async def stop(self, why: str) -> bool:
        """End the run in progress, by hand; whether there was one."""
        if self.current is None:
            return False
        self._stopped = why
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        else:
            self._finish(self.current, NOT_FLAT, None)
        return True

    async def rehearse(self, trigger: str, before: Iterable[AuditLine] = ()) -> None:
        """A dry run: every read and none of the writes."""
        run = self._journal.begin_run(self._account, mode=DRY_RUN, trigger=trigger, before=before)
        outcome, result = FAILED, None
        try:
            result = await self._flatten.rehearse(run)
            outcome = FLAT if result.flat else NOT_FLAT
        except ExchangeError as error:
            run.step("failed", f"The exchange cannot be read: {error}")
        except Exception:
            log.exception("account %s: the dry run failed", self._account)
            run.step("failed", "A fault of ours ended the dry run; the log has it.")
        run.finish(outcome, result)
        self._journal.count(self._account, "runs", f"{DRY_RUN} {outcome}")

    @property
    def failing_since(self) -> float | None:
        """Unix time since which the run in progress is late; ``None`` otherwise."""
        if self.current is None:
            return None
        at = self.current.summary.began_at + LATE_SECONDS
        return at if self._clock.now() >= at else None

    async def run(self) -> None:
        """Carry runs out until cancelled; what is in progress then goes on in the next life."""
        while True:
            if self.current is None:
                self._asked.clear()
                await self._asked.wait()
            if self.current is not None:
                await self._carry(self.current)

    async def _carry(self, run: Run) -> None:
        symbols = asyncio.ensure_future(self._symbols())
        self._task = asyncio.ensure_future(self._until_flat(run))
        try:
            await asyncio.wait((self._task,))
        finally:
            symbols.cancel()
            if not self._task.done():
                self._task.cancel()
                await asyncio.wait((self._task,))
        task, self._task = self._task, None
        if task.cancelled():
            self._finish(run, NOT_FLAT, None)
            return
        result = task.result()
        self._finish(run, FLAT if result.flat else NOT_FLAT, result)

    async def _until_flat(self, run: Run) -> FlattenResult:
        """A fault of ours must not leave an account half closed: it is told, and closing begins anew."""
        if self.reopened is not None:
            run.reopened = self.reopened
        while True:
            before = max(0.0, self._clock.now() - run.summary.began_at)
            try:
                return _since_the_beginning(await self._flatten.flatten(run, late=self._late), before)
            except Exception as error:
                log.exception("account %s: run %s met a fault of ours; it goes on", self._account, run.run_id)
                run.step("fault", f"A fault of ours ({type(error).__name__}): closing begins anew.")
                await self._clock.sleep(AFTER_FAULT)

    def _late(self, so_far: FlattenResult) -> None:
        self.residual = so_far.residual_exposure_usd
        log.critical("account %s is not flat after %g s; going on", self._account, LATE_SECONDS)

    def _finish(self, run: Run, outcome: str, result: FlattenResult | None) -> None:
        if self._stopped:
            run.step("released", self._stopped)
            self.residual = None
        self.current, self._stopped = None, ""
        run.finish(outcome, result)
        self._journal.count(self._account, "runs", f"{run.summary.mode} {outcome}")
        log.critical("account %s: run %s has ended: %s", self._account, run.run_id, outcome)
        if result is not None:
            self.residual = result.residual_exposure_usd
            self.used.update(one.symbol for one in result.positions)
            self._ended(run, result)

    async def _symbols(self) -> None:
        """Note where anything is, beside the closing; it is no part of it."""
        try:
            self.used.update((await self._trader.wallet()).symbols)
        except ExchangeError as error:
            log.warning("account %s: which symbols it trades cannot be read: %s", self._account, error)


def _since_the_beginning(result: FlattenResult, before: float) -> FlattenResult:
    """With the seconds before this attempt: in an earlier life of the enforcer, or until a fault of ours."""
    if result.seconds_to_flat is None:
        return result
    return replace(result, seconds_to_flat=before + result.seconds_to_flat)
