"""What is to be done about a breach, from the evidence alone. Pure: no clock, no I/O, no memory but ``Course``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from plimsoll.config.model import Mode
from plimsoll_enforcer.decide.claim import Claim
from plimsoll_enforcer.decide.evidence import Evidence, Zone

BLIND = 5.0
"""Seconds of failing re-reads, or of an exporter that disagrees, after which a breach is unverifiable."""

PATIENCE = 15.0
"""Seconds that a doubt is waited for; then the figures count as they are."""

APART = 1.0
"""Seconds between the two re-reads that contradict a breach, or confirm one that a re-read has spoken against."""


class Outcome(StrEnum):
    """What is known of a breach."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNVERIFIABLE = "unverifiable"
    OPEN = "open"
    """Neither: it is read again."""
    OFF = "off"
    DRY_RUN = "dry-run"
    """Confirmed, and only rehearsed."""
    UNKNOWN_ACCOUNT = "unknown account"


class Act(StrEnum):
    """What follows."""

    NOTHING = "nothing"
    WATCH = "watch"
    REHEARSE = "rehearse"
    CLOSE = "close"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """An outcome, what follows from it, and why, in words."""

    outcome: Outcome
    act: Act
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What may be done without a look of our own.

    Attributes:
        acts: ``on_unverifiable: act``.
        authenticated: Every Alertmanager asks for a password.
    """

    acts: bool
    authenticated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What the re-reads of one claim have come to. Times are monotonic seconds.

    Attributes:
        evidence: Of the last look; ``None`` where it failed, or before the first.
        why: In words why the last look failed or is not believed.
        blind_since: Since when no look could be used.
        doubt_since: Since when looks are doubted.
        below_since: Since when every look that could be used found the account clearly below the limit.
        spoken_against: A look that could be used has found the limit not crossed: the alert alone no longer counts.
        beyond_since: Since when looks found it crossed, none clearly below in between.
        at: Of the last look.
    """

    evidence: Evidence | None = None
    why: str = "not read yet"
    blind_since: float | None = None
    doubt_since: float | None = None
    below_since: float | None = None
    spoken_against: bool = False
    beyond_since: float | None = None
    at: float = 0.0


def failed(course: Course, why: str, at: float, *, began: float | None = None) -> Course:
    """A look that could not be used; what was below before must be seen again.

    Args:
        course: Before it.
        why: In words.
        at: Its end.
        began: Its beginning, where that was earlier: we were blind since then.
    """
    since = (at if began is None else began) if course.blind_since is None else course.blind_since
    return replace(course, evidence=None, why=why, blind_since=since, below_since=None, at=at)


def looked(course: Course, found: Evidence, at: float) -> Course:
    """A look that could be used."""
    if found.conflict:
        return failed(course, found.conflict, at)
    doubt_since = (at if course.doubt_since is None else course.doubt_since) if found.doubt else None
    doubted = doubt_since is not None and at - doubt_since < PATIENCE
    below = found.zone is Zone.BELOW and not doubted
    return Course(
        evidence=found,
        why=found.doubt if doubted else "",
        doubt_since=doubt_since,
        below_since=(at if course.below_since is None else course.below_since) if below else None,
        spoken_against=course.spoken_against or not (doubted or found.zone is Zone.BEYOND),
        beyond_since=_beyond_since(course, found.zone, at),
        at=at,
    )


def _beyond_since(course: Course, zone: Zone, at: float) -> float | None:
    """Since when the limit is found crossed; an account that hovers at it for a moment does not begin anew."""
    known = course.beyond_since
    if zone is Zone.BEYOND:
        return at if known is None else known
    return known if zone is Zone.BETWEEN and known is not None and at - known < PATIENCE else None


def decide(mode: Mode | None, course: Course, claim: Claim, policy: Policy, *, breach_claimed: bool) -> Decision:
    """What is to be done now.

    Args:
        mode: What is really in force; ``None`` for an account that is not ours.
        course: What the re-reads have come to.
        claim: What the alert says.
        policy: What may be done without a look.
        breach_claimed: The claim's own figures are beyond the limit of now.
    """
    if mode is None:
        return Decision(outcome=Outcome.UNKNOWN_ACCOUNT, act=Act.NOTHING, reason="no such account is configured")
    if mode is Mode.OFF:
        return Decision(outcome=Outcome.OFF, act=Act.NOTHING, reason="enforcement is off for this account")
    if course.blind_since is not None:
        return _blind(mode, course, claim, policy, breach_claimed=breach_claimed)
    if course.evidence is None or course.why:
        return Decision(outcome=Outcome.OPEN, act=Act.WATCH, reason=course.why)
    return _seen(mode, course, course.evidence)


def _seen(mode: Mode, course: Course, found: Evidence) -> Decision:
    told = f"equity is {found.equity:.2f} USD, {found.used:.2%} of the limit used"
    if found.zone is Zone.BEYOND:
        if _may_be_one_price(course, found):
            return Decision(outcome=Outcome.OPEN, act=Act.WATCH, reason=f"crossed since this look: {told}; read again")
        return _close(mode, f"confirmed: {told}")
    if course.below_since is not None and course.at - course.below_since >= APART:
        return Decision(outcome=Outcome.CONTRADICTED, act=Act.WATCH, reason=f"contradicted: {told}")
    return Decision(outcome=Outcome.OPEN, act=Act.WATCH, reason=f"neither confirmed nor contradicted: {told}")


def _may_be_one_price(course: Course, found: Evidence) -> bool:
    """Whether one look alone says so: an earlier one spoke against the alert, and the exporter holds no breach."""
    alone = course.spoken_against and not found.backed
    return alone and (course.beyond_since is None or course.at - course.beyond_since < APART)


def _blind(mode: Mode, course: Course, claim: Claim, policy: Policy, *, breach_claimed: bool) -> Decision:
    if course.blind_since is None or course.at - course.blind_since < BLIND:
        return Decision(outcome=Outcome.OPEN, act=Act.WATCH, reason=f"cannot be verified yet: {course.why}")
    held = _why_held(claim, policy, breach_claimed=breach_claimed)
    if held:
        reason = f"cannot be verified ({course.why}); held: {held}"
        return Decision(outcome=Outcome.UNVERIFIABLE, act=Act.WATCH, reason=reason)
    decision = _close(mode, f"cannot be verified ({course.why}); the alert's own figures are acted on")
    return replace(decision, outcome=Outcome.UNVERIFIABLE)


def _why_held(claim: Claim, policy: Policy, *, breach_claimed: bool) -> str:
    """Why an alert is not acted on unseen; empty where it is."""
    if not policy.acts:
        return "on_unverifiable is hold"
    if not policy.authenticated:
        return "an Alertmanager without a password is not believed"
    if not claim.complete:
        return "the alert is incomplete"
    if not claim.fresh:
        return "the alert's figures were old when they arrived, or clocks disagree"
    if not claim.believed:
        return "the alert rests on fewer than two samples"
    return "" if breach_claimed else "the alert's figures are within the limit of now"


def _close(mode: Mode, reason: str) -> Decision:
    if mode is Mode.ARMED:
        return Decision(outcome=Outcome.CONFIRMED, act=Act.CLOSE, reason=reason)
    return Decision(outcome=Outcome.DRY_RUN, act=Act.REHEARSE, reason=reason)
