"""``Watch``: one account's breach, re-read until it is confirmed or over. One watch an account, however many alerts.

What the re-reads come to is decided in ``decide``; what follows from it is done by whoever made the watch.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, DrawdownRule
from plimsoll.errors import ExchangeError
from plimsoll.pause import pause
from plimsoll_enforcer.decide.claim import Claim, claim_of
from plimsoll_enforcer.decide.decision import Act, Course, Decision, Outcome, Policy, decide, failed, looked
from plimsoll_enforcer.decide.evidence import claims_breach, outlived, weigh
from plimsoll_enforcer.decide.reads import Reads
from plimsoll_enforcer.decide.told import Told, live_only
from plimsoll_enforcer.desk import Alert, AuditLine
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.values import Breach
from plimsoll_enforcer.watching.around import Around, Found, Look
from plimsoll_enforcer.watching.exporter import Exporter
from plimsoll_enforcer.watching.looker import Looker
from plimsoll_enforcer.watching.taking import better, firing, rule_of

log = logging.getLogger(__name__)

EVERY, LONGEST = 2.0, 30.0
"""Seconds between two re-reads, and how long a contradicted breach's become, doubled from one to the next."""

SOON = 1.0
"""Seconds between two tries while the account cannot be read, or one look alone says that its limit is crossed."""

AT_LEAST = 300.0
"""Seconds for which a breach is watched, though it was resolved."""

LOOK_TIMEOUT = 4.0
"""Real seconds that one re-read may take."""

KEPT_LINES = 60
"""Lines about re-reads that a run's audit begins with."""


class Watch:
    """Watches one account.

    Args:
        config: The account.
        looker: Re-reads it.
        exporter: May tell what it holds.
        policy: What may be done without a re-read.
        around: Those around it.
        journal: Keeps what is watched.
        clock: Time.
    """

    def __init__(
        self,
        config: AccountConfig,
        looker: Looker,
        exporter: Exporter,
        policy: Policy,
        around: Around,
        *,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._config, self._looker, self._exporter = config, looker, exporter
        self._policy, self._around, self._journal, self._clock = policy, around, journal, clock
        self._news = asyncio.Event()
        self._courses: dict[str, Course] = {}
        self._audit: deque[AuditLine] = deque(maxlen=KEPT_LINES)
        self._counted: set[str] = set()
        self._told_last: dict[str, Outcome] = {}
        self._pause = EVERY

    @property
    def since(self) -> float | None:
        """Unix time since which a breach is watched; ``None`` where none is."""
        breach = self._journal.breaches().get(self._config.name)
        return None if breach is None else breach.began_at

    def take(self, alert: Alert) -> bool:
        """Take an alert on, or what it says anew; whether its breach was not watched before."""
        name, rule = self._config.name, alert.labels.get("rule", "")
        known = self._journal.breaches().get(name)
        breach = known or Breach(account=name, began_at=self._clock.now(), claims={})
        kept = better(breach.claims.get(rule), alert)
        new = rule not in breach.claims or breach.claims[rule].status != kept.status
        if kept != breach.claims.get(rule):
            self._journal.watch(replace(breach, claims={**breach.claims, rule: kept}))
        if new:
            self._pause = EVERY
        if new or self._worsened(breach.claims.get(rule), kept):
            self._news.set()
        return rule not in breach.claims

    def _worsened(self, before: Alert | None, after: Alert) -> bool:
        """Whether a newer look of the sender found the limit crossed: no pause after a contradiction holds it up."""
        rule = rule_of(after, self._config)
        if before is None or rule is None:
            return False
        return claims_breach(claim_of(after), rule) and claim_of(after).equity_usd != claim_of(before).equity_usd

    def resolve(self, alert: Alert) -> None:
        """An alert no longer fires; its breach is watched on until its time is over."""
        breach = self._journal.breaches().get(self._config.name)
        rule = alert.labels.get("rule", "")
        if breach is not None and rule in breach.claims:
            claims = {**breach.claims, rule: replace(breach.claims[rule], status=alert.status)}
            self._journal.watch(replace(breach, claims=claims))

    def end(self) -> None:
        """Watch no more."""
        self._journal.unwatch(self._config.name)
        self._courses, self._counted, self._told_last, self._pause = {}, set(), {}, EVERY
        self._audit.clear()

    def rehearsed(self) -> None:
        """The dry run has shown what it would do: once is enough."""
        breach = self._journal.breaches().get(self._config.name)
        if breach is not None and not breach.rehearsed:
            self._journal.watch(replace(breach, rehearsed=True))

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            self._news.clear()
            breach = self._journal.breaches().get(self._config.name)
            if breach is None:
                await pause(self._news, EVERY, self._clock)
            elif self._is_over(breach):
                log.warning("account %s: its breach is no longer watched", self._config.name)
                self.end()
            elif self._around.busy():
                await pause(self._news, EVERY, self._clock)
            else:
                await self._round(breach)
                await pause(self._news, max(self._pause, self._around.pace()), self._clock)

    def _is_over(self, breach: Breach) -> bool:
        return not firing(breach.claims) and self._clock.now() - breach.began_at >= AT_LEAST

    async def _round(self, breach: Breach) -> None:
        """One re-read and what follows from it, for every rule of the breach."""
        rules = self._rules(breach)
        if not rules:
            log.warning("account %s: its breach is about no rule that closes now", self._config.name)
            self.end()
            return
        claims = {name: claim_of(breach.claims[name]) for name in rules}
        look = await self._look(claims)
        decisions = {name: self._decided(rule, claims[name], look) for name, rule in rules.items()}
        self._set_pause(decisions)
        await self._follow(breach, rules, decisions, look.reads)

    def _rules(self, breach: Breach) -> dict[str, DrawdownRule]:
        """The rules of now that its alerts are about."""
        found = {name: rule_of(alert, self._config) for name, alert in breach.claims.items()}
        now = self._clock.now()
        return {
            name: rule
            for name, rule in found.items()
            if rule is not None and not outlived(claim_of(breach.claims[name]), rule, now)
        }

    async def _look(self, claims: Mapping[str, Claim]) -> Look:
        """Re-read, and ask the exporter beside it; before it only where the alerts are incomplete."""
        began = self._clock.monotonic()
        asking = asyncio.ensure_future(self._exporter.told(self._config.name))
        try:
            since = _earliest(claim.flows_until for claim in claims.values())
            if since is None:
                since = _earliest(one.flows_until for one in live_only(await asking).values())
            if since is None:
                return Look(began=began, why="the alert is incomplete and the exporter does not answer")
            async with asyncio.timeout(LOOK_TIMEOUT):
                reads = await self._looker.look(since)
            return Look(began=began, reads=reads, told=await asking)
        except ExchangeError as error:
            return Look(began=began, why=str(error))
        except TimeoutError:
            return Look(began=began, why="the exchange did not answer in time")
        finally:
            asking.cancel()

    def _decided(self, rule: DrawdownRule, claim: Claim, look: Look) -> Decision:
        told, live = look.told.get(rule.name), live_only(look.told).get(rule.name)
        weighed = claim if claim.weighs and not _stands(live) else _claim_by(claim, live)
        evidence = None if look.reads is None else weigh(look.reads, weighed, rule, told)
        at, course = self._clock.monotonic(), self._courses.get(rule.name, Course())
        if evidence is None:
            course = failed(course, look.why or "a figure is missing or old", at, began=look.began)
        else:
            course = looked(course, evidence, at)
        self._courses[rule.name] = course
        decision = decide(self._around.mode(), course, claim, self._policy, breach_claimed=claims_breach(claim, rule))
        self._note(rule.name, decision)
        return decision

    def _note(self, rule: str, decision: Decision) -> None:
        text = f"rule {rule}: {decision.reason}"
        self._audit.append(
            AuditLine(at=self._clock.now(), kind="decision", text=text, detail={"outcome": decision.outcome.value})
        )
        if self._told_last.get(rule) is not decision.outcome:
            self._told_last[rule] = decision.outcome
            log.warning("account %s, %s", self._config.name, text)
        if decision.outcome is Outcome.CONTRADICTED:
            self._count("contradicted")
        elif decision.outcome is Outcome.UNVERIFIABLE:
            self._count("held" if decision.act is Act.WATCH else "unverifiable")

    def _count(self, outcome: str) -> None:
        if outcome not in self._counted:
            self._counted.add(outcome)
            self._around.came_to(outcome)

    def _set_pause(self, decisions: Mapping[str, Decision]) -> None:
        if all(decision.outcome is Outcome.CONTRADICTED for decision in decisions.values()):
            self._pause = min(2 * self._pause, LONGEST)
        elif any(_is_soon(self._courses[name], decision) for name, decision in decisions.items()):
            self._pause = SOON
        else:
            self._pause = EVERY

    async def _follow(
        self,
        breach: Breach,
        rules: Mapping[str, DrawdownRule],
        decisions: Mapping[str, Decision],
        reads: Reads | None,
    ) -> None:
        acting = {name: one for name, one in decisions.items() if one.act in {Act.CLOSE, Act.REHEARSE}}
        if not acting or self.since is None:  # it may have been released while it was read
            return
        decision = next(iter(acting.values()))
        if decision.act is Act.REHEARSE and breach.rehearsed:
            return
        found = tuple(rules[name] for name in acting)
        await self._around.act(Found(rules=found, decision=decision, reads=reads, audit=tuple(self._audit)))


def _claim_by(claim: Claim, told: Told | None) -> Claim:
    """An alert by what the exporter holds: one that is incomplete, or tells less than a breach that stands there."""
    if told is None:
        return claim
    return replace(
        claim, reference_usd=told.reference_usd, flows_until=told.flows_until, equity_usd=None, sampled_at=None
    )


def _stands(told: Told | None) -> bool:
    """Whether the exporter holds a breach and can say by which figures."""
    return told is not None and told.breached and None not in {told.reference_usd, told.flows_until}


def _is_soon(course: Course, decision: Decision) -> bool:
    """Whether the next look should not wait."""
    return course.blind_since is not None or (decision.outcome is Outcome.OPEN and course.beyond_since is not None)


def _earliest(times: Iterable[float | None]) -> float | None:
    return min((time for time in times if time is not None), default=None)
