"""The operator's calls: the token, what must be said with a wish, and the answers."""

from __future__ import annotations

import json

import pytest

from fake_desk import OPERATOR, RUN, WEBHOOK, EnforcerSite, enforcer_site
from plimsoll.errors import EnforcerRefused
from plimsoll_enforcer.web.server import Tokens
from web_client import Answer, ask, exchange, parse

FLATTEN = "/api/v1/accounts/eon/flatten"
RELEASE = "/api/v1/accounts/eon/release"
RUNS = "/api/v1/runs"


async def post(site: EnforcerSite, path: str, body: object, token: str = OPERATOR) -> Answer:
    """One wish."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await ask(site, path, method="POST", body=content, Authorization=f"Bearer {token}")


async def get(site: EnforcerSite, path: str, token: str = OPERATOR) -> Answer:
    """One look."""
    return await ask(site, path, Authorization=f"Bearer {token}")


async def test_red_button_begins_a_run(doors: EnforcerSite):
    """With a reason the desk is asked at once; 202 gives the run's id."""
    answer = await post(doors, FLATTEN, {"reason": "I do not like it", "operator": "nina"})

    assert (answer.status, json.loads(answer.text)) == (
        202,
        {"run_id": "a1b2c3d4", "already_running": False},
    )
    assert doors.desk.asked == [("flatten", "eon", "I do not like it", "nina")]


async def test_second_press_says_that_no_other_run_began(doors: EnforcerSite):
    """While a run goes on the answer is its id and that it was running already."""
    doors.desk.listed = (RUN,)
    answer = await post(doors, FLATTEN, {"reason": "again"})

    assert json.loads(answer.text) == {"run_id": "a1b2c3d4", "already_running": True}


async def test_who_asks_may_stay_unsaid(doors: EnforcerSite):
    """Without a name it was the operator, whose token it is."""
    await post(doors, FLATTEN, {"reason": "out"})

    assert doors.desk.asked == [("flatten", "eon", "out", "operator")]


@pytest.mark.parametrize("rebase", [True, False])
async def test_release_says_what_becomes_of_the_reference(doors: EnforcerSite, rebase: bool):  # noqa: FBT001 - a case
    """A release tells the desk whether to rebase, and the operator what the desk says."""
    answer = await post(doors, RELEASE, {"reason": "talked to the client", "rebase": rebase, "operator": "nina"})

    assert (answer.status, json.loads(answer.text)) == (200, {"told": "released; the new floor is 40000.00 USD"})
    assert doors.desk.asked == [("release", "eon", "talked to the client", "nina", rebase)]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (FLATTEN, b"{", ""),
        (FLATTEN, b"[]", ""),
        (FLATTEN, {}, "reason"),
        (FLATTEN, {"reason": ""}, "reason"),
        (FLATTEN, {"reason": "  "}, "reason"),
        (FLATTEN, {"reason": 7}, "reason"),
        (FLATTEN, {"reason": "two\nlines"}, "reason"),
        (FLATTEN, {"reason": "x" * 501}, "reason"),
        (FLATTEN, {"reason": "out", "operator": ""}, "operator"),
        (FLATTEN, {"reason": "out", "operator": "x" * 61}, "operator"),
        (FLATTEN, {"reason": "out", "symbol": "BTCUSDT"}, "symbol"),
        (RELEASE, {"reason": "fine"}, "rebase"),
        (RELEASE, {"reason": "fine", "rebase": "yes"}, "rebase"),
        (RELEASE, {"rebase": True}, "reason"),
    ],
)
async def test_unclear_wish_is_refused_by_its_field(doors: EnforcerSite, path: str, body: object, field: str):
    """400 names the field at fault, and the desk is not asked."""
    answer = await post(doors, path, body)

    assert (answer.status, json.loads(answer.text)["field"]) == (400, field)
    assert field in json.loads(answer.text)["error"]
    assert doors.desk.asked == []


@pytest.mark.parametrize("path", [FLATTEN, RELEASE])
async def test_refusal_of_the_desk_is_told(path: str):
    """What the enforcer will not do is 409 with its reason."""
    async with enforcer_site() as site:
        site.desk.refusal = EnforcerRefused("account eon is in dry run: nothing is closed")
        answer = await post(site, path, {"reason": "out"} | ({"rebase": False} if path == RELEASE else {}))

    assert (answer.status, json.loads(answer.text)["error"]) == (409, "account eon is in dry run: nothing is closed")


async def test_unknown_account_is_not_found(doors: EnforcerSite):
    """404 for an account that is not ours, whatever the body."""
    answer = await post(doors, "/api/v1/accounts/nobody/flatten", {"reason": "out"})

    assert (answer.status, json.loads(answer.text)["error"]) == (404, "no such account")
    assert doors.desk.asked == []


@pytest.mark.parametrize("path", [RUNS, f"{RUNS}/a1b2c3d4"])
@pytest.mark.parametrize("token", ["", "wrong", WEBHOOK])
async def test_stranger_sees_no_runs(doors: EnforcerSite, path: str, token: str):
    """Runs tell positions and prices: without the operator's token 401, with the webhook's too."""
    answer = await get(doors, path, token)

    assert answer.status == 401
    assert "BTCUSDT" not in answer.text


@pytest.mark.parametrize("path", [FLATTEN, RELEASE])
@pytest.mark.parametrize("token", ["", "wrong", WEBHOOK])
async def test_stranger_moves_nothing(doors: EnforcerSite, path: str, token: str):
    """Without the operator's token nothing is flattened and nothing released."""
    assert (await post(doors, path, {"reason": "out", "rebase": False}, token)).status == 401
    assert doors.desk.asked == []


async def test_without_a_token_configured_the_calls_are_off():
    """No token file means closed, not open."""
    async with enforcer_site(tokens=Tokens()) as site:
        for answer in (await post(site, FLATTEN, {"reason": "out"}), await get(site, RUNS)):
            assert answer.status == 403
            assert "enforcer.operator_token_file" in answer.text


async def test_runs_are_listed(doors: EnforcerSite):
    """A run tells trigger, times, outcome and what was closed at what price."""
    doors.desk.listed = (RUN,)
    [run] = json.loads((await get(doors, RUNS)).text)["runs"]

    assert (run["run_id"], run["account"], run["mode"], run["outcome"]) == ("a1b2c3d4", "eon", "armed", "flat")
    [closed] = run["result"]["positions"]
    assert closed["amount"] == "-0.250"
    assert closed["average_price"] == "91500.10"
    assert run["result"]["seconds_to_flat"] == 0.41


async def test_one_run_has_its_audit(doors: EnforcerSite):
    """Each line of the audit has its time, kind, text and details."""
    run = json.loads((await get(doors, f"{RUNS}/a1b2c3d4")).text)

    assert run["audit"] == [
        {"at": 1795163940.0, "kind": "decision", "text": "confirmed", "detail": {"drawdown": "0.105"}}
    ]


async def test_unknown_run_is_not_found(doors: EnforcerSite):
    """404 as JSON."""
    answer = await get(doors, f"{RUNS}/zzz")

    assert (answer.status, json.loads(answer.text)) == (404, {"error": "no such run"})


async def test_large_body_is_refused(doors: EnforcerSite):
    """A reason needs no 64 KiB."""
    head = f"POST {FLATTEN} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {OPERATOR}\r\n"
    assert parse(await exchange(doors, f"{head}Content-Length: 65537\r\n\r\nx".encode())).status == 413


@pytest.mark.parametrize("path", [FLATTEN, RELEASE])
async def test_looking_presses_nothing(doors: EnforcerSite, path: str):
    """A link to the red button does nothing: GET is 405."""
    assert (await get(doors, path)).status == 405
    assert doors.desk.asked == []
