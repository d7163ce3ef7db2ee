"""The whole stack by Docker Compose: healthy without any key, a breach enforced, state kept, faults told.

Needs a Docker engine and the base images (or a way to pull them) and says so where it is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from compose_stack import ComposeStack, compose_stack, wait_until

REPORTS = "/tmp"  # noqa: S108 - the container's own
LOCKED = 423
"""What the gate answers while the account is locked out."""


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    """The mirror of October at four times its speed, with eon armed by both that it takes; given when eon is locked."""
    story = {"SCENARIO": "october-mirror", "SPEED": "4", "PLIMSOLL_ARM": "eon"}
    with compose_stack(tmp_path_factory.mktemp("compose"), **story) as stack:
        _arm(stack)
        stack.up("--build")
        wait_until(lambda: _gate(stack) == LOCKED, "the account is locked")
        wait_until(lambda: "has ended: flat" in stack.run("logs", "enforcer"), "a run ended flat")
        yield stack


def test_a_clone_becomes_healthy_and_says_how_to_sign_in(armed: ComposeStack):
    """Without any key everything runs, the pages answer on loopback, and the log says how to sign in."""
    for service, path in (("exporter", "/-/ready"), ("enforcer", "/-/ready"), ("grafana", "/api/health")):
        assert armed.get(service, path).status_code == 200
    told = armed.run("logs", "--no-log-prefix", "init")
    assert f"http://127.0.0.1:{armed.variables['GRAFANA_PORT']}   Grafana, user admin" in told
    assert len(armed.run("exec", "-T", "enforcer", "cat", "/plimsoll/tokens/operator.token").strip()) == 64


def test_a_breach_is_enforced_and_outlives_down_and_up(armed: ComposeStack):
    """The breach reaches Alertmanager too, and containers that are made anew still know that the account is locked."""
    wait_until(lambda: "DrawdownLimitBreached" in armed.alerts(), "Alertmanager has the breach")
    token = armed.run("exec", "-T", "enforcer", "cat", "/plimsoll/tokens/operator.token")
    armed.run("down")
    armed.up()
    assert _gate(armed) == LOCKED
    assert armed.run("exec", "-T", "enforcer", "cat", "/plimsoll/tokens/operator.token") == token
    assert "was there already; nothing was changed" in armed.run("logs", "--no-log-prefix", "init")


def test_what_happened_is_reported_out_of_the_container(armed: ComposeStack):
    """The enforcer's container has all sources and a place to write, and draws pictures without a word of its own."""
    report = ("python", "-m", "plimsoll.report", "--account", "eon", "--from", "-1h", "--out", REPORTS, "--quiet")
    made = armed.attempt("exec", "-T", "enforcer", *report)
    assert (made.returncode, made.stderr) == (0, "")
    page = armed.run("exec", "-T", "enforcer", "sh", "-c", f"cat {REPORTS}/report-*/report.html")
    assert "The enforcer closed everything within" in page
    assert "<svg" in page


def test_what_was_killed_is_brought_back(armed: ComposeStack):
    """After a hard end of the programs that watch, `up` makes everything healthy again, and the lockout is in force."""
    for service in ("exporter", "enforcer", "prometheus", "alertmanager"):
        armed.run("kill", "--signal", "KILL", service)
    armed.up()
    assert _gate(armed) == LOCKED


def test_a_container_can_neither_write_nor_see_foreign_secrets(armed: ComposeStack):
    """The exporter's file system is read-only, and the enforcer's tokens are not there."""
    write = armed.attempt("exec", "-T", "exporter", "touch", "/plimsoll/here")
    assert write.returncode != 0
    assert "Read-only file system" in write.stderr
    assert "operator.token" not in armed.run("exec", "-T", "exporter", "ls", "/plimsoll/tokens", "/plimsoll/secrets")
    assert "Uid:\t10001\t10001\t10001\t10001" in armed.run("exec", "-T", "exporter", "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in armed.run("exec", "-T", "exporter", "cat", "/proc/1/status")


def test_a_missing_key_is_told_while_the_rest_stays_up(armed: ComposeStack):
    """The exporter whose key is missing says file and remedy, and Prometheus says that the exporter is down."""
    path = armed.folder / "plimsoll.yml"
    text = path.read_text(encoding="utf-8")
    keys = "    read_key: {key_file: secrets/exporter/eon.key, secret_file: secrets/exporter/eon.secret}\n"
    path.write_text(text.replace("  eon:\n", f"  eon:\n{keys}", 1), encoding="utf-8")
    try:
        armed.run("restart", "exporter")
        wait_until(
            lambda: "eon.key: no such file; create it" in armed.run("logs", "exporter"), "the missing key is told"
        )
        wait_until(lambda: "ExporterDown" in armed.alerts(), "Alertmanager has that the exporter is down")
    finally:
        path.write_text(text, encoding="utf-8")
    armed.run("restart", "exporter")
    armed.up()


def test_a_channel_is_added_without_a_restart(armed: ComposeStack):
    """After a new secret file, rendering again and a signal are enough, and the drill goes through the new channel."""
    path = armed.folder / "plimsoll.yml"
    path.write_text(
        f"{path.read_text(encoding='utf-8')}\nnotifications:\n  webhook: {{url_file: secrets/alertmanager/hook.url}}\n",
        encoding="utf-8",
    )
    secret = armed.folder / "secrets" / "alertmanager" / "hook.url"
    secret.touch(mode=0o640)
    secret.write_text("http://exporter:9713/-/nobody-takes-this\n", encoding="utf-8")
    armed.run("run", "--rm", "render")
    armed.run("kill", "--signal", "HUP", "alertmanager")
    wait_until(lambda: "drill-webhook" in armed.amtool("config", "show"), "Alertmanager knows the channel")
    drill = armed.attempt("run", "--rm", "drill", "plimsoll", "drill", "page", "--wait", "10")
    assert drill.returncode == 1, drill.stdout
    assert "webhook    FAILED" in drill.stdout


def test_the_operator_releases_with_a_new_reference(tmp_path: Path):
    """The enforcer reaches the exporter's state, so that a release from outside can set the drawdown reference anew."""
    with compose_stack(tmp_path, PLIMSOLL_ARM="eon") as stack:
        _arm(stack)
        stack.up("--build")
        assert _ask(stack, "flatten", {"reason": "drill"}).status_code == 202
        wait_until(lambda: "has ended: flat" in stack.run("logs", "enforcer"), "the drill ended flat")
        assert _gate(stack) == LOCKED
        released = _ask(stack, "release", {"reason": "drill over", "rebase": True})
        assert released.status_code == 200, released.text
        assert _gate(stack) == 200


def _gate(stack: ComposeStack) -> int:
    return stack.get("enforcer", "/api/v1/gate/eon").status_code


def _arm(stack: ComposeStack) -> None:
    path = stack.folder / "plimsoll.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count("      mode: dry-run ") == 1
    path.write_text(text.replace("      mode: dry-run ", "      mode: armed "), encoding="utf-8")


def _ask(stack: ComposeStack, verb: str, body: dict[str, object]) -> requests.Response:
    token = stack.run("exec", "-T", "enforcer", "cat", "/plimsoll/tokens/operator.token").strip()
    return requests.post(
        f"http://127.0.0.1:{stack.variables['BUTTON_PORT']}/api/v1/accounts/eon/{verb}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
