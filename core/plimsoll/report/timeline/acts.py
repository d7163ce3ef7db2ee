"""What people and the enforcer did: runs step by step, the red button, lockouts, flows of money, changed rules."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.report.material import EnforcerRun
from plimsoll.report.model import EntryKind, Severity, SourceName, TimelineEntry
from plimsoll.report.say import lasting, usd
from plimsoll.report.timeline.making import entry
from plimsoll.report.view import View

MOST_STEPS = 500
"""Steps of a run that are told; of a longer one the first and the last."""


def entries(view: View) -> Iterator[TimelineEntry]:
    """All lines of this theme, as far as they are in the period."""
    period = view.material.period
    return (one for one in _all(view) if period.since <= one.time <= period.until)


def _all(view: View) -> Iterator[TimelineEntry]:
    for run in view.material.runs:
        yield from _run(run)
    for press in view.material.buttons:
        for step in press.steps:
            text = f"Red button, {step.kind}: {step.text}"
            severity = Severity.CRITICAL if step.kind == "pressed" else Severity.INFO
            yield entry(step.time, EntryKind.BUTTON, text, SourceName.RED_BUTTON, severity=severity)
    yield from _lockouts(view)
    yield from _money(view)


def _run(run: EnforcerRun) -> Iterator[TimelineEntry]:
    text = f"Enforcement begins, run {run.run_id} ({run.mode}): {run.trigger}"
    yield entry(run.began, EntryKind.ENFORCEMENT, text, SourceName.JOURNAL, severity=Severity.CRITICAL)
    steps = run.steps
    if len(steps) > MOST_STEPS:
        steps = steps[: MOST_STEPS // 2] + steps[-MOST_STEPS // 2 :]
    for step in steps:
        yield entry(step.time, EntryKind.ENFORCEMENT, f"{step.kind}: {step.text}", SourceName.JOURNAL)
    if run.ended is not None:
        flat = "" if run.seconds_to_flat is None else f", flat after {lasting(run.seconds_to_flat)}"
        text = f"Enforcement, run {run.run_id}, has ended: {run.outcome.replace('_', ' ')}{flat}."
        yield entry(run.ended, EntryKind.ENFORCEMENT, text, SourceName.JOURNAL)


def _lockouts(view: View) -> Iterator[TimelineEntry]:
    for lock in view.material.lockouts:
        until = "until released by hand" if lock.until is None else f"for {lasting(lock.until - lock.since)}"
        text = f"The account is locked out {until}: {lock.reason}"
        yield entry(lock.since, EntryKind.ENFORCEMENT, text, SourceName.JOURNAL, until=lock.released)
        if lock.released is not None:
            text = f"The lockout is released by {lock.released_by}: {lock.released_why}"
            yield entry(lock.released, EntryKind.BUTTON, text, SourceName.JOURNAL)


def _money(view: View) -> Iterator[TimelineEntry]:
    for flow in view.material.flows:
        way = "came in" if flow.usd > 0 else "left"
        text = f"{usd(abs(flow.usd))} {way} ({flow.kind}); no profit and no loss."
        yield entry(flow.time_ms / 1000, EntryKind.FLOW, text, SourceName.STATE)
    for line in view.material.audit:
        moved = f" from {line.before or 'nothing'} to {line.after or 'nothing'}"
        text = f"{line.action}{f' {line.rule}' if line.rule else ''}{moved}, by {line.source}: {line.reason}"
        yield entry(line.time, EntryKind.CHANGE, text, SourceName.STATE)
