"""The gate, the page, health and who may address the enforcer at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fake_desk import OPERATOR, WEBHOOK, EnforcerSite, FakeDesk, enforcer_site, figures
from plimsoll.clock import SystemClock
from plimsoll.web.landing import CONTENT_SECURITY_POLICY
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


async def test_page_says_what_is_in_force(doors: EnforcerSite):
    """Armed, dry run with the reason, and off; locks, a run that fails; no amounts and nothing from outside."""
    answer = await ask(doors, "/")

    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "ARMED: a confirmed breach closes everything" in answer.text
    assert "dry run: a confirmed breach is told, nothing is closed (armed is configured, but not --arm live)" in (
        answer.text
    )
    assert "off: nothing is watched" in answer.text
    assert "locked until released by hand: drawdown rule tmad" in answer.text
    assert "NOT FLAT since 2026-11-20 08:39:30 UTC, still closing" in answer.text
    assert "<script" not in answer.text
    assert not [amount for amount in AMOUNTS if amount in answer.text]


async def test_page_tells_a_watch_and_a_lock_with_an_end():
    """Between alert and decision the page says that a breach is watched; a lock that ends says when."""
    shown = figures()
    eon = replace(shown.accounts["eon"], failing_since=None, locked_until=1795167600.0, locked_why="")
    desk = FakeDesk(shown=replace(shown, accounts={"eon": eon}))
    async with enforcer_site(desk) as site:
        text = (await ask(site, "/")).text

    assert "watching a breach since 2026-11-20 08:38:59 UTC" in text
    assert "locked until 2026-11-20 09:40:00 UTC<" in text


async def test_page_escapes_what_is_not_ours():
    """A reason somebody typed cannot become markup."""
    shown = figures()
    eon = replace(shown.accounts["eon"], locked_why="<img src=x>")
    async with enforcer_site(FakeDesk(shown=replace(shown, accounts={"eon": eon}))) as site:
        text = (await ask(site, "/")).text

    assert "<img" not in text
    assert "&lt;img src=x&gt;" in text


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


@pytest.mark.parametrize("path", ["/nope", "/api/v1/accounts", "/api/v1/accounts/eon", "/api/v1/accounts//flatten"])
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
