"""The gate, the page, health and who may address the enforcer at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fake_desk import OPERATOR, WEBHOOK, EnforcerSite, enforcer_site
from plimsoll.clock import SystemClock
from plimsoll.web.page import CONTENT_SECURITY_POLICY
from plimsoll.web.protection import Protection
from web_client import ask

AMOUNTS = ("45000", "12.5", "3.25", "91500")


async def test_open_gate(doors: EnforcerSite):
    """200 is the only yes."""
    answer = await ask(doors, "/api/v1/gate/live")

    assert (answer.status, json.loads(answer.text)) == (200, {"account": "live", "open": True})


async def test_shut_gate_says_why_and_until_when(doors: EnforcerSite):
    """423 with the reason; until is null where somebody must release the account."""
    forever, an_hour = await ask(doors, "/api/v1/gate/eon"), await ask(doors, "/api/v1/gate/source")

    assert (forever.status, an_hour.status) == (423, 423)
    assert json.loads(forever.text) == {
        "account": "eon",
        "open": False,
        "reason": "drawdown rule tmad",
        "until": None,
    }
    assert json.loads(an_hour.text)["until"] == 1795167600.0


@pytest.mark.parametrize("path", ["/api/v1/gate/nobody", "/api/v1/gate/", "/api/v1/gate", "/api/v1/gate/eon/x"])
async def test_unknown_gate_is_not_open(doors: EnforcerSite, path: str):
    """Whatever is no account of ours is 404, which a bot treats as shut."""
    assert (await ask(doors, path)).status == 404


async def test_gate_answers_head(doors: EnforcerSite):
    """HEAD tells the same status without a body."""
    answer = await ask(doors, "/api/v1/gate/eon", method="HEAD")

    assert (answer.status, answer.body) == (423, b"")


async def test_page_is_open_and_tells_nothing(doors: EnforcerSite):
    """The page and its files come without a token under a strict policy; nothing of any account is in them."""
    answer = await ask(doors, "/")
    files = re.findall(r'(?:href|src)="(/assets/[^"]+)"', answer.text)

    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert files
    for path in files:
        assert (await ask(doors, path)).status == 200
    assert not [word for word in (*AMOUNTS, "eon", "nina") if word in answer.text]
    assert doors.views.looks == 0


async def test_ready_says_what_is_missing():
    """503 with the reason until the program is ready; healthy it is before."""
    why = ["account eon has not been read yet"]
    async with enforcer_site(unready=lambda: why[0]) as site:
        assert (await ask(site, "/-/ready")).text == "account eon has not been read yet\n"
        assert (await ask(site, "/-/ready")).status == 503
        assert (await ask(site, "/-/healthy")).status == 200
        why[0] = ""
        assert (await ask(site, "/-/ready")).status == 200


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/alerts", "/api/v1/gate/eon", "/api/v1/runs", "/nope"])
async def test_foreign_host_is_misdirected(doors: EnforcerSite, path: str):
    """A page that rebinds its own name to this machine gets nothing, on no path."""
    answer = await ask(doors, path, host="evil.example:9714")

    assert answer.status == 421
    assert "enforcer.allowed_hosts" in answer.text


@pytest.mark.parametrize("path", ["/nope", "/api/v1/accounts/eon", "/api/v1/accounts//flatten"])
async def test_unknown_path_is_not_found(doors: EnforcerSite, path: str):
    """404, and nothing of what runs here."""
    answer = await ask(doors, path)

    assert answer.status == 404
    assert answer.headers["Server"] == "plimsoll"


async def test_web_configuration_guards_pages_and_leaves_tokens_alone(tmp_path: Path):
    """Basic auth is asked for on pages and metrics; paths with a token of their own, and the open gate, know none."""
    path = tmp_path / "web.yml"
    path.touch(mode=0o600)
    path.write_text("basic_auth_users: {nina: $2y$04$CEWTsi1xTYuVRsBxZXIG8eVZXnmr6WYiG0lqpGn4jTM0uTQVXpJ0y}\n")
    async with enforcer_site(protection=Protection(path, clock=SystemClock())) as site:
        for guarded in ("/", "/metrics", "/-/ready", "/nope"):
            assert (await ask(site, guarded)).status == 401
        assert (await ask(site, "/api/v1/gate/live")).status == 200
        assert (await ask(site, "/api/v1/runs", Authorization=f"Bearer {OPERATOR}")).status == 200
        posted = await ask(
            site,
            "/api/v1/alerts",
            method="POST",
            body=b'{"version": "4", "alerts": []}',
            Authorization=f"Bearer {WEBHOOK}",
        )
        assert posted.status == 202
