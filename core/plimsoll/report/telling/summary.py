"""Five sentences for a person outside the trade: what, when, how much, what ended it, what is open. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from plimsoll.report.curves import value_at
from plimsoll.report.material import EnforcerRun
from plimsoll.report.model import Certainty, Finding, Severity, SourceName, Summary
from plimsoll.report.say import clock, is_some, lasting, listed, moment, share, usd
from plimsoll.report.tables import PositionRow, PositionsAt
from plimsoll.report.view import View

MOST_CLAUSES = 4
"""Causes that one sentence can hold."""

ORDER = (
    "mirror-scale",
    "mirror-refused",
    "orders-refused",
    "forced-close",
    "drawdown-breached",
    "drawdown-near",
    "stop-rejected",
    "stop-not-triggered",
    "stop-passed-by-mark",
    "no-stop",
    "stop-lost",
    "stop-too-small",
    "stop-slipped",
    "leverage-above-limit",
    "margin-low",
    "stops-unknown",
)
"""Which findings tell best what happened, the best first."""


def summary(view: View, findings: Sequence[Finding], positions: Sequence[PositionsAt]) -> Summary:
    """The five sentences."""
    return Summary(
        what=_what(view, findings),
        when=_when(view, findings),
        how_much=_how_much(view),
        what_ended_it=_ended(view, findings),
        what_is_open=_open(view, positions),
    )


def _what(view: View, findings: Sequence[Finding]) -> str:
    told = [one for one in findings if one.plain]
    told.sort(key=lambda one: ORDER.index(one.rule) if one.rule in ORDER else len(ORDER))
    clauses = list(dict.fromkeys(_clause(one, told) for one in told))[:MOST_CLAUSES]
    where = f"the trading account {view.material.account}"
    if clauses:
        return f"In {where} this went wrong: {'; '.join(clauses)}."
    if any(one.certainty is Certainty.UNKNOWN for one in findings):
        return f"What happened in {where} cannot be known from what is left of it."
    return f"Nothing out of the ordinary is on record for {where}."


def _clause(finding: Finding, findings: Sequence[Finding]) -> str:
    """What a finding means in plain words; several positions without a stop are one clause."""
    if finding.rule != "no-stop":
        return finding.plain
    symbols = dict.fromkeys(one.symbol for one in findings if one.rule == finding.rule)
    return f"no stop order at the exchange limited the loss on {listed(list(symbols))}"


def _when(view: View, findings: Sequence[Finding]) -> str:
    period = view.material.period
    grave = [
        one.time
        for finding in findings
        if finding.severity is not Severity.INFO and finding.plain
        for one in finding.evidence
        if one.time is not None
    ]
    first = max(min(grave, default=period.since), period.since)
    worst = view.worst
    if not grave:
        return f"This report is about the time from {moment(period.since)} to {moment(period.until)}."
    start = view.start
    before = start is not None and first <= start.time + view.material.step
    began = f"It was already so when the record begins, at {moment(max(first, start.time))}" if before and start else ""
    said = began or f"It began at {moment(first)}"
    if worst is None or worst.time <= first or (start is not None and not is_some(start.value - worst.value)):
        return f"{said}; the report ends at {clock(period.until)} UTC."
    return f"{said}, and was at its worst at {clock(worst.time)} UTC."


def _how_much(view: View) -> str:
    start, worst, end = view.start, view.worst, view.end
    if start is None or worst is None or end is None:
        return "How much was lost cannot be known: what the account was worth is on no record."
    change = end.value - start.value
    most = start.value - worst.value
    of = f" ({share(abs(change) / start.value)})" if start.value > 0 else ""
    gained = f"a {'loss' if change < 0 else 'gain'} of {usd(abs(change))}{of}" if is_some(change) else "no change"
    deepest = f"; at the worst moment {_deepest(view, most, worst.value)}" if is_some(most) and most > -change else ""
    said = f"The account was worth {usd(start.value)} at first and {usd(end.value)} at the end"
    return f"{said}, {gained}{_flows(view, change)}{deepest}."


def _deepest(view: View, most: Decimal, worst: Decimal) -> str:
    """What was lost at most; where money came or left that is not known, only what was there."""
    return f"it was worth {usd(worst)}" if view.material.flows else f"{usd(most)} were lost"


def _flows(view: View, change: Decimal) -> str:
    """What was paid in or taken out: a part of the change of equity, or against it."""
    moved = sum((flow.usd for flow in view.material.flows), Decimal(0))
    if not is_some(moved):
        return ""
    joint = "of which" if moved * change > 0 and abs(moved) <= abs(change) else "while"
    return f", {joint} {usd(abs(moved))} were {'paid in' if moved > 0 else 'taken out'}"


def _ended(view: View, findings: Sequence[Finding]) -> str:
    real = [run for run in view.material.runs if run.mode != "dry-run"]
    if real:
        return _enforced(real[0])
    if view.material.buttons:
        at = clock(view.material.buttons[0].steps[0].time)
        return f"Somebody ended it by pressing the emergency button at {at} UTC, which closes everything."
    if view.material.runs:
        return "Nothing ended it: the automatic emergency close was only set to rehearse, and closed nothing."
    return _by_itself(view, findings)


def _by_itself(view: View, findings: Sequence[Finding]) -> str:
    """What ended it where neither the enforcer nor a person closed anything."""
    if any(one.rule == "forced-close" for one in findings):
        return "The exchange itself closed positions."
    closed = [one for one in view.holdings if one.ended is not None]
    if closed and len(closed) == len(view.holdings):
        return f"It ended when the last position was closed, by {clock(max(one.ended or 0 for one in closed))} UTC."
    if not view.has(SourceName.JOURNAL) and not view.has(SourceName.PROMETHEUS):
        return "What ended it, if anything did, cannot be known."
    return "Nothing has ended it: the positions were still open when this report ends."


def _enforced(run: EnforcerRun) -> str:
    who = "a person pressed the emergency button, and everything" if run.mode == "manual" else (
        "the automatic emergency close stepped in, and everything"
    )  # fmt: skip
    if run.outcome == "flat" and run.seconds_to_flat is not None:
        return f"It ended at {clock(run.began)} UTC when {who} was closed within {lasting(run.seconds_to_flat)}."
    return f"At {clock(run.began)} UTC {who} was to be closed, which has not succeeded."


def _open(view: View, positions: Sequence[PositionsAt]) -> str:
    end = positions[-1]
    if end.rows is None:
        return "What is still open cannot be known."
    locked = _locked(view)
    if not end.rows:
        return f"At the end nothing was open{locked}."
    held = listed([_position(row) for row in end.rows])
    bare = [row.symbol for row in end.rows if row.coverage == 0]
    unknown = [row.symbol for row in end.rows if row.coverage is None]
    risk = ""
    if bare:
        risk = f"; no stop order at the exchange limits the loss on {listed(bare)}"
    elif unknown:
        risk = f"; what limits the loss on {listed(unknown)} is not known"
    return f"At the end the account still held {held}{risk}{locked}."


def _position(row: PositionRow) -> str:
    worth = "" if row.notional is None else f", {usd(row.notional)}"
    return f"{row.symbol} ({'bet on rising' if row.side == 'long' else 'bet on falling'}{worth})"


def _locked(view: View) -> str:
    standing = [one for one in view.material.lockouts if one.released is None]
    told = view.curves.one("plimsoll_enforcer_lockout_until_timestamp_seconds").points
    if standing or value_at(told, view.material.period.until) is not None:
        return ", and the account is locked: whatever is opened is closed again"
    return ""
