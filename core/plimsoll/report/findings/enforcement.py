"""What the enforcer and the red button did about it, and what they did not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.report.curves import growth
from plimsoll.report.findings.drawdown import breached, rules
from plimsoll.report.findings.making import told, unknown
from plimsoll.report.material import ButtonRun, EnforcerRun
from plimsoll.report.model import Evidence, Finding, Severity, SourceName
from plimsoll.report.say import clock, counted, lasting, listed, quantity, usd
from plimsoll.report.view import View

MODE = "plimsoll_enforcer_mode_info"

LATE = 30.0
"""Seconds after which a run that is not flat has not succeeded, though it goes on."""


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    for run in view.material.runs:
        yield _dry(run) if run.mode == "dry-run" else _real(view, run)
    yield from (_button(press) for press in view.material.buttons)
    if not view.material.runs:
        yield from _nothing(view)
    yield from _reclosed(view)


def _real(view: View, run: EnforcerRun) -> Finding:
    who = "An operator's press of the red button" if run.mode == "manual" else "The enforcer"
    if run.outcome == "flat" and run.seconds_to_flat is not None:
        flat_at = run.began + run.seconds_to_flat
        equity = view.equity_after(flat_at)
        worth = "" if equity is None else f"; equity was then {usd(equity.value)}"
        seconds = lasting(run.seconds_to_flat)
        return Finding(
            rule="enforced",
            sentence=f"{who} closed everything within {seconds} from {clock(run.began)} UTC on{worth}.",
            evidence=(*_trigger(run), *_closed(run)),
            severity=Severity.INFO,
        )
    if run.outcome == "running" and view.material.period.until - run.began < LATE:
        return Finding(
            rule="enforcement-running",
            sentence=f"{who} began to close everything at {clock(run.began)} UTC and was at it when this report ends.",
            evidence=_trigger(run),
            severity=Severity.INFO,
        )
    state = {"running": "has not ended", "not_flat": "ended before everything was closed"}.get(run.outcome, "failed")
    left = "" if run.residual is None else f": {usd(run.residual)} were left open"
    return Finding(
        rule="enforcement-failed",
        sentence=f"{who} began to close everything at {clock(run.began)} UTC and {state}{left}.",
        evidence=(*_trigger(run), *_closed(run)),
        severity=Severity.CRITICAL,
        plain="the emergency close did not succeed",
    )


def _dry(run: EnforcerRun) -> Finding:
    would = [step.text for step in run.steps if step.kind.startswith("would-close")]
    what = f"; it would have closed {listed([one.symbol for one in run.positions])}" if run.positions else ""
    return Finding(
        rule="dry-run",
        sentence=f"The enforcer answered at {clock(run.began)} UTC in dry run and closed nothing{what}.",
        evidence=(*_trigger(run), *(told(text, run.began, SourceName.JOURNAL) for text in would)),
        severity=Severity.CRITICAL,
        plain="the automatic emergency close was only rehearsing and closed nothing",
    )


def _trigger(run: EnforcerRun) -> tuple[Evidence, ...]:
    return (told(f"run {run.run_id}, {run.mode}: {run.trigger}", run.began, SourceName.JOURNAL),)


def _closed(run: EnforcerRun) -> tuple[Evidence, ...]:
    at = run.ended or run.began
    return tuple(
        told(f"{one.symbol}: {quantity(one.closed)} closed, {quantity(one.left)} left", at, SourceName.JOURNAL)
        for one in run.positions
    )


def _button(press: ButtonRun) -> Finding:
    first, last = press.steps[0], press.steps[-1]
    why = next((step.text for step in press.steps if step.kind == "pressed"), "")
    flat = next((step for step in press.steps if step.kind in {"flat", "confirmed"}), None)
    after = f" and was flat after {lasting(flat.time - first.time)}" if flat else " and was not seen flat"
    return Finding(
        rule="red-button",
        sentence=f"Somebody pressed the red button at {clock(first.time)} UTC{f' ({why})' if why else ''}{after}.",
        evidence=(
            told(f"{first.kind}: {first.text}", first.time, SourceName.RED_BUTTON),
            told(f"{last.kind}: {last.text}", last.time, SourceName.RED_BUTTON),
        ),
        severity=Severity.INFO if flat else Severity.CRITICAL,
    )


def _nothing(view: View) -> Iterator[Finding]:
    """A breach that nobody answered, or of which that cannot be known."""
    breaches = [(rule, at) for rule in rules(view) if (at := breached(view, rule)) is not None]
    if not breaches:
        return
    rule, at = breaches[0]
    if not view.has(SourceName.JOURNAL):
        sentence = f"Whether the enforcer did anything after the breach of {rule} cannot be known."
        yield unknown(view, "not-enforced", sentence, SourceName.JOURNAL)
        return
    modes = [curve.labels.get("mode", "") for curve in view.curves.all(MODE)]
    why = f"it was {listed(modes)}" if modes else "it was not seen running"
    yield Finding(
        rule="not-enforced",
        sentence=f"No run of the enforcer followed the breach of {rule}: {why}.",
        evidence=(told(f"rule {rule} breached", at.time), told("no run in the period", source=SourceName.JOURNAL)),
        severity=Severity.CRITICAL,
        plain="no automatic emergency close followed",
    )


def _reclosed(view: View) -> Iterator[Finding]:
    points = view.curves.one("plimsoll_enforcer_lockout_recloses_total").points
    again = growth(points) if points else Decimal(0)
    if again:
        yield Finding(
            rule="reopened-in-lockout",
            sentence="Something went on trading while the account was locked: the enforcer closed "
            f"{counted(int(again), 'newly opened position')} again.",
            evidence=(told(f"plimsoll_enforcer_lockout_recloses_total grew by {again}"),),
            severity=Severity.CRITICAL,
            plain="something kept trading after the emergency close",
        )
