"""Ended orders and keys by their time in the state database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plimsoll.database.closing import GONE, KEPT_CLOSING, ClosingOrder
from plimsoll.database.orders import KEPT, KEPT_ROWS, PRUNE_EVERY, EndedOrder
from plimsoll.database.values import Seen
from state_values import TIME_MS, open_state

REJECTED = EndedOrder(
    time=1_795_164_000.125,
    learned=1_795_164_001.5,
    source="report",
    outcome="rejected",
    intent="close",
    reason="insufficient_margin",
    code=-2019,
    message="Margin is insufficient.",
    symbol="BTCUSDT",
    direction="SELL",
    type="MARKET",
    quantity="4.65",
    client_id="mirror-6",
)
FILLED = EndedOrder(
    time=1.5,
    learned=2.0,
    source="stream",
    outcome="filled",
    intent="open",
    executed="1.5",
    average_price="85000.10",
    realized="-12.5",
)
STOP = ClosingOrder(
    symbol="BNBUSDT",
    book="algo",
    order_id=7,
    client_id="stop-7",
    direction="BUY",
    position_side="both",
    type="STOP_MARKET",
    purpose="stop",
    quantity="2.17",
    close_position=False,
    price="",
    trigger="914.74",
    watches="mark",
    since=10.0,
)


def test_ended_orders_come_back_newest_first_after_a_restart(tmp_path: Path):
    """Every field is read as it was written, of one account."""
    with open_state(tmp_path) as state, state.change() as change:
        change.add_ended_order("eon", REJECTED)
        change.add_ended_order("eon", FILLED)
    with open_state(tmp_path) as state:
        assert state.ended_orders("eon") == (FILLED, REJECTED)
        assert state.ended_orders("live") == ()


def test_a_flood_of_one_kind_does_not_wash_the_other_away(tmp_path: Path):
    """The last rejected orders stay in sight however many others end, and the other way round."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.add_ended_order("live", FILLED)
            change.add_ended_order("eon", REJECTED)
            for number in range(KEPT + 5):
                change.add_ended_order("eon", replace(FILLED, client_id=str(number)))
        kept = state.ended_orders("eon")
        assert [kept.count(REJECTED), len(kept), kept[-2].client_id] == [1, KEPT + 1, "5"]
        assert state.ended_orders("live") == (FILLED,)


def test_keys_are_found_by_their_time(tmp_path: Path):
    """Both ends of the time belong to it; other kinds and accounts do not."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            for key, offset in (("a", -1), ("b", 0), ("c", 5), ("d", 6)):
                change.mark_seen(Seen(account="eon", kind="k", key=key, time_ms=TIME_MS + offset))
            change.mark_seen(Seen(account="eon", kind="other", key="x", time_ms=TIME_MS))
        assert state.seen_between("eon", "k", from_ms=TIME_MS, to_ms=TIME_MS + 5) == ("b", "c")


def test_the_shown_ones_are_the_last_of_many(tmp_path: Path):
    """A report finds far more than the status page shows, by time, and no more than fit."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            for number in range(KEPT_ROWS + 2 * PRUNE_EVERY):
                change.add_ended_order("eon", replace(FILLED, time=float(number)))
        kept = state.ended_orders_between("eon", since=0, until=1e9)
        assert KEPT_ROWS <= len(kept) < KEPT_ROWS + PRUNE_EVERY
        assert len(state.ended_orders("eon")) == KEPT
        some = state.ended_orders_between("eon", since=kept[5].time, until=kept[7].time)
        assert some == kept[5:8]


def test_the_life_of_a_closing_order_is_kept(tmp_path: Path):
    """It is kept once, ends once, and a known end replaces an unknown one."""
    ended = replace(STOP, ended=20.0, outcome="filled", average_price="921")
    with open_state(tmp_path) as state:
        with state.change() as change:
            for _ in range(2):
                change.keep_closing_order("eon", STOP)
        assert state.working_closing_orders("eon") == (STOP,)
        with state.change() as change:
            change.end_closing_order("eon", replace(STOP, ended=19.0, outcome=GONE))
            change.end_closing_order("eon", ended)
            change.end_closing_order("eon", replace(STOP, ended=30.0, outcome="cancelled"))
    with open_state(tmp_path) as state:
        assert state.working_closing_orders("eon") == ()
        assert state.closing_orders_between("eon", since=15, until=16) == (ended,)
        assert state.closing_orders_between("eon", since=0, until=9) == ()
        assert state.closing_orders_between("eon", since=21, until=99) == ()
        assert state.closing_orders_between("live", since=0, until=99) == ()


def test_old_closing_orders_make_room_and_working_ones_stay(tmp_path: Path):
    """However many there were, what works is never forgotten."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.keep_closing_order("eon", STOP)
            for number in range(8, KEPT_CLOSING + 2 * PRUNE_EVERY):
                change.keep_closing_order("eon", replace(STOP, order_id=number, ended=20.0, outcome="cancelled"))
        kept = state.closing_orders_between("eon", since=0, until=99)
        assert KEPT_CLOSING <= len(kept) <= KEPT_CLOSING + PRUNE_EVERY
        assert STOP in kept
