"""Ended orders and keys by their time in the state database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plimsoll.database.orders import KEPT, EndedOrder
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
FILLED = EndedOrder(time=1.5, learned=2.0, source="stream", outcome="filled", intent="open")


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
