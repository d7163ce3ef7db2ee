"""What the state database keeps comes back as it was: in the same process, after a restart, once and not twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.draft import counted
from plimsoll.database.rule_changes import rule_changes
from plimsoll.database.values import (
    FLOWS,
    AlertStart,
    AuditEntry,
    Counter,
    FilePosition,
    Level,
    PositionRecord,
    Seen,
    Wallet,
)
from plimsoll.model.terms import PositionSide
from plimsoll.risk.standing import RuleStanding, Standing
from state_values import TIME_MS, flow, open_state, standing


def test_a_standing_comes_back_digit_for_digit_after_a_restart(tmp_path: Path):
    """Units, unit value and every field of every rule are read as they were written."""
    kept = standing("5000.000000000000000000000000000001", "total", "daily")
    with open_state(tmp_path) as state, state.change() as change:
        change.save_standing("eon", kept)
    with open_state(tmp_path) as state:
        assert state.standing("eon") == kept
        assert str(state.standing("eon").unit_value) == "1.10"
        assert state.standing("other") is None


def test_a_rule_without_optional_fields_comes_back(tmp_path: Path):
    """What is ``None`` in a rule is ``None`` again, and an account without rules has none."""
    rule = RuleStanding(definition="start", reference=Decimal(1), reference_at=1.0, start=Decimal(1))
    bare = Standing(units=Decimal(0), unit_value=Decimal(1), sampled_at=2.0)
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.save_standing(
                "one", Standing(units=Decimal(1), unit_value=Decimal(1), sampled_at=2.0, rules={"r": rule})
            )
            change.save_standing("two", bare)
        assert state.standing("one").rules == {"r": rule}
        assert state.standing("two") == bare


def test_a_rule_that_is_no_longer_named_is_forgotten(tmp_path: Path):
    """Saving a standing replaces all rules of that account and none of another."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.save_standing("eon", standing("1", "total", "daily"))
            change.save_standing("other", standing("1", "total"))
            change.save_standing("eon", standing("2", "daily"))
        assert set(state.standing("eon").rules) == {"daily"}
        assert set(state.standing("other").rules) == {"total"}


def _fail_half_way(state: Database) -> None:
    with state.change() as change:
        change.save_standing("eon", standing())
        change.count("eon", "orders", {})
        raise KeyError


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path):
    """A change is all or nothing, whatever ends its block."""
    with open_state(tmp_path) as state:
        with pytest.raises(KeyError):
            _fail_half_way(state)
        assert (state.standing("eon"), state.counters()) == (None, ())
        with state.change() as change:
            change.count("eon", "orders", {})
        assert state.counters()[0].value == 1


def test_an_income_row_is_booked_once(tmp_path: Path):
    """A flow whose income row is booked already is not written; another account's row of the same key is."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            assert change.add_flow("eon", flow("10", transaction="t1"))
            assert not change.add_flow("eon", flow("10", transaction="t1"))
            assert change.add_flow("other", flow("10", transaction="t1"))
        assert state.flows("eon") == (flow("10", transaction="t1"),)


def test_two_equal_transfers_are_two_and_are_confirmed_one_by_one(tmp_path: Path):
    """Equal provisional flows are kept side by side, and each income row takes the place of one of them."""
    first, second = flow("10", transaction="t1"), flow("10", transaction="t2")
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.add_flow("eon", flow("10"))
            change.add_flow("eon", flow("10"))
            assert change.confirm_flow("eon", flow("10"), first)
            assert not change.confirm_flow("eon", flow("10"), first), "this income row is booked"
        assert [one for one in state.flows("eon") if not one.transaction] == [flow("10")]
        with state.change() as change:
            assert change.confirm_flow("eon", flow("10"), second)
            assert not change.confirm_flow("eon", flow("10"), flow("10", transaction="t3")), "none is left"
        assert state.flows("eon") == (first, second)


def test_a_provisional_flow_can_be_taken_back(tmp_path: Path):
    """Exactly one of the equal ones goes, and a confirmed one never does."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.add_flow("eon", flow("10"))
            change.add_flow("eon", flow("20", transaction="t"))
            assert change.drop_flow("eon", flow("10"))
            assert not change.drop_flow("eon", flow("10"))
            assert not change.drop_flow("eon", flow("20", transaction="t"))
        assert [one.amount for one in state.flows("eon")] == [20]


def test_flows_are_read_from_a_time_on(tmp_path: Path):
    """Older flows than asked for are left out; the rest comes in the order of their times."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            for time_ms in (3, 1, 2):
                change.add_flow("eon", flow(time_ms=time_ms))
        assert [one.time_ms for one in state.flows("eon", since_ms=2)] == [2, 3]


def test_wallets_and_cursors_come_back(tmp_path: Path):
    """The last wallets replace all earlier ones; a cursor is ``None`` until it is begun."""
    with open_state(tmp_path) as state:
        assert state.cursor("eon", FLOWS) is None
        with state.change() as change:
            change.save_wallets("eon", {"USDT": Wallet(balance=Decimal("1.50"), updated_ms=1)})
            change.save_wallets("eon", {"BNB": Wallet(balance=Decimal("0.1"), updated_ms=2)})
            change.save_cursor("eon", FLOWS, 7)
            change.save_cursor("eon", FLOWS, TIME_MS)
        assert state.wallets("eon") == {"BNB": Wallet(balance=Decimal("0.1"), updated_ms=2)}
        assert state.cursor("eon", FLOWS) == TIME_MS


def test_counters_add_exactly_and_keep_their_latest_time(tmp_path: Path):
    """Sums have every digit, equal labels in any order are one counter, and time never goes back."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.count("eon", "flow", {"a": "1", "b": "2"}, Decimal("0.1"), at=20.0)
            assert change.count("eon", "flow", {"b": "2", "a": "1"}, Decimal("0.2"), at=10.0) == Decimal("0.3")
            change.count("eon", "flow", {"a": "1", "b": "2"}, Decimal("1e-30"))
            change.count("eon", "orders", {}, 0)
        flows, orders = state.counters()
        assert flows.value == Decimal("0.300000000000000000000000000001")
        assert (flows.labels, flows.last_at) == ({"a": "1", "b": "2"}, 20.0)
        assert orders == Counter(account="eon", name="orders", value=Decimal(0))
        assert state.counters("orders") == (orders,)


def test_what_was_seen_is_known_within_the_same_change(tmp_path: Path):
    """The first mark of a key is new, every later one is not: in the change, after it, after a restart."""
    seen = Seen(account="eon", kind="rejection", key="stream:1", time_ms=TIME_MS)
    with open_state(tmp_path) as state, state.change() as change:
        assert change.mark_seen(seen)
        assert not change.mark_seen(seen)
    with open_state(tmp_path) as state:
        assert state.seen("eon", "rejection") == (seen,)
        assert state.seen("eon", "order") == ()
        with state.change() as change:
            assert not change.mark_seen(seen)


def test_old_keys_are_pruned_by_kind(tmp_path: Path):
    """Pruning takes what is older than asked, of one kind only."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            for kind, time_ms in (("a", 1), ("a", 2), ("b", 1)):
                change.mark_seen(Seen(account="eon", kind=kind, key=f"{time_ms}", time_ms=time_ms))
            assert change.prune_seen("a", before_ms=2) == 1
        assert [one.time_ms for one in state.seen("eon", "a")] == [2]
        assert [one.time_ms for one in state.seen("eon", "b")] == [1]


def test_positions_files_and_alerts_come_back_and_go(tmp_path: Path):
    """What orders, log files and alerts need comes back; positions and alerts can be dropped."""
    record = PositionRecord(
        symbol="BTCUSDT",
        side=PositionSide.LONG,
        opened_ms=5,
        entries=2,
        orders=frozenset({9_007_199_254_740_993, 3}),
        amount=Decimal("0.10"),
        moved_ms=7,
    )
    unseen = PositionRecord(symbol="SOLUSDT", side=PositionSide.BOTH, opened_ms=None, entries=0)
    file = FilePosition(path="/var/log/bot", inode=2**40, offset=2**41, fingerprint="ab")
    alert = AlertStart(account="eon", alert="DrawdownLimitBreached", labels={"rule": "total"}, starts_at=1.5)
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.save_position("eon", record)
            change.save_position("eon", unseen)
            change.save_file_position(file)
            change.save_alert(alert)
        assert state.positions("eon") == {
            ("BTCUSDT", PositionSide.LONG): record,
            ("SOLUSDT", PositionSide.BOTH): unseen,
        }
        assert state.file_positions() == {"/var/log/bot": file}
        assert state.alerts() == (alert,)
        with state.change() as change:
            change.drop_position("eon", "BTCUSDT", PositionSide.LONG)
            change.drop_alert("eon", "DrawdownLimitBreached", {"rule": "total"})
        assert set(state.positions("eon")) == {("SOLUSDT", PositionSide.BOTH)}
        assert state.alerts() == ()


def test_an_account_that_is_gone_is_forgotten_but_for_its_ledgers(tmp_path: Path):
    """Standing and wallets of accounts that are no longer configured go; flows and counters stay."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            for account in ("eon", "old"):
                change.save_standing(account, standing("1", "total"))
                change.add_flow(account, flow())
                change.count(account, "orders", {})
            change.forget_accounts(["eon"])
        assert state.standing("old") is None
        assert state.standing("eon") is not None
        assert len(state.flows("old")) == 1
        assert len(state.counters("orders")) == 2


def test_a_rebase_is_asked_for_beside_the_owner_and_finished_once(tmp_path: Path):
    """Another process asks, the owner notices, does it once, and both the request and the trail say what came of it."""
    clock = ManualClock()
    before, after = (
        Level(reference=Decimal(5000), floor=Decimal(4500)),
        Level(reference=Decimal(4000), floor=Decimal(3600)),
    )
    with open_state(tmp_path, clock=clock) as state, Database.join(tmp_path / FILE_NAME, clock=clock) as other:
        assert state.changed_by_others(), "the first question always says yes"
        assert not state.changed_by_others()
        number = other.request_rebase(account="eon", rule="total", reason="new month", requested_by="ann")
        assert state.changed_by_others()
        assert not state.changed_by_others()
        (request,) = state.open_rebase_requests()
        assert (request.id, request.requested_by, request.requested_at) == (number, "ann", clock.now())
        with state.change() as change:
            assert change.finish_rebase(request, done_at=9.0, before=before, after=after)
            assert not change.finish_rebase(request, done_at=9.0, before=before, after=after)
        assert not state.changed_by_others(), "one's own changes do not count"
        done = other.rebase_request(number)
        assert (done.done_at, done.before, done.after) == (9.0, before, after)
        assert state.open_rebase_requests() == ()
        assert other.audit_trail("eon") == (
            AuditEntry(
                time=9.0,
                account="eon",
                rule="total",
                action="rebase",
                reason="new month",
                before="reference 5000.00 USD, floor 4500.00 USD",
                after="reference 4000.00 USD, floor 3600.00 USD",
                source="rebase by ann",
            ),
        )


def test_a_rebase_can_be_refused(tmp_path: Path):
    """A request whose rule is gone is closed with the reason, and the trail has it."""
    with open_state(tmp_path) as state:
        state.request_rebase(account="eon", rule="gone", reason="x", requested_by="ann")
        (request,) = state.open_rebase_requests()
        with state.change() as change:
            assert change.refuse_rebase(request, done_at=9.0, why="no such rule")
        assert state.rebase_request(request.id).refused == "no such rule"
        assert state.rebase_request(request.id + 1) is None
        assert [(one.action, one.reason) for one in state.audit_trail()] == [("rebase-refused", "no such rule")]


def test_the_trail_says_which_rules_are_new_changed_or_dropped():
    """Rules are compared by name and definition; one that stayed is not mentioned."""

    def rule(definition: str) -> RuleStanding:
        return RuleStanding(definition=definition, reference=Decimal(1), reference_at=0.0, start=Decimal(1))

    def of(**rules: str) -> Standing:
        named = {name: rule(definition) for name, definition in rules.items()}
        return Standing(units=Decimal(1), unit_value=Decimal(1), sampled_at=0.0, rules=named)

    entries = rule_changes("eon", of(a="1", b="1", c="1"), of(a="1", b="2", d="1"), time=5.0)
    assert [(one.rule, one.action, one.before, one.after) for one in entries] == [
        ("b", "rule-changed", "1", "2"),
        ("c", "rule-dropped", "1", ""),
        ("d", "rule-new", "", "1"),
    ]
    assert [one.action for one in rule_changes("eon", None, of(a="1"), time=5.0)] == ["rule-new"]


def test_counting_as_a_value_joins_equal_labels():
    """Two drafts that count the same counter become one count of the sum with the later time."""
    both = counted("eon", "orders", {"a": "1", "b": "2"}, at=1.0).merged(
        counted("eon", "orders", {"b": "2", "a": "1"}, 2)
    )
    ((_, more),) = both.counts.items()
    assert (more.by, more.at) == (3, 1.0)
