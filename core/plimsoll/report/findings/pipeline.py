"""What Plimsoll itself could not see, so that nobody takes a gap for calm."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.report.curves import Stretch, stretches
from plimsoll.report.findings.making import told
from plimsoll.report.model import Certainty, Finding, Severity
from plimsoll.report.say import clock, counted, lasting
from plimsoll.report.view import UP, View

LEAST = 10.0
"""Seconds; shorter interruptions are what a reconnect takes."""


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    blind = [one for one in dark(view) if one.seconds >= LEAST]
    if blind:
        total = sum(one.seconds for one in blind)
        yield Finding(
            rule="blind",
            sentence=f"For {lasting(total)} in {counted(len(blind), 'interruption')} the account could not be read: "
            "what happened then is known only from orders and the exchange's own history.",
            evidence=tuple(
                told(f"not live for {lasting(one.seconds)}, from {clock(one.since)} UTC on", one.since) for one in blind
            ),
            severity=Severity.WARNING,
            certainty=Certainty.UNKNOWN,
            plain="for a part of the time nobody could see what the account held",
        )


def dark(view: View) -> list[Stretch]:
    """The times in which the account was not live."""
    return stretches(view.curves.one(UP).points, lambda up: up == 0)
