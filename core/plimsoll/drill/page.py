"""``plimsoll drill page``: a test, marked as such, through the running Alertmanager to every channel.

The test takes the way of a real page: Alertmanager's API, its routes, its templates, its secrets. One alert a channel
is posted to every Alertmanager; a channel has delivered when any of them counts a call that the service took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from plimsoll.config.model import Config
from plimsoll.drill.alertmanager import Alert, Api, Count
from plimsoll.drill.result import Result
from plimsoll.errors import DrillFailed
from plimsoll.render.login import read_login

PATIENCE = 30.0
"""Seconds to wait for delivery where nothing else is said."""

POLL = 0.25
LASTS = timedelta(minutes=1)
"""How long the test fires; PagerDuty closes its incident then."""

ALERT = "PlimsollDrill"
SUMMARY = "TEST: nothing has happened, nothing is closed, nothing needs to be done."
TEXT = (
    "This is a test of the channel {channel}, sent by `plimsoll drill page` at {time}. Nothing has happened, no "
    "account is affected, nothing is closed. If you read this, pages reach you here; nothing else needs to be done."
)


def drill_page(
    config: Config,
    channels: Sequence[str],
    *,
    wait: float,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Result, ...]:
    """Send a test through channels and wait until each was taken.

    Args:
        config: Where the Alertmanagers are.
        channels: The names of the channels.
        wait: Seconds to wait for all of them.
        now: The time of day.
        sleep: Waits.
        monotonic: A clock to wait by.

    Raises:
        ConfigError: No Alertmanager or no login is configured.
        SecretError: The password file is unusable.
        DrillFailed: No Alertmanager can be reached.
    """
    login = read_login(config)
    apis = _answering([Api(one.url, login) for one in config.alertmanager])
    on = _on(apis)
    wanted = [name for name in channels if name in on]
    before = {(api, name): api.count(receiver(name)) for api in apis for name in wanted}
    if wanted:
        _post(apis, [drill_alert(name, now()) for name in wanted])
    deadline = monotonic() + wait
    after = before
    while not all(_taken(before, after, apis, name) for name in wanted) and monotonic() < deadline:
        sleep(POLL)
        after = {(api, name): api.count(receiver(name)) for api, name in before}
    return tuple(_result(name, on, before, after, apis) for name in channels)


def receiver(channel: str) -> str:
    """The receiver that has this channel alone."""
    return f"drill-{channel}"


def drill_alert(channel: str, at: datetime) -> Alert:
    """The test for one channel, different from that of any other drill so that it is sent at once."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "labels": {"alertname": ALERT, "severity": "critical", "drill": channel, "sent": stamp},
        "annotations": {
            "summary": SUMMARY,
            "description": TEXT.format(channel=channel, time=at.strftime("%H:%M:%S UTC")),
        },
        "startsAt": at.isoformat(),
        "endsAt": (at + LASTS).isoformat(),
    }


Counts = Mapping[tuple[Api, str], Count]


def _answering(apis: Sequence[Api]) -> dict[Api, Mapping[str, frozenset[str]]]:
    """The Alertmanagers that answer, with their receivers.

    Raises:
        DrillFailed: None does.
    """
    found: dict[Api, Mapping[str, frozenset[str]]] = {}
    faults: list[str] = []
    for api in apis:
        try:
            found[api] = api.receivers()
        except DrillFailed as error:
            faults.append(str(error))
    if not found:
        raise DrillFailed("\n".join(faults))
    return found


def _on(apis: Mapping[Api, Mapping[str, frozenset[str]]]) -> frozenset[str]:
    """The channels that some running Alertmanager has."""
    prefix = receiver("")
    named = [name for receivers in apis.values() for name, integrations in receivers.items() if integrations]
    return frozenset(name.removeprefix(prefix) for name in named if name.startswith(prefix))


def _post(apis: Mapping[Api, object], alerts: Sequence[Alert]) -> None:
    """Hand the alerts to every Alertmanager."""
    for api in apis:
        api.post(alerts)


def _taken(before: Counts, after: Counts, apis: Mapping[Api, object], name: str) -> bool:
    """Whether a service took the test from some Alertmanager."""
    return any(after[api, name].taken > before[api, name].taken for api in apis)


def _result(name: str, on: frozenset[str], before: Counts, after: Counts, apis: Mapping[Api, object]) -> Result:
    """What came of one channel's test."""
    if name not in on:
        text = "not in the running Alertmanager; name its secret files, run plimsoll render, make Alertmanager reload"
        return Result(channel=name, on=False, delivered=False, text=text)
    if _taken(before, after, apis, name):
        return Result(channel=name, on=True, delivered=True, text="the service behind it took the test")
    failed = sum(after[api, name].failed - before[api, name].failed for api in apis)
    text = f"{failed:g} calls failed; Alertmanager's log says why" if failed else _silent(apis)
    return Result(channel=name, on=True, delivered=False, text=text)


def _silent(apis: Mapping[Api, object]) -> str:
    """Why no call was counted."""
    if any(api.counts_by_receiver() for api in apis):
        return "Alertmanager sent nothing in time"
    return "sent, but nobody counts: start Alertmanager with --enable-feature=receiver-name-in-metrics"
