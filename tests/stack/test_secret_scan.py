"""No secret leaves any program: what they say, serve, write and show of themselves is searched for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

import programs
from secret_stage import RECOGNISED, SIGNATURE, SecretStage, dresses, secret_stage

pytestmark = pytest.mark.no_cover

ALERT = """
{"version": "4", "status": "firing", "alerts": [{
  "status": "firing", "annotations": {}, "startsAt": "2026-11-21T14:38:32Z",
  "labels": {"alertname": "DrawdownLimitBreached", "account": "eon", "rule": "tmad", "enforce": "flatten"}}]}
"""
REPORT = (
    '{"report_id": "r1", "account": "eon", "code": -2019, "time": 1795164000.5, "symbol": "BTCUSDT",'
    ' "message": "Margin is insufficient."}'
)


def test_no_secret_leaves_any_program(tmp_path: Path):
    """Through normal running, wrong keys, refused orders, a broken exchange and a bad configuration, at level debug."""
    with secret_stage(tmp_path) as stage:
        _check_and_render(stage)
        with programs.running(stage.command("plimsoll-exporter"), tmp_path / "exporter.log") as exporter:
            exporter.until_answers(f"{stage.exporter}/-/healthy")
            exporter.until(lambda: "-1022" in exporter.said(), "the mistyped secret is refused")
            _break_the_exchange(stage)
            exporter.until(lambda: "Signature of ***" in exporter.said(), "an answer that repeats the key is told")
            stage.look(f"{stage.exporter}/api/v1/accounts?broken")
            assert requests.delete(f"{stage.simulator}/sim/fail", timeout=20).ok
            command = stage.command("plimsoll-enforcer", "--arm", "eon")
            with programs.running(command, tmp_path / "enforcer.log") as enforcer:
                enforcer.until_answers(f"{stage.enforcer}/-/healthy")
                _look(stage)
                stage.run("red-button", "eon", "--yes", "--reason", "scan", "--no-guard", "--give-up-after", "5s")
                stage.look_at_process("exporter", exporter)
                stage.look_at_process("enforcer", enforcer)
        stage.look_at_files()
    stage.look_at_files()  # once more, for what the ends wrote

    assert len(stage.let_out) > 25
    leaks = stage.leaks()
    assert leaks == [], "\n".join(leaks)


def _check_and_render(stage: SecretStage) -> None:
    """Every command that reads secrets, with a sound configuration and with bad ones."""
    stage.run("plimsoll", "check")
    stage.run("plimsoll", "check", "--live")
    stage.run("plimsoll", "drill", "page")
    stage.run("plimsoll", "token")
    stage.run("red-button", "eon", "--check")
    sound = stage.config.read_text(encoding="utf-8")
    pasted = sound
    for name, mark in stage.marks.items():
        if len(mark) >= RECOGNISED and mark.isalnum():
            pasted = pasted.replace(f"s/{name}", f"'{mark}'")
    stage.config.write_text(pasted, encoding="utf-8")
    assert stage.run("plimsoll", "check", "--live") == 1
    stage.config.write_text(sound, encoding="utf-8")


def _break_the_exchange(stage: SecretStage) -> None:
    """Answers that repeat the key, and ones that are none."""
    echo = f'{{"code": -1022, "msg": "Signature of {stage.marks["eon.key"]} is not valid."}}'
    for status, body in ((400, echo), (502, "<html>502</html>")):
        fault = {"endpoint": "*", "account": "eon", "times": 3, "status": status, "body": body}
        assert requests.post(f"{stage.simulator}/sim/fail", json=fault, timeout=20).ok


def _look(stage: SecretStage) -> None:
    """Every page and call, with right tokens and with wrong ones."""
    for path in ("/", "/metrics", "/api/v1/accounts", "/api/v1/mirrors", "/-/ready", "/nope"):
        stage.look(f"{stage.exporter}{path}")
    operator, webhook = stage.marks["operator.token"], stage.marks["webhook.token"]
    for path in ("/", "/metrics", "/api/v1/gate/eon", "/-/ready"):
        stage.look(f"{stage.enforcer}{path}")
    for path in ("/api/v1/accounts", "/api/v1/runs"):
        assert stage.look(f"{stage.enforcer}{path}", token=operator) == 200
        assert stage.look(f"{stage.enforcer}{path}?x", token=webhook) == 401
    alerts, reports = f"{stage.enforcer}/api/v1/alerts", f"{stage.exporter}/api/v1/rejections"
    assert stage.look(alerts, method="POST", token=webhook, body=ALERT) == 202
    assert stage.look(f"{alerts}?x", method="POST", token=webhook, body="{") == 400
    assert stage.look(reports, method="POST", token=stage.marks["report.token"], body=REPORT) == 202


def test_the_scan_finds_what_it_must():
    """A secret in the clear, in a URL, in JSON and in base64 at any place is found, and so is a signature."""
    mark = "mArk+Source/Secret=1"
    shown = (
        "x mArk+Source/Secret=1",
        "mArk%2BSource%2FSecret%3D1",
        "bUFyaytTb3VyY2UvU2VjcmV0PTE",
        "eG1BcmsrU291cmNlL1NlY3JldD0x",
    )

    assert all(any(dress in text for dress in dresses(mark)) for text in shown)
    assert SIGNATURE.search("GET /x?timestamp=1&signature=0a1b2c3d4e")
