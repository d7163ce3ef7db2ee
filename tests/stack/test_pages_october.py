"""October, paged for real: what PagerDuty and Telegram are told, alert by alert, while a mirror ruins an account.

Simulator, exporter, Prometheus and Alertmanager run as shipped; nobody enforces. Both lanes tell.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from page_receivers import Call
from paging_stage import MONEY_TICK, Stage, Told, news, paging_stage, says
from plimsoll_simulator.scenarios.october_mirror import FALL_BEGINS, GAP_AT, SELL_AT

CRITICAL = "critical"
PAGES = [
    ("AccountLeverageAboveLimit", "eon", "", CRITICAL),
    ("SymbolLeverageAboveLimit", "eon", "BTCUSDT", CRITICAL),
    ("MirrorDrift", "eon", "BTCUSDT", CRITICAL),
    ("InsufficientMarginRejection", "eon", "", CRITICAL),
    ("MirrorDrift", "eon", "ETHUSDT", CRITICAL),
    ("PositionUnprotected", "eon", "BTCUSDT", CRITICAL),
    ("PositionUnprotected", "eon", "ETHUSDT", CRITICAL),
    ("CloseOrderRejected", "eon", "", CRITICAL),
    ("DrawdownNearLimit", "eon", "tmad", "warning"),
    ("AvailableMarginLow", "eon", "", CRITICAL),
    ("DrawdownNearLimit", "eon", "tmad", CRITICAL),
    ("DrawdownLimitBreached", "eon", "tmad", CRITICAL),
]
"""All that is told, in the order in which it begins."""

IN_TURN = [name for name in PAGES if name[2] != "ETHUSDT"]
"""Those that begin a message of their own; the others join one and come with its next, up to ``MONEY_TICK`` later."""

SAID = {
    "MirrorDrift": "MirrorDrift",
    "InsufficientMarginRejection": "InsufficientMarginRejection",
    "PositionUnprotected": "PositionUnprotected-telegram",
    "CloseOrderRejected": "CloseOrderRejected",
    "DrawdownLimitBreached": "DrawdownLimitBreached",
}
"""What Telegram is told first of an alert: the file of its message, markup aside."""

NEARLY, LOW, NEAR, OVER = FALL_BEGINS + 58, FALL_BEGINS + 65, FALL_BEGINS + 78, GAP_AT + 1
"""Seconds: 60 % of the limit used, hardly any margin available, 80 % used, the floor passed."""


async def tell(stage: Stage) -> None:
    """Play October; the story stands still until each of its pages has come."""
    await stage.play(20)
    await stage.until_told("AccountLeverageAboveLimit", "SymbolLeverageAboveLimit", "MirrorDrift BTCUSDT")
    await asyncio.sleep(5)  # the mirror bought ETH twenty seconds after BTC; nearer together both would count as new
    await stage.play(40)
    await stage.until_told("InsufficientMarginRejection")
    await stage.play(80)
    await stage.until_told("MirrorDrift ETHUSDT", "PositionUnprotected BTCUSDT", "PositionUnprotected ETHUSDT")
    for second, name in (
        (SELL_AT, "CloseOrderRejected"),
        (NEARLY, "DrawdownNearLimit warning"),
        (LOW, "AvailableMarginLow"),
        (NEAR, "DrawdownNearLimit critical"),
        (OVER, "DrawdownLimitBreached"),
    ):
        await stage.play(second)
        await stage.until_told(name)
    await stage.settle()


async def test_october_pages_what_it_must_once_and_in_order(prometheus: Path, alertmanager: Path, tmp_path: Path):
    """Every page of October: to whom, in which order, once, and in words that answer what somebody woken asks."""
    async with paging_stage("october-mirror", tmp_path, alertmanager, prometheus) as stage:
        await tell(stage)
        held = {one["labels"]["alertname"]: one for one in stage.alertmanager.alerts()}
        messages = stage.told()
        telegram, pagerduty = stage.messages("telegram"), stage.messages("pagerduty")
        assert stage.others("pagerduty") == []
        ordered = [call for call in stage.services.accepted("enforcer") if "flatten" in str(call.body["commonLabels"])]
    check_order(messages)
    check_channels(telegram, pagerduty)
    check_texts(telegram)
    for name in ("MirrorDrift", "PositionUnprotected"):
        check_joined(messages, telegram, name)
    check_enforcer(ordered)
    assert "closes 2, entries 7, unknown 0." in held["InsufficientMarginRejection"]["annotations"]["description"]
    assert "closes refused so far: 2," in held["CloseOrderRejected"]["annotations"]["description"]


def check_order(messages: Sequence[Sequence[Told]]) -> None:
    """Exactly the expected alerts, each new once; no message without something new, none about an end."""
    told = news(messages)
    assert sorted(one.name for message in told for one in message) == sorted(PAGES)
    assert [len(message) for message in told] == [1] * len(PAGES)
    assert all(one.firing for message in messages for one in message)
    in_turn = [one for (one,) in told if one.name in IN_TURN]
    assert [one.starts_at for one in in_turn] == sorted(one.starts_at for one in in_turn)
    # Account and symbol leverage are of one evaluation, and the mirror's drift began when they did.
    assert sorted(one.name for one in in_turn[:3]) == sorted(IN_TURN[:3])
    assert [one.name for one in in_turn[3:]] == IN_TURN[3:]


def check_channels(telegram: Sequence[str], pagerduty: Sequence[str]) -> None:
    """Telegram gets all, PagerDuty what is critical; both the same titles."""
    assert sorted(title_of(text) for text in telegram) == sorted(title(name) for name in PAGES)
    heads = [text.split("\n")[0] for text in pagerduty]
    assert all(head.startswith("trigger CRITICAL: ") for head in heads)
    critical = sorted(name for name, _, _, severity in PAGES if severity == CRITICAL)
    assert sorted(head.split(": ")[1].split(",")[0] for head in heads) == critical
    assert "trigger CRITICAL: MirrorDrift, account eon, BTCUSDT" in heads
    assert "trigger CRITICAL: MirrorDrift, account eon (2 alerts)" in heads
    assert "trigger CRITICAL: PositionUnprotected, account eon, BTCUSDT long" in heads
    assert "trigger CRITICAL: DrawdownLimitBreached, account eon, rule tmad" in heads


def title(name: tuple[str, str, str, str]) -> tuple[str, str]:
    """What a message of an alert begins with: severity and name."""
    return name[3].upper(), name[0]


def title_of(text: str) -> tuple[str, str]:
    """The same, of a Telegram message."""
    _, severity, name = text.split("\n", 1)[0].split(" ")
    return severity, name


def check_texts(telegram: Sequence[str]) -> None:
    """What the gravest messages say, to the last word."""
    for name, file in SAID.items():
        text = next(text for text in telegram if title_of(text)[1] == name)
        assert says(text, file), text


def check_joined(messages: Sequence[Sequence[Told]], telegram: Sequence[str], name: str) -> None:
    """Of the second position of an alert it is said that it is new; the first one, told before, is a line."""
    _, text = (text for text in telegram if f"{name}\n" in text)
    ((btc, eth),) = (message for message in messages if len(message) > 1 and message[0].alert == name)
    assert text.split("\n")[1] == "Account eon"
    assert re.search(r"\nNEW since \S+ UTC Account eon[^\n]* ETHUSDT [^\n]* DRY RUN: nothing will be closed", text), (
        text
    )
    line = re.search(r"\nstill reported, since \S+ UTC: BTCUSDT( long)?\n", text)
    assert (line is not None) == (eth.starts_at - btc.starts_at > MONEY_TICK + 1), text
    assert text.count("Account eon") == (2 if line else 3), text


def check_enforcer(ordered: Sequence[Call]) -> None:
    """The enforcer is told of the breach alone, by itself, with all that it reads."""
    ((alert,),) = (call.body["alerts"] for call in ordered)
    assert alert["labels"]["alertname"] == "DrawdownLimitBreached"
    assert (alert["annotations"]["floor_usd"], alert["annotations"]["reference_usd"]) == (
        "45000.000000",
        "50000.000000",
    )
    assert float(alert["annotations"]["equity_usd"]) < 45000
    assert int(alert["annotations"]["samples"]) >= 2
