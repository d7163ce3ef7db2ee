"""Prometheus's target files, from what is configured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config_text import TWO_ACCOUNTS, load_text
from plimsoll.config.model import Listen
from plimsoll.render.targets import links, reachable, target_files

PLAIN = {"exporter": False, "enforcer": False}


def targets(folder: Path, text: str, tls: dict[str, bool] | None = None) -> dict[str, object]:
    """The target files of a configuration, read back."""
    files = target_files(load_text(folder, TWO_ACCOUNTS + text), prometheus="127.0.0.1:9090", tls=tls or PLAIN)
    return {name: json.loads(made) for name, made in files.items()}


def test_the_usual_places(tmp_path: Path):
    """Without further settings everything is on loopback at its usual port, and every file is there."""
    assert targets(tmp_path, "") == {
        "exporters.json": [{"targets": ["127.0.0.1:9713"]}],
        "enforcers.json": [{"targets": ["127.0.0.1:9714"]}],
        "alertmanagers.json": [],
        "prometheus.json": [{"targets": ["127.0.0.1:9090"]}],
    }


def test_nobody_scrapes_an_enforcer_that_is_off(tmp_path: Path):
    """Where no account is enforced there is no enforcer to scrape."""
    off = "exchange: {environment: simulator}\naccounts: {eon: {enforcement: {mode: 'off'}}}\n"
    files = target_files(load_text(tmp_path, off), prometheus="127.0.0.1:9090", tls=PLAIN)
    assert json.loads(files["enforcers.json"]) == []


def test_tls_is_told_by_the_scheme(tmp_path: Path):
    """A program that speaks TLS is scraped by https."""
    made = targets(tmp_path, "", {"exporter": True, "enforcer": False})
    assert made["exporters.json"] == [{"targets": ["127.0.0.1:9713"], "labels": {"__scheme__": "https"}}]


def test_alertmanagers_with_port_scheme_and_path(tmp_path: Path):
    """The port is that of the scheme where none is said, and a path counts for alerts and for scrapes."""
    text = (
        'alertmanager: [{url: "http://am-1:9093"}, {url: "https://am.example.org/am/"}, {url: "http://[::1]:9093"}]\n'
    )
    assert targets(tmp_path, text)["alertmanagers.json"] == [
        {"targets": ["am-1:9093"]},
        {
            "targets": ["am.example.org:443"],
            "labels": {
                "__scheme__": "https",
                "__alerts_path__": "/am/api/v2/alerts",
                "__metrics_path__": "/am/metrics",
            },
        },
        {"targets": ["[::1]:9093"]},
    ]


def test_links_become_variables(tmp_path: Path):
    """Links that are set become variables that a shell reads as they are; without any the file is empty."""
    text = 'links: {grafana: "https://g.example.org/a?b=$c&d", runbook: "https://r.example.org/x"}\n'
    assert links(load_text(tmp_path, TWO_ACCOUNTS + text)).splitlines() == [
        "PLIMSOLL_GRAFANA_URL='https://g.example.org/a?b=$c&d'",
        "PLIMSOLL_RUNBOOK_URL=https://r.example.org/x",
    ]
    assert links(load_text(tmp_path, TWO_ACCOUNTS)) == ""


@pytest.mark.parametrize(
    ("host", "allowed", "found"),
    [
        ("127.0.0.1", ("x.example.org",), "127.0.0.1:9713"),
        ("exporter", (), "exporter:9713"),
        ("0.0.0.0", (), "127.0.0.1:9713"),  # noqa: S104 - nothing is bound
        ("0.0.0.0", ("exporter", "b"), "exporter:9713"),  # noqa: S104 - nothing is bound
        ("::", (), "[::1]:9713"),
        ("fd00::1", (), "[fd00::1]:9713"),
    ],
)
def test_where_a_listener_is_reached(host: str, allowed: tuple[str, ...], found: str):
    """Who listens on all addresses is reached by the first name that it answers to, else by loopback."""
    assert reachable(Listen(host=host, port=9713), allowed) == found
