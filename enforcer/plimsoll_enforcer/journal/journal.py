"""``Journal``: everything that must survive the enforcer, held in memory and written as it changes.

Memory is what the enforcer works with; the file follows, and where it cannot, the change waits, the failure is counted,
and nothing else stops. Only a second enforcer on the same folder is refused.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Self

from plimsoll.clock import Clock
from plimsoll.database.pending import Pending
from plimsoll.errors import StateError, StateInUse, StateUnavailable
from plimsoll_enforcer.desk import AuditLine, RunDetail, RunSummary
from plimsoll_enforcer.journal import draft
from plimsoll_enforcer.journal.draft import Draft
from plimsoll_enforcer.journal.file import JournalFile
from plimsoll_enforcer.journal.reading import KEPT_RUNS
from plimsoll_enforcer.journal.runs import RUNNING, Ears, Run
from plimsoll_enforcer.journal.values import Breach, Counted, Lockout, Remembered

log = logging.getLogger(__name__)

FAILURES = Counted(account="", name="journal_failures")
PROBE, UNLOCKED, REBASED, DOUBTED = "probe", "unlocked", "rebased", "doubted"
"""Names of marks: the probe of the chain arrived; a lockout ended; the drawdown rules began anew at a release; a
damaged journal may have held a lockout."""

OTHER = "other"
"""Label of an error without a code."""

KEPT_SECONDS = 400 * 86_400.0
"""Runs older than this are forgotten."""

_ALPHABET = string.ascii_lowercase + string.digits


class Journal:
    """The journal of one enforcer; ``open`` makes it.

    Attributes:
        doubt: In words why nobody knows which accounts an earlier life had locked; empty where it is known.
        damaged: That will never be known: the file was damaged.
        opened_at: Unix time of our beginning.
    """

    def __init__(self, file: JournalFile, *, clock: Clock) -> None:
        self._file, self._clock = file, clock
        self._pending: Pending[Draft] = Pending(self._write, clock=clock)
        self._uncounted = 0
        self._late: Remembered | None = None
        self._breaches: dict[str, Breach] = {}
        self._lockouts: dict[str, Lockout] = {}
        self._runs: dict[str, Run] = {}
        self._counts: Counter[Counted] = Counter()
        self._marks: dict[str, float] = {}
        self.doubt, self.damaged, self.opened_at = "", False, clock.now()

    @classmethod
    def open(cls, folder: Path, *, clock: Clock) -> Self:
        """Open it; whatever is wrong with the file, the journal works from memory and says so.

        Args:
            folder: The enforcer's ``data_dir``.
            clock: Time.

        Raises:
            StateInUse: Another enforcer owns the folder.
        """
        journal = cls(JournalFile(folder, clock=clock), clock=clock)
        try:
            journal._adopt(journal._file.open())
        except StateInUse:
            raise
        except StateError as error:
            journal._failed(error)
            journal.doubt = "the journal cannot be read"
            log.critical("%s; enforcing from memory", error)
        journal._put(journal._salvaged().merged(draft.pruned(clock.now() - KEPT_SECONDS)))
        return journal

    @property
    def failures(self) -> int:
        """Writes that failed, since ever."""
        return self._counts[FAILURES]

    @property
    def failing_since(self) -> float | None:
        """Unix time since which something waits to be written; ``None`` while all is."""
        return self._pending.failing_since

    def retry(self) -> bool:
        """Write what waits; whether an earlier life's state became known only now (``breaches``, ``unfinished``)."""
        self._pending.retry()
        late, self._late = self._late, None
        return late is not None

    def close(self) -> None:
        """Write what waits, if that can be, and close the file."""
        self._pending.retry(now=True)
        self._file.close()

    # Breaches

    def breaches(self) -> Mapping[str, Breach]:
        """Under watch, by account."""
        return dict(self._breaches)

    def watch(self, breach: Breach) -> bool:
        """Take a breach on; whether it is on disk."""
        self._breaches[breach.account] = breach
        return self._put(draft.breach(breach))

    def unwatch(self, account: str) -> None:
        """Its watch is over."""
        if self._breaches.pop(account, None) is not None:
            self._put(draft.no_breach(account))

    # Runs

    def begin_run(self, account: str, *, mode: str, trigger: str, before: Iterable[AuditLine] = ()) -> Run:
        """Begin a run.

        Args:
            account: Whose.
            mode: ``armed``, ``dry-run`` or ``manual``.
            trigger: In words why.
            before: What was read and decided before it.
        """
        summary = RunSummary(
            run_id="".join(secrets.choice(_ALPHABET) for _ in range(8)),
            account=account,
            mode=mode,
            trigger=trigger,
            began_at=self._clock.now(),
            ended_at=None,
            outcome=RUNNING,
            result=None,
        )
        run = self._run(summary)
        self._put(draft.run(summary))
        run.add(before)
        self._forget_old()
        return run

    def runs(self) -> tuple[RunSummary, ...]:
        """The newest, newest first."""
        return tuple(run.summary for run in reversed(self._runs.values()))[:KEPT_RUNS]

    def run(self, run_id: str) -> RunDetail | None:
        """One whole."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        stored = self._file.audit(run_id)
        audit = stored if len(stored) >= len(run.audit) else tuple(run.audit)
        return RunDetail(summary=run.summary, audit=audit)

    def unfinished(self) -> tuple[Run, ...]:
        """Runs that have not ended, oldest first."""
        return tuple(run for run in self._runs.values() if run.summary.ended_at is None)

    # Lockouts

    def lockout(self, account: str) -> Lockout | None:
        """Of an account, over or not; ``None`` where it is not locked."""
        return self._lockouts.get(account)

    def lock(self, lockout: Lockout) -> bool:
        """Lock an account, or change its lockout; whether it is on disk."""
        self._lockouts[lockout.account] = lockout
        return self._put(draft.lockout(lockout))

    def note_leverage(self, account: str, symbol: str, leverage: int) -> None:
        """Remember a setting before it is lowered; the first one stays."""
        lockout = self._lockouts.get(account)
        if lockout is not None and symbol not in lockout.leverages:
            self.lock(replace(lockout, leverages={**lockout.leverages, symbol: leverage}))

    def release(self, account: str, *, by: str, why: str) -> None:
        """End a lockout; its end stays known as the mark ``unlocked``."""
        if self._lockouts.pop(account, None) is not None:
            self._put(draft.released(account, at=self._clock.now(), by=by, why=why))
            self.mark(UNLOCKED, account)

    # Counts

    def count(self, account: str, name: str, label: str = "", by: int = 1) -> None:
        """Count something."""
        counter = Counted(account=account, name=name, label=label)
        self._counts[counter] += by
        self._put(draft.counted(counter, by))

    def counts(self, account: str, name: str) -> dict[str, int]:
        """Counts of one name by label."""
        found = self._counts.items()
        return {item.label: value for item, value in found if (item.account, item.name) == (account, name)}

    def mark(self, name: str, account: str = "", at: float | None = None) -> None:
        """Something happened, now unless another Unix time is given."""
        key, time = f"{name}:{account}", self._clock.now() if at is None else at
        self._marks[key] = time
        self._put(draft.marked(key, time))

    def marked(self, name: str, account: str = "") -> float | None:
        """When it happened last, Unix time."""
        return self._marks.get(f"{name}:{account}")

    # The file

    def _put(self, change: Draft) -> bool:
        return self._pending.put(change)

    def _write(self, change: Draft) -> None:
        """Write one change, opening the file first where it is not open yet; failures are counted in the same file."""
        try:
            if not self._file.is_open:
                self._late = self._file.open()
                self._adopt(self._late)
                change = self._salvaged().merged(change)
            more = draft.counted(FAILURES, self._uncounted) if self._uncounted else Draft()
            self._file.write(change.merged(more))
        except StateError as error:
            self._failed(error)
            raise
        except sqlite3.Error as error:
            # A mistake of ours must not stop what closes either.
            self._failed(error)
            raise StateUnavailable(f"{self._file.path}: {error}") from error
        if self._uncounted:
            log.warning("%s: the journal can be written again", self._file.path)
        self._uncounted = 0

    def _failed(self, error: Exception) -> None:
        if self._uncounted == 0:
            log.critical("the journal cannot be written (%s); going on from memory", error)
        self._uncounted += 1
        self._counts[FAILURES] += 1

    def _adopt(self, found: Remembered) -> None:
        """Take over what the file tells; what happened meanwhile is newer."""
        self.doubt = ""
        self._breaches = {**{item.account: item for item in found.breaches}, **self._breaches}
        self._lockouts = {**{item.account: item for item in found.lockouts}, **self._lockouts}
        older = {item.run_id: self._made(item, found) for item in found.runs}
        self._runs = {**older, **self._runs}
        self._counts.update(found.counts)
        self._marks = {**found.marks, **self._marks}

    def _salvaged(self) -> Draft:
        """After a damaged file was set aside: its lockouts where they could be read, else that nobody knows them."""
        aside, found = self._file.take_salvage()
        if aside is None:
            return Draft()
        self._failed(StateUnavailable(f"a damaged journal was set aside as {aside}"))
        if found is None:
            self.doubt, self.damaged = f"the journal was damaged (it is now {aside})", True
        kept = {item.account: item for item in found or ()}
        self._lockouts = {**kept, **self._lockouts}
        return reduce(Draft.merged, map(draft.lockout, kept.values()), Draft())

    def _made(self, summary: RunSummary, found: Remembered) -> Run:
        return Run(summary, self._ears(summary.account), clock=self._clock, sent=found.sent.get(summary.run_id, ()))

    def _run(self, summary: RunSummary) -> Run:
        run = self._runs[summary.run_id] = Run(summary, self._ears(summary.account), clock=self._clock)
        return run

    def _ears(self, account: str) -> Ears:
        def refused(code: int | None) -> None:
            self.count(account, "close_errors", OTHER if code is None else str(code))

        return Ears(put=self._note, refused=refused)

    def _note(self, change: Draft) -> None:
        self._put(change)

    def _forget_old(self) -> None:
        ended = [run_id for run_id, run in self._runs.items() if run.summary.ended_at is not None]
        for run_id in ended[: max(0, len(self._runs) - KEPT_RUNS)]:
            del self._runs[run_id]
