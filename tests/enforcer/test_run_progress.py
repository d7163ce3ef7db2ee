"""How far a run has got, told from its audit: what is left, what went wrong, when it was flat."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal

from fake_desk import EON, NOW, OPERATOR, RESULT, RUN, EnforcerSite, FakeDesk, enforcer_site
from manual_clock import ManualClock
from plimsoll_enforcer.desk import AuditLine, RunDetail
from plimsoll_enforcer.web.following import EVERY, Followed, Following
from plimsoll_enforcer.web.operating import GUESSES
from plimsoll_enforcer.web.progress import progress_json, progress_of
from plimsoll_enforcer.web.runs import run_detail, run_summary
from plimsoll_enforcer.web.views import account_json
from web_client import ask


@dataclass(kw_only=True)
class SlowDesk(FakeDesk):
    """A desk that takes its time to tell a run.

    Attributes:
        seconds: So long.
        readings: How often it told one.
    """

    clock: ManualClock = field(default_factory=ManualClock)
    seconds: float = 0.0
    readings: int = 0

    def run(self, run_id: str) -> RunDetail | None:
        """The one run whole, after a while."""
        self.readings += 1
        self.clock.advance(self.seconds)
        return super().run(run_id)


def line(kind: str, text: str = "", **detail: object) -> AuditLine:
    """One step of the audit."""
    return AuditLine(at=NOW, kind=kind, text=text, detail=detail)


def read(held: str | None, *, plain: int = 0, conditional: int = 0, fresh: bool = True) -> AuditLine:
    """A reading of the account."""
    return line("read", "", held=held, plain_orders=plain, conditional_orders=conditional, orders_fresh=fresh)


SENT = {"symbol": "BTCUSDT", "position_side": "both"}


def test_what_is_left_follows_readings_and_fills():
    """A fill makes what is left smaller at once; the next reading has the last word."""
    audit = [
        read("BTCUSDT both 1.7, ETHUSDT short -20", plain=2, conditional=3),
        line("cancel"),
        line("sending", quantity="1.7", **SENT),
        line("answered", executed="1.2", order_id=1, **SENT),
    ]

    told = progress_json(progress_of(audit))
    assert told["positions"] == [
        {"symbol": "BTCUSDT", "position_side": "both", "amount": "1.7", "left": "0.5"},
        {"symbol": "ETHUSDT", "position_side": "short", "amount": "-20", "left": "-20"},
    ]
    assert (told["orders_left"], told["cancels"]) == ({"plain": 2, "conditional": 3}, 1)
    assert (told["orders_sent"], told["orders_answered"]) == (1, 1)
    told = progress_json(progress_of([*audit, read("ETHUSDT short -15", fresh=False)]))
    assert [one["left"] for one in told["positions"]] == ["0", "-15"]  # type: ignore[attr-defined]
    assert told["orders_left"] == {"plain": 2, "conditional": 3}


def test_positions_that_could_not_be_read_change_nothing():
    """What nobody knows is not told as closed."""
    told = progress_json(progress_of([read("BTCUSDT long 2"), read(None)]))

    assert told["positions"] == [{"symbol": "BTCUSDT", "position_side": "long", "amount": "2", "left": "2"}]


def test_flat_and_confirmed_have_their_times():
    """A position that comes back takes flat away again."""
    flat = progress_of([read(""), line("flat")])
    again = progress_of([read(""), line("flat"), line("not-flat", "something is there again")])
    confirmed = progress_of([line("flat"), line("confirmed")])

    assert (flat.flat_at, flat.confirmed_at) == (NOW, None)
    assert again.flat_at is None
    assert (confirmed.flat_at, confirmed.confirmed_at) == (NOW, NOW)


def test_troubles_are_told_in_words():
    """Refused orders and failed calls are told apart; what repeats itself once, counted; ten are enough."""
    refused = line("answered", "BTCUSDT: -2022 ReduceOnly rejected", code=-2022, **SENT)
    fine = line("answered", "BTCUSDT: filled", executed="1", order_id=1, **SENT)
    failures = [line("read-failed", f"positions: {number}") for number in range(30)]

    assert progress_json(progress_of([refused, fine, refused]))["troubles"] == [
        {"at": NOW, "count": 2, "text": "BTCUSDT: -2022 ReduceOnly rejected"}
    ]
    troubles = progress_json(progress_of([*failures, refused]))["troubles"]
    assert isinstance(troubles, list)
    assert (len(troubles), troubles[-1]["text"]) == (10, refused.text)


def test_a_run_is_told_from_a_line_on():
    """Who has the first lines asks for the others; how far it has got is of all of them."""
    detail = RunDetail(summary=RUN, audit=(read("BTCUSDT both 1"), line("flat"), line("confirmed")))
    followed = Followed(run=detail, progress=progress_of(detail.audit), until=0)
    told = run_detail(followed, now=NOW, after=2)

    assert [one["kind"] for one in told["audit"]] == ["confirmed"]  # type: ignore[attr-defined]
    assert (told["lines"], told["now"]) == (3, NOW)
    assert told["progress"]["flat_at"] == NOW  # type: ignore[index]


def test_many_who_follow_a_run_cost_one_reading():
    """Fifty people are told what was made for the first; a run that takes long to tell is told less often."""
    desk, clock = SlowDesk(), ManualClock()
    desk.clock = clock
    following = Following(desk, clock)
    assert [following.run(RUN.run_id) is None for _ in range(50)] == [False] * 50
    assert desk.readings == 1
    clock.advance(EVERY + 0.01)
    following.run(RUN.run_id)
    assert desk.readings == 2
    desk.seconds = 0.1
    clock.advance(EVERY + 0.01)
    following.run(RUN.run_id)
    clock.advance(1.9)
    following.run(RUN.run_id)
    assert desk.readings == 3
    clock.advance(0.2)
    following.run(RUN.run_id)
    assert desk.readings == 4
    assert following.run("none") is None


def test_slippage_is_against_the_mark_of_the_beginning():
    """A short bought back above the mark cost money; without mark or price it is unknown."""
    (short,) = RESULT.positions
    worse = replace(short, mark_price=Decimal("91408.6913"), average_price=Decimal("91500.10"))
    long = replace(worse, amount=Decimal("0.250"))
    told = [
        run_summary(replace(RUN, result=replace(RESULT, positions=(one,))))["result"]["positions"][0]  # type: ignore[index]
        for one in (worse, long, short, replace(worse, average_price=None))
    ]

    assert [one["slippage_ratio"] for one in told] == ["0.00100000", "-0.00100000", None, None]
    assert [one["slippage_cost"] for one in told] == ["22.85217500", "-22.85217500", None, None]


def test_an_account_is_told_with_ages_and_reasons():
    """Decimals as strings, null where unknown, a lockout without end as null."""
    told = account_json(EON, NOW)

    assert told["mode"] == {"configured": "armed", "in_force": "dry-run", "why": "it is not named with --arm"}
    assert told["lockout"] == {"since": NOW - 60, "until": None, "reason": "closed by nina: out", "rules": []}
    assert told["holding"]["age_seconds"] == 1.5  # type: ignore[index]
    assert told["holding"]["equity_usd"] == "45123.4500"  # type: ignore[index]
    assert told["holding"]["unrealized_pnl_usd"] is None  # type: ignore[index]
    assert told["orders"] == {
        "read_at": None,
        "age_seconds": None,
        "why": "the exchange cannot be read: 503",
        "plain": None,
        "conditional": None,
    }
    assert told["rules"]["listed"][0]["floor_if_kept_usd"] == "45000"  # type: ignore[index]


def test_an_account_that_was_never_read_has_no_figures():
    """Every figure is null, never zero."""
    unread = account_json(replace(EON, seen=replace(EON.seen, holding=None, holding_at=None), locked=None), NOW)

    assert unread["lockout"] is None
    assert unread["holding"] == {
        "read_at": None,
        "age_seconds": None,
        "why": "",
        "equity_usd": None,
        "exposure_usd": None,
        "unrealized_pnl_usd": None,
        "positions": None,
    }


async def test_accounts_need_the_token(doors: EnforcerSite):
    """With it they are told, with what does not work now; without it nobody even looks."""
    stranger = await ask(doors, "/api/v1/accounts", Authorization="Bearer wrong")
    assert (stranger.status, doors.views.looks) == (401, 0)
    doors.desk.shown = replace(doors.desk.shown, faults=("the journal cannot be written: going on from memory",))
    answer = await ask(doors, "/api/v1/accounts", Authorization=f"Bearer {OPERATOR}")

    told = json.loads(answer.text)
    assert [one["account"] for one in told["accounts"]] == ["eon"]
    assert told["faults"] == ["the journal cannot be written: going on from memory"]
    assert "eon" not in stranger.text


async def test_guessing_is_slowed_down_and_the_right_token_is_not():
    """After ten wrong tokens further ones are told to wait; whoever has the right one still gets in."""
    async with enforcer_site() as site:
        wrong = [(await ask(site, "/api/v1/runs", Authorization="Bearer no")).status for _ in range(GUESSES.burst + 3)]
        right = await ask(site, "/api/v1/runs", Authorization=f"Bearer {OPERATOR}")

    assert wrong[: GUESSES.burst] == [401] * GUESSES.burst
    assert wrong[-1] == 429
    assert right.status == 200
