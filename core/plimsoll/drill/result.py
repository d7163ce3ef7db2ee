"""What came of a drill, channel by channel, as values and as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.table import table

LOOK = "Taken by a service is not read by a person: look whether the test is on every phone it is meant for."


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of the test of one channel.

    Attributes:
        channel: Its name.
        on: Whether the running Alertmanager has it.
        delivered: Whether the service behind it took the test.
        text: What a person should know.
    """

    channel: str
    on: bool
    delivered: bool
    text: str


def describe_results(results: Sequence[Result]) -> str:
    """The results as a table, with what is left to a person."""
    rows = [[one.channel, _state(one), one.text] for one in results]
    shown = table(("CHANNEL", "TEST", "REMARK"), rows)
    if not any(one.on for one in results):
        return f"{shown}\n\nNOTHING WAS SENT: no channel is on."
    return f"{shown}\n\n{LOOK}"


def _state(one: Result) -> str:
    if not one.on:
        return "off"
    return "delivered" if one.delivered else "FAILED"
