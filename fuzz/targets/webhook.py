"""Alertmanager's webhook messages as the enforcer reads them, and the claim in each alert."""

from __future__ import annotations

import json

from fuzz.target import Target, demand
from fuzz.values import shown, sound
from plimsoll_enforcer.decide.claim import claim_of
from plimsoll_enforcer.web.message import FIRING, RESOLVED, BadMessage, read_message

NOW = 1_795_271_912.0


def run(data: bytes) -> None:
    """Read a message; with alerts that are none among its alerts it must say the same.

    Raises:
        Broken: An alert or its claim is not sound, a status is neither, or odd neighbours changed something.
    """
    try:
        alerts = read_message(data, now=NOW)
    except BadMessage as bad:
        shown(bad)
        return
    for alert in alerts:
        demand(alert.status in {FIRING, RESOLVED}, "a status that is none")
        sound(alert, seconds=True)
        sound(claim_of(alert), seconds=True)
    loaded = json.loads(data)
    odd = json.dumps({**loaded, "alerts": [None, 7, *loaded["alerts"], []], "zz": {}}).encode()
    demand(read_message(odd, now=NOW) == alerts, "odd neighbours changed the alerts")


TARGET = Target(
    name="webhook",
    about="webhook messages: only BadMessage; sound alerts and claims; odd neighbours change nothing",
    run=run,
)
