"""``Accounts``: the desk behind the enforcer's doors. It takes breaches on, watches them, runs, locks and releases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Config, Mode
from plimsoll.errors import EnforcerRefused
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import MarketReader
from plimsoll_enforcer.decide.told import live_only
from plimsoll_enforcer.desk import Alert, Figures, Gate, RunDetail, RunSummary, Verdict
from plimsoll_enforcer.journal.journal import DOUBTED, PROBE, Journal
from plimsoll_enforcer.lockout.floors import kept_floors, rebase_rules
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.trading.gateway import WATCHING
from plimsoll_enforcer.watching import taking
from plimsoll_enforcer.watching.account import Account
from plimsoll_enforcer.watching.exporter import Exporter, HttpExporter
from plimsoll_enforcer.watching.looker import WEIGHT
from plimsoll_enforcer.watching.parts import AccountParts, Common, tools_of
from plimsoll_enforcer.watching.shown import figures_of, gate_of
from plimsoll_enforcer.watching.suppressed import Suppressed

log = logging.getLogger(__name__)

RETRY_EVERY = 1.0
"""Seconds between two tries to write what the journal could not."""

MINUTE = 60.0

KEPT_REASONS = 200
"""So many refusals are remembered, so that each is told once."""


class Accounts:
    """Implements ``desk.Desk``; make it inside the running loop, then let it ``work`` for as long as the program lives.

    Args:
        config: The whole configuration: exporter, Alertmanagers, data folders.
        parts: Every configured account, by name.
        market: Unsigned reads that confirm a breach, within the weight of all watching.
        journal: What survives a restart; ``Journal.open`` refuses a second enforcer on the same folder.
        clock: Time.
        exchange_clock: The exchange's time, against which the age of prices is judged.
        weight_limit: The address's request weight a minute, as it stands now.
        exporter: Tells what it holds; ``None`` for the one of the configuration.
    """

    def __init__(
        self,
        config: Config,
        parts: Mapping[str, AccountParts],
        *,
        market: MarketReader,
        journal: Journal,
        clock: Clock,
        exchange_clock: ExchangeClock,
        weight_limit: Callable[[], int],
        exporter: Exporter | None = None,
    ) -> None:
        self._config, self._parts, self._journal, self._clock = config, parts, journal, clock
        self._weight_limit = weight_limit
        self._http = HttpExporter(config.exporter)
        self._exporter: Exporter = exporter or self._http
        managers = config.alertmanager
        common = Common(
            market=market,
            exporter=self._exporter,
            authenticated=bool(managers) and all(item.password_file is not None for item in managers),
            journal=journal,
            clock=clock,
            exchange_clock=exchange_clock,
            pace=self._pace,
        )
        made = {name: (one, tools_of(one)) for name, one in parts.items()}
        self._accounts = {name: Account(one, tools, common) for name, (one, tools) in made.items() if tools is not None}
        self._suppressed = [
            Suppressed(item, armed=self._any_armed, take=self._take_quietly, clock=clock) for item in managers
        ]
        self._told: set[tuple[str, str]] = set()
        self._doubt_lockouts()

    async def work(self) -> None:
        """Take up what an earlier life left, then watch, enforce and keep lockouts until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for account in self._accounts.values():
                    group.create_task(account.run())
                for reader in self._suppressed:
                    group.create_task(steadily("reading silenced alerts", reader.run, self._clock))
                group.create_task(steadily("the journal", self._keep_journal, self._clock))
        finally:
            await self._http.close()

    async def alerts(self, alerts: tuple[Alert, ...]) -> tuple[Verdict, ...]:
        """Take on what a webhook brought; returns once it is durable, or could not be (taken on all the same)."""
        return tuple(self._take_one(alert) for alert in alerts)

    async def flatten(self, account: str, *, reason: str, operator: str) -> str:
        """The red button: begin a run now, whatever the figures say; gives its id, that of the run in progress too.

        Raises:
            EnforcerRefused: The account is not ours, or is in dry run or off.
        """
        return self._found(account).flatten(reason, operator)

    async def release(self, account: str, *, reason: str, operator: str, rebase: bool) -> str:
        """End a lockout, and a run in progress; gives a sentence with the new floor for the operator.

        Raises:
            EnforcerRefused: The account is not ours or not locked, or the rebase cannot be asked for.
        """
        found = self._found(account)
        if not found.releasable:
            raise EnforcerRefused(f"account {account} is not locked out")
        rules = found.locked_rules
        if rebase:
            told = await rebase_rules(self._config, account, rules, reason=reason, operator=operator, clock=self._clock)
        else:
            told = kept_floors(self._config.accounts[account], rules, live_only(await self._exporter.told(account)))
        await found.release(reason=reason, operator=operator, rebased=rebase)
        return f"Account {account} is released. {told}"

    def gate(self, account: str) -> Gate | None:
        """Whether an account may trade; ``None`` for an account that is not ours."""
        found = self._accounts.get(account)
        if found is not None:
            return found.gate()
        if account not in self._parts:
            return None
        lockout = self._journal.lockout(account)
        standing = lockout if lockout is not None and lockout.until > self._clock.now() else None
        return gate_of(standing, doubt="", running=False)

    def runs(self) -> tuple[RunSummary, ...]:
        """The newest 200, newest first."""
        return self._journal.runs()

    def run(self, run_id: str) -> RunDetail | None:
        """One of them whole."""
        return self._journal.run(run_id)

    def figures(self) -> Figures:
        """All figures of now."""
        return Figures(
            accounts={
                name: self._accounts[name].figures()
                if name in self._accounts
                else figures_of(parts.config, parts.stance(), self._journal)
                for name, parts in self._parts.items()
            },
            times_to_flat=tuple(time for account in self._accounts.values() for time in account.times_to_flat),
            journal_failures=self._journal.failures,
            last_probe_at=self._journal.marked(PROBE),
            faults=tuple(self._faults()),
        )

    def _faults(self) -> Iterator[str]:
        """What does not work now and is worked around."""
        if self._journal.failing_since is not None:
            yield "the journal cannot be written: going on from memory"
        if self._journal.doubt:
            yield f"{self._journal.doubt}: nobody knows which accounts had been locked out"
        for reader in self._suppressed:
            if reader.failing:
                yield f"silenced alerts cannot be read from {reader.url}: {reader.failing}"

    def _take_one(self, alert: Alert, *, quiet: bool = False) -> Verdict:
        """Take one alert on; one that we stumble over loses none of those beside it."""
        try:
            verdict = self._take(alert, quiet=quiet)
        except Exception:
            log.exception("an alert could not be taken on")
            return _refused(alert.labels.get("account", ""), "a fault of ours; the log has it")
        if verdict.outcome == "refused":
            self._tell_refused(verdict)
        return verdict

    def _tell_refused(self, verdict: Verdict) -> None:
        """Say each reason once: Alertmanager does not show our answers, and comes again every minute."""
        told = verdict.account, verdict.reason
        if told in self._told:
            return
        if len(self._told) >= KEPT_REASONS:
            self._told.clear()
        self._told.add(told)
        log.error("an alert about account %r is refused: %s", *told)

    def _take(self, alert: Alert, *, quiet: bool = False) -> Verdict:
        """Take one alert on, or say why not."""
        name, enforce = alert.labels.get("account", ""), alert.labels.get("enforce", "")
        if enforce == taking.PROBE:
            self._journal.mark(PROBE, at=alert.arrived_at)
            return Verdict(account=name, outcome="accepted", reason="the probe is noted")
        if name not in self._parts:
            return _refused(name, "no such account is configured")
        if enforce != taking.FLATTEN:
            verdict = _refused(name, "the alert does not ask for anything (label enforce)")
        elif name not in self._accounts:
            stance = self._parts[name].stance()
            verdict = _refused(name, f"enforcement is off{': ' if stance.why else ''}{stance.why}")
        else:
            return self._accounts[name].take(alert, quiet=quiet)
        if not quiet:
            self._journal.count(name, "requests", verdict.outcome)
        return verdict

    async def _take_quietly(self, alerts: tuple[Alert, ...]) -> None:
        for alert in alerts:
            verdict = self._take_one(alert, quiet=True)
            if verdict.outcome == "accepted":
                log.critical("account %s: a breach that the webhook did not bring is taken on", verdict.account)

    def _found(self, account: str) -> Account:
        found = self._accounts.get(account)
        if found is None:
            known = account in self._parts
            raise EnforcerRefused(f"account {account} has no trade key" if known else f"no account {account!r}")
        return found

    def _any_armed(self) -> bool:
        return any(account.armed for account in self._accounts.values())

    def _pace(self) -> float:
        """Seconds between two re-reads of each watched account that keep all of them within their weight."""
        watched = sum(account.watched for account in self._accounts.values())
        return MINUTE * WEIGHT * watched / max(1.0, WATCHING * self._weight_limit())

    def _doubt_lockouts(self) -> None:
        """After a damaged journal the accounts that might have been locked stay closed until a person releases them."""
        if not self._journal.damaged:
            return
        for name in _armed(self._config.accounts.values()):
            if self._journal.lockout(name) is None:
                self._journal.mark(DOUBTED, name)

    async def _keep_journal(self) -> None:
        """Write what waits; what an earlier life left may become known only then, and is taken up by the accounts."""
        while True:
            if self._journal.retry():
                log.critical("the journal can be read now: what an earlier life left is taken up")
            await self._clock.sleep(RETRY_EVERY)


def _armed(accounts: Iterable[AccountConfig]) -> tuple[str, ...]:
    return tuple(account.name for account in accounts if account.enforcement.mode is Mode.ARMED)


def _refused(account: str, reason: str) -> Verdict:
    return Verdict(account=account, outcome="refused", reason=reason)
