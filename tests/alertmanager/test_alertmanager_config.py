"""The rendered configuration under Alertmanager's own checker: sound, and every kind of alert goes where it must."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Mapping
from itertools import chain, combinations
from pathlib import Path

import pytest
import yaml

from alerting_files import alerting_config
from plimsoll.render.channels import CHANNELS
from plimsoll.render.command import render

STRICT = "--enable-feature=utf8-strict-mode"
CONFIG = Path("alertmanager", "rendered", "alertmanager.yml")
ALL = (*CHANNELS, "enforcer")
SUBSETS = list(chain.from_iterable(combinations(ALL, size) for size in range(len(ALL) + 1)))
BREACH = {"alertname": "DrawdownLimitBreached", "account": "eon", "rule": "tmad"}
CRITICAL = {"severity": "critical"}
JOINED = ["alertname", "account", "rule", "symbol", "side"]
MONEY = {**CRITICAL, "lane": "money"}
EVENTS = (
    "InsufficientMarginRejection",
    "CloseOrderRejected",
    "ProtectiveOrderRejected",
    "MarginCall",
    "ForcedClose",
    "EnforcementRan",
)


def check(amtool: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Alertmanager's checker."""
    return subprocess.run(  # noqa: S603 - a program of our own cache
        [amtool, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with every channel on."""
    folder = tmp_path_factory.mktemp("rendered")
    render(alerting_config(folder), folder)
    return folder / CONFIG


def receivers(amtool: Path, rendered: Path, labels: Mapping[str, str]) -> str:
    """Where an alert goes, as the checker says."""
    pairs = [f"{name}={value}" for name, value in labels.items()]
    done = check(amtool, "config", "routes", "test", f"--config.file={rendered}", STRICT, *pairs)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("without", SUBSETS, ids=lambda names: "+".join(names) or "none")
def test_the_configuration_is_sound(without: Collection[str], amtool: Path, tmp_path: Path):
    """Whichever secrets are missing, Alertmanager takes what is rendered, in its strict mode."""
    render(alerting_config(tmp_path, without=without), tmp_path)
    done = check(amtool, "check-config", STRICT, tmp_path / CONFIG)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("without", SUBSETS, ids=lambda names: "+".join(names) or "none")
def test_routes_do_not_depend_on_secrets(without: Collection[str], rendered: Path, tmp_path: Path):
    """For every combination of missing secrets routes, inhibitions and names of receivers are the same."""
    render(alerting_config(tmp_path, without=without), tmp_path)
    less, full = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (tmp_path / CONFIG, rendered))
    assert (less["route"], less["inhibit_rules"]) == (full["route"], full["inhibit_rules"])
    assert [one["name"] for one in less["receivers"]] == [one["name"] for one in full["receivers"]]
    page = next(one for one in less["receivers"] if one["name"] == "page")
    on = {"pagerduty", "telegram", "webhook"} - set(without)
    assert {key.removesuffix("_configs") for key in page if key != "name"} == on


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({**BREACH, **MONEY, "enforce": "flatten"}, "enforcer,page"),
        ({**BREACH, **MONEY}, "page"),
        ({"alertname": "DrawdownNearLimit", "severity": "warning", "lane": "money"}, "notice"),
        ({"alertname": "ExporterDown", **CRITICAL}, "page"),
        ({"alertname": "ExporterDown", **MONEY}, "page"),
        ({"alertname": "StreamFlapping", "severity": "warning"}, "notice"),
        ({"alertname": "OrderRejectionRateHigh", "severity": "warning"}, "notice-event"),
        ({"alertname": "OrderRejectionRateHigh", "severity": "warning", "lane": "money"}, "notice-event"),
        *(({"alertname": name, **MONEY}, "page-event") for name in EVENTS),
        *(({"alertname": name, **CRITICAL}, "page-event") for name in EVENTS),
        ({"alertname": "AccountLockedOut", "severity": "info"}, "nobody"),
        ({"alertname": "PlimsollWatchdog", "severity": "none"}, "heartbeat"),
        ({"alertname": "EnforcerChainProbe", "severity": "none", "enforce": "probe"}, "enforcer,nobody"),
        *(({"alertname": "PlimsollDrill", **CRITICAL, "drill": name}, f"drill-{name}") for name in CHANNELS),
        ({"alertname": "PlimsollDrill", **CRITICAL, "drill": "smoke"}, "nobody"),
        ({"alertname": "SomebodyElses"}, "notice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_every_kind_of_alert_goes_where_it_must(labels: Mapping[str, str], expected: str, amtool: Path, rendered: Path):
    """Breaches to enforcer and people, events without resolve, warnings without waking, the watchdog outside."""
    assert receivers(amtool, rendered, labels) == expected


def test_the_lanes_have_the_times_of_the_contract(rendered: Path):
    """What is enforced or is money leaves at once, alone or by account, and again when it should."""
    routes = {one["receiver"]: one for one in yaml.safe_load(rendered.read_text())["route"]["routes"][::-1]}
    times = ("group_by", "group_wait", "group_interval", "repeat_interval")
    assert [routes["enforcer"][key] for key in times] == [["..."], "0s", "10s", "1m"]
    assert routes["enforcer"]["continue"] is True
    assert [routes["page"][key] for key in times] == [["alertname", "account"], "0s", "10s", "1h"]


def test_only_a_graver_self_hides_money(rendered: Path):
    """Inhibition joins on every label that tells alerts apart; a breach hides the approach to it and nothing else."""
    rules = yaml.safe_load(rendered.read_text())["inhibit_rules"]
    assert [rule["equal"] for rule in rules] == [JOINED, ["account", "rule"]]
    assert rules[1]["source_matchers"] == ['alertname="DrawdownLimitBreached"']
    assert rules[1]["target_matchers"] == ['alertname="DrawdownNearLimit"']
    assert len(rules) == 2


def test_events_send_no_resolve(rendered: Path):
    """What happened once is never said to be over; PagerDuty hears of no warning."""
    found = {one["name"]: one for one in yaml.safe_load(rendered.read_text())["receivers"]}
    for name in ("page-event", "notice-event", "heartbeat"):
        for key, channels in found[name].items():
            assert key == "name" or [one["send_resolved"] for one in channels] == [False], (name, key)
    assert not any("pagerduty_configs" in found[name] for name in ("notice", "notice-event"))
    assert {"pagerduty_configs", "telegram_configs", "webhook_configs"} < set(found["page"])
