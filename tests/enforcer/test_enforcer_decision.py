"""The table of decisions: what follows from what the re-reads came to, whatever is configured."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

import breach_scene as scene
from breach_scene import NOW
from plimsoll.config.model import Mode
from plimsoll_enforcer.decide.claim import Claim
from plimsoll_enforcer.decide.decision import Act, Course, Decision, Outcome, Policy, decide, failed, looked
from plimsoll_enforcer.decide.evidence import Evidence, Zone

HOLD = Policy(acts=False, authenticated=True)
ACT = Policy(acts=True, authenticated=True)


def seen(zone: Zone, *, doubt: str = "", conflict: str = "") -> Evidence:
    """A look that found this."""
    used = {Zone.BEYOND: "1.1", Zone.BETWEEN: "0.97", Zone.BELOW: "0.5"}[zone]
    return Evidence(
        zone=zone, used=Decimal(used), equity=Decimal(9000), flows=Decimal(0), doubt=doubt, conflict=conflict
    )


@dataclass
class Case:
    """Looks one after the other, each with its time; ``None`` is one that failed."""

    looks: tuple[tuple[float, Evidence | None], ...] = ()
    mode: Mode | None = Mode.ARMED
    policy: Policy = HOLD
    claim: Claim = field(default_factory=scene.claim)
    claimed: bool = True

    def decided(self) -> Decision:
        """What follows from all of them."""
        course = Course()
        for at, found in self.looks:
            course = failed(course, "no answer", at) if found is None else looked(course, found, at)
        return decide(self.mode, course, self.claim, self.policy, breach_claimed=self.claimed)


BEYOND, BETWEEN, BELOW = seen(Zone.BEYOND), seen(Zone.BETWEEN), seen(Zone.BELOW)
DOUBTED = seen(Zone.BEYOND, doubt="the wallet changed")
CONFLICT = seen(Zone.BEYOND, conflict="the exporter disagrees")
BACKED = replace(BEYOND, backed=True)
BLIND = ((0.0, None), (2.0, None), (5.0, None))

TABLE = {
    "unknown account": (Case(looks=((0, BEYOND),), mode=None), Outcome.UNKNOWN_ACCOUNT, Act.NOTHING),
    "off": (Case(looks=((0, BEYOND),), mode=Mode.OFF), Outcome.OFF, Act.NOTHING),
    "not read yet": (Case(), Outcome.OPEN, Act.WATCH),
    "confirmed at the first look": (Case(looks=((0, BEYOND),)), Outcome.CONFIRMED, Act.CLOSE),
    "confirmed in dry run": (Case(looks=((0, BEYOND),), mode=Mode.DRY_RUN), Outcome.DRY_RUN, Act.REHEARSE),
    "crossed at one look after another that spoke against it": (
        Case(looks=((0, BELOW), (2, BEYOND))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "crossed at two looks too near to one another": (
        Case(looks=((0, BETWEEN), (2, BEYOND), (2.9, BEYOND))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "crossed at two looks after another": (
        Case(looks=((0, BELOW), (2, BEYOND), (3, BEYOND))),
        Outcome.CONFIRMED,
        Act.CLOSE,
    ),
    "crossed, below, and crossed again": (
        Case(looks=((0, BELOW), (2, BEYOND), (3, BELOW), (4, BEYOND))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "hovering at the limit": (
        Case(looks=((0, BETWEEN), (2, BEYOND), (4, BETWEEN), (6, BEYOND))),
        Outcome.CONFIRMED,
        Act.CLOSE,
    ),
    "crossed once, and once long after": (
        Case(looks=((0, BETWEEN), (2, BEYOND), (18, BETWEEN), (20, BEYOND))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "crossed after another look, and for the exporter too": (
        Case(looks=((0, BELOW), (2, BACKED))),
        Outcome.CONFIRMED,
        Act.CLOSE,
    ),
    "a failed look keeps what spoke against it": (
        Case(looks=((0, BELOW), (2, None), (4, BEYOND))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "below once": (Case(looks=((0, BELOW),)), Outcome.OPEN, Act.WATCH),
    "below twice too soon": (Case(looks=((0, BELOW), (0.9, BELOW))), Outcome.OPEN, Act.WATCH),
    "below twice": (Case(looks=((0, BELOW), (1, BELOW))), Outcome.CONTRADICTED, Act.WATCH),
    "below, failed, below": (Case(looks=((0, BELOW), (1, None), (2, BELOW))), Outcome.OPEN, Act.WATCH),
    "below, between, below": (Case(looks=((0, BELOW), (1, BETWEEN), (2, BELOW))), Outcome.OPEN, Act.WATCH),
    "between for long": (Case(looks=((0, BETWEEN), (60, BETWEEN))), Outcome.OPEN, Act.WATCH),
    "contradicted first and true later": (
        Case(looks=((0, BELOW), (2, BELOW), (5, BEYOND), (6, BEYOND))),
        Outcome.CONFIRMED,
        Act.CLOSE,
    ),
    "doubted": (Case(looks=((0, DOUBTED),)), Outcome.OPEN, Act.WATCH),
    "doubted for 14.9 s": (Case(looks=((0, DOUBTED), (14.9, DOUBTED))), Outcome.OPEN, Act.WATCH),
    "doubted for 15 s": (Case(looks=((0, DOUBTED), (15, DOUBTED))), Outcome.CONFIRMED, Act.CLOSE),
    "doubt that ends begins anew": (
        Case(looks=((0, DOUBTED), (10, BETWEEN), (16, DOUBTED))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "below in doubt contradicts nothing": (
        Case(looks=((0, seen(Zone.BELOW, doubt="?")), (2, BELOW))),
        Outcome.OPEN,
        Act.WATCH,
    ),
    "failing for 4.9 s": (Case(looks=((0, None), (4.9, None)), policy=ACT), Outcome.OPEN, Act.WATCH),
    "failing, then seen": (Case(looks=(*BLIND, (6, BEYOND))), Outcome.CONFIRMED, Act.CLOSE),
    "failing: hold": (Case(looks=BLIND), Outcome.UNVERIFIABLE, Act.WATCH),
    "failing: act": (Case(looks=BLIND, policy=ACT), Outcome.UNVERIFIABLE, Act.CLOSE),
    "failing: act, dry run": (
        Case(looks=BLIND, policy=ACT, mode=Mode.DRY_RUN),
        Outcome.UNVERIFIABLE,
        Act.REHEARSE,
    ),
    "failing: act, incomplete": (
        Case(looks=BLIND, policy=ACT, claim=scene.claim(floor_usd="")),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "failing: act, old": (
        Case(looks=BLIND, policy=ACT, claim=scene.claim(sampled_at=f"{NOW - 10:.3f}")),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "failing: act, from the future": (
        Case(looks=BLIND, policy=ACT, claim=scene.claim(sampled_at=f"{NOW + 60:.3f}")),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "failing: act, one sample": (
        Case(looks=BLIND, policy=ACT, claim=scene.claim(samples="1")),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "failing: act, Alertmanager without a password": (
        Case(looks=BLIND, policy=Policy(acts=True, authenticated=False)),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "failing: act, within the limit of now": (
        Case(looks=BLIND, policy=ACT, claimed=False),
        Outcome.UNVERIFIABLE,
        Act.WATCH,
    ),
    "the exporter disagrees": (Case(looks=((0, CONFLICT),)), Outcome.OPEN, Act.WATCH),
    "the exporter disagrees for 5 s": (Case(looks=((0, CONFLICT), (5, CONFLICT))), Outcome.UNVERIFIABLE, Act.WATCH),
    "the exporter agrees again": (
        Case(looks=((0, CONFLICT), (5, CONFLICT), (6, BEYOND))),
        Outcome.CONFIRMED,
        Act.CLOSE,
    ),
}


@pytest.mark.parametrize(("case", "outcome", "act"), TABLE.values(), ids=TABLE.keys())
def test_the_table_of_decisions(case: Case, outcome: Outcome, act: Act) -> None:
    """Each course of looks leads to the outcome and the act of its row, and says why."""
    decision = case.decided()
    assert (decision.outcome, decision.act) == (outcome, act)
    assert decision.reason


def test_reasons_have_the_figures() -> None:
    """Who reads why can judge it: equity and share of the limit."""
    assert "9000.00 USD" in Case(looks=((0, BEYOND),)).decided().reason
    assert "110.00%" in Case(looks=((0, BEYOND),)).decided().reason


def test_a_decision_without_blindness_is_no_unverifiable_one() -> None:
    """The last failing look counts from the first: a look in between begins anew."""
    case = Case(looks=((0, None), (4, BETWEEN), (6, None), (8, None)), policy=ACT)
    assert case.decided().outcome is Outcome.OPEN
