"""``Account``: one account behind the enforcer's doors: its watch, its runs, its lockout, and what is said of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from plimsoll.config.model import Mode
from plimsoll.errors import EnforcerRefused, ExchangeError
from plimsoll_enforcer.decide.decision import Act, Policy
from plimsoll_enforcer.desk import AccountFigures, Alert, Gate, Verdict
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.journal.journal import REBASED
from plimsoll_enforcer.journal.runs import Run
from plimsoll_enforcer.lockout.locking import Locking
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.watching.around import Around, Found
from plimsoll_enforcer.watching.looker import Looker
from plimsoll_enforcer.watching.parts import AccountParts, Common, Tools
from plimsoll_enforcer.watching.running import ARMED, DRY_RUN, MANUAL, Runner
from plimsoll_enforcer.watching.shown import figures_of, gate_of
from plimsoll_enforcer.watching.taking import FIRING, before_rebase, rule_of, why_refused, without_figures
from plimsoll_enforcer.watching.watch import Watch

log = logging.getLogger(__name__)

TAKE_UP_EVERY = 1.0
"""Seconds between two tries to go on with an earlier life's run: its key may not have been checked yet."""

PREPARE_EVERY, UNPREPARED = 3600.0, 10.0
"""Seconds between two readings of what hardly changes, and after one that failed."""


class Account:
    """One account that has a key.

    Args:
        parts: What it consists of.
        tools: What it is enforced with.
        common: What all accounts share.
    """

    def __init__(self, parts: AccountParts, tools: Tools, common: Common) -> None:
        self._parts, self._common = parts, common
        self._config, self._journal, self._clock = parts.config, common.journal, common.clock
        name = self.name
        self._tools = tools
        self._runner = Runner(
            name, tools.flatten, tools.trader, journal=self._journal, clock=self._clock, ended=self._ended
        )
        self._locking = Locking(
            name,
            tools.trader,
            parts.open_stream,
            runner=self._runner,
            mode=self._mode,
            journal=self._journal,
            clock=self._clock,
        )
        self._looker = Looker(tools.reader, common.market, clock=self._clock, exchange_clock=common.exchange_clock)
        self._watch = self._make_watch()
        self.times_to_flat: list[float] = []

    @property
    def name(self) -> str:
        """Of the account."""
        return self._config.name

    @property
    def armed(self) -> bool:
        """Whether it may be closed."""
        return self._mode() is Mode.ARMED

    @property
    def watched(self) -> bool:
        """Whether a breach is under watch."""
        return self._watch.since is not None

    def take(self, alert: Alert, *, quiet: bool = False) -> Verdict:
        """Take an alert on; ``quiet`` counts only what is new, for alerts that are read again and again."""
        verdict, counts = self._taken(alert)
        if counts and (verdict.outcome == "accepted" or not quiet):
            self._count(verdict.outcome)
        return verdict

    def flatten(self, reason: str, operator: str) -> str:
        """Close it now, by hand; gives the run's id.

        Raises:
            EnforcerRefused: It is not armed.
        """
        stance = self._parts.stance()
        if stance.mode is not Mode.ARMED:
            why = f": {stance.why}" if stance.why else ""
            raise EnforcerRefused(f"account {self.name} is not armed but {stance.mode.value}{why}")
        self._locking.lock((), f"closed by {operator}: {reason}")
        return self._runner.begin(mode=MANUAL, trigger=f"{operator}: {reason}").run_id

    async def release(self, *, reason: str, operator: str, rebased: bool) -> None:
        """End the lockout, and a run in progress.

        Args:
            reason: Why.
            operator: Who.
            rebased: The drawdown rules begin anew; what alerts said before no longer applies.
        """
        if rebased:
            self._journal.mark(REBASED, self.name)
        await self._runner.stop(f"released by {operator}: {reason}")
        for run in self._unfinished():
            run.step("released", f"released by {operator}: {reason}")
            run.finish("not_flat", None)
        self._watch.end()
        self._locking.release(by=operator, why=reason)
        log.critical("account %s is released by %s: %s", self.name, operator, reason)

    @property
    def releasable(self) -> bool:
        """Whether there is anything to release."""
        held = self._locking.lockout is not None or self._runner.current is not None or bool(self._unfinished())
        return held or bool(self._locking.doubt)

    @property
    def locked_rules(self) -> tuple[str, ...]:
        """Rules whose breach the lockout follows; those that close, for one by hand."""
        lockout = self._locking.lockout
        if lockout is not None and lockout.rules:
            return tuple(name for name in lockout.rules if name in self._config.limits.drawdown)
        return tuple(name for name, rule in self._config.limits.drawdown.items() if rule.on_breach == "flatten")

    def gate(self) -> Gate:
        """Whether it may trade."""
        running = self._runner.current is not None or bool(self._unfinished())
        return gate_of(self._locking.lockout, doubt=self._locking.doubt, running=running)

    def figures(self) -> AccountFigures:
        """As the metrics show it."""
        return figures_of(
            self._config,
            self._parts.stance(),
            self._journal,
            lockout=self._locking.lockout,
            failing_since=self._runner.failing_since,
            residual=self._runner.residual,
            recloses_at=tuple(self._locking.recloses_at),
            recloses_cost=self._locking.cost,
            watching=self._watch.since,
        )

    async def run(self) -> None:
        """Watch, run and guard until cancelled."""
        works = {"watch": self._watch.run, "runs": self._runner.run, "lockout": self._locking.run}
        async with asyncio.TaskGroup() as group:
            for what, work in works.items():
                group.create_task(steadily(f"account {self.name}: its {what}", work, self._clock))
            group.create_task(steadily(f"account {self.name}: taking up", self._take_up, self._clock))
            group.create_task(steadily(f"account {self.name}: preparing", self._prepare, self._clock))

    def _taken(self, alert: Alert) -> tuple[Verdict, bool]:
        """What becomes of an alert, and whether it counts as a request."""
        if alert.status != FIRING:
            self._watch.resolve(alert)
            return self._verdict("duplicate", "resolved: noted, it ends nothing that runs"), False
        refusal = self._refusal() or why_refused(alert, self._config, self._clock.now())
        if refusal:
            return self._verdict("refused", refusal), True
        if self._runner.current is not None:
            return self._verdict("duplicate", f"run {self._runner.current.run_id} is in progress"), True
        if self._locking.lockout is not None and not self._locking.falls_short_of(rule_of(alert, self._config)):
            self._locking.look_now()
            return self._verdict("locked", "the account is locked out: anything new is closed"), True
        if before_rebase(alert, self._journal.marked(REBASED, self.name)):
            alert = without_figures(alert)
        if self._watch.take(alert):
            return self._verdict("accepted", "the account is read again until the breach is confirmed or over"), True
        return self._verdict("duplicate", "this breach is watched already"), True

    def _refusal(self) -> str:
        """Why nothing is taken on for this account; empty where it is."""
        stance = self._parts.stance()
        if stance.mode is not Mode.OFF:
            return ""
        return f"enforcement is off{': ' if stance.why else ''}{stance.why}"

    def _verdict(self, outcome: str, reason: str) -> Verdict:
        return Verdict(account=self.name, outcome=outcome, reason=reason)

    def _make_watch(self) -> Watch:
        common = self._common
        around = Around(
            mode=self._mode,
            busy=lambda: self._runner.current is not None,
            act=self._act,
            came_to=self._count,
            pace=common.pace,
        )
        policy = Policy(acts=self._config.enforcement.on_unverifiable == "act", authenticated=common.authenticated)
        return Watch(
            self._config,
            self._looker,
            common.exporter,
            policy,
            around,
            journal=self._journal,
            clock=self._clock,
        )

    async def _act(self, found: Found) -> None:
        """A breach is confirmed: close, or rehearse once."""
        trigger = found.decision.reason
        if found.decision.act is Act.REHEARSE:
            self._watch.rehearsed()
            await self._runner.rehearse(trigger, found.audit)
            return
        if await self._nothing_to_do(found):
            return
        if found.reads is not None:
            self._runner.used.update(found.reads.wallet.symbols)
        names, locked = ", ".join(rule.name for rule in found.rules), self._locking.lockout is not None
        self._locking.lock(found.rules, f"drawdown limit {names}: {trigger}")
        if locked and found.reads is not None and found.reads.flat:
            log.critical("account %s: its lockout is made longer: drawdown limit %s: %s", self.name, names, trigger)
            self._watch.end()
            self._locking.look_now()
            return
        self._runner.begin(mode=ARMED, trigger=trigger, before=found.audit)

    async def _nothing_to_do(self, found: Found) -> bool:
        """Whether the account is flat, and was locked for this breach already."""
        if found.reads is None or not found.reads.flat or not self._locking.served:
            return False
        try:
            orders: Sequence[object] = await self._tools.reader.algo_orders()
        except ExchangeError:
            return False
        return not orders

    def _ended(self, run: Run, result: FlattenResult) -> None:
        """A run has ended: a flat account is guarded from now on, no longer watched."""
        if run.summary.mode != DRY_RUN and not run.summary.trigger.startswith("opened during"):
            self.times_to_flat.extend([] if result.seconds_to_flat is None else [result.seconds_to_flat])
        if result.flat:
            self._watch.end()
        self._locking.look_now()

    def _unfinished(self) -> tuple[Run, ...]:
        """Runs of an earlier life that wait to go on."""
        current = self._runner.current
        return tuple(
            run
            for run in self._journal.unfinished()
            if run.summary.account == self.name and run is not current and run.summary.mode != DRY_RUN
        )

    async def _prepare(self) -> None:
        """Keep at hand what hardly changes, so that neither the first look nor a run waits for it."""
        while True:
            try:
                await self._looker.prepare()
                await self._tools.flatten.prepare()
            except ExchangeError as error:
                log.warning("account %s: the exchange's rules cannot be read: %s", self.name, error)
                await self._clock.sleep(UNPREPARED)
            else:
                await self._clock.sleep(PREPARE_EVERY)

    async def _take_up(self) -> None:
        """Go on with what an earlier life left, as soon as that may be."""
        for run in self._journal.unfinished():
            if run.summary.account == self.name and run.summary.mode == DRY_RUN:
                run.finish("failed", None)
        while True:
            waiting = self._unfinished()
            if waiting and self.armed and self._runner.current is None:
                for older in waiting[:-1]:
                    older.finish("not_flat", None)
                if self._locking.lockout is None:
                    self._locking.lock((), waiting[-1].summary.trigger)
                self._runner.resume(waiting[-1])
            await self._clock.sleep(TAKE_UP_EVERY)

    def _mode(self) -> Mode:
        return self._parts.stance().mode

    def _count(self, outcome: str) -> None:
        self._journal.count(self.name, "requests", outcome)
