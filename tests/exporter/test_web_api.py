"""The state as JSON, over a real socket."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

import builders
from exporter_state import NOW, account_view, exporter_view
from web_client import Answer, Served, ask

PAGES = ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/accounts", "/api/v1/accounts/live")


def document(answer: Answer) -> dict[str, object]:
    """The JSON object of an answer."""
    assert answer.headers["Content-Type"].startswith("application/json")
    found: dict[str, object] = json.loads(answer.text)
    return found


async def test_accounts_are_listed_in_order(site: Served):
    """The list holds every account with its status, reason and mode, in the order of the configuration."""
    found = document(await ask(site, "/api/v1/accounts"))

    assert found["time"] == NOW
    assert found["ready"] is True
    rows = found["accounts"]
    assert isinstance(rows, list)
    assert [(row["account"], row["status"], row["mode"]) for row in rows] == [
        ("live", "live", "armed"),
        ("eon", "stale", "dry-run"),
    ]
    assert rows[1]["reason"] == "the stream has been silent for 61 s"


async def test_live_account_shows_what_it_holds(site: Served):
    """Decimals are strings, times numbers, unknown null: figures, positions, symbols, balances and orders."""
    found = document(await ask(site, "/api/v1/accounts/live"))
    figures, positions, orders = found["figures"], found["positions"], found["orders"]

    assert isinstance(figures, dict)
    assert isinstance(positions, list)
    assert isinstance(orders, list)
    assert Decimal(figures["equity"]) == Decimal("50544.279999")
    assert [(row["symbol"], row["side"], row["quantity"]) for row in positions] == [
        ("BTCUSDT", "long", "0.5"),
        ("BTCUSDT", "short", "0.2"),
        ("DOTUSDT", "short", "300"),
        ("ETHUSDT", "long", "3"),
    ]
    assert positions[0]["liquidation_price"] is None
    assert [(row["purpose"], row["trigger_price"], row["order_id"]) for row in orders] == [
        ("stop", "88000", "7"),
        ("take_profit", "2700", "8"),
        ("entry", None, "7"),
    ]
    assert found["balances"][1] == {"asset": "BNB", "wallet": "2", "cross_wallet": "2"}  # type: ignore[index]
    assert found["symbols"][0]["leverage_setting"] == 10  # type: ignore[index]
    assert found["settings"] == {"asset_mode": "single", "position_mode": "hedge", "can_trade": True}
    assert found["source_success_timestamp"]["stream"] is None  # type: ignore[index]


async def test_stops_are_told_by_position_and_account(site: Served):
    """Each position tells its stops, what is beyond them and since when; the account their sums."""
    found = document(await ask(site, "/api/v1/accounts/live"))
    figures, positions = found["figures"], found["positions"]

    assert isinstance(figures, dict)
    assert isinstance(positions, list)
    assert (figures["loss_at_stops"], figures["orphan_stops"]) == ("1000.0", 0)
    assert Decimal(figures["unprotected_exposure"]) == Decimal("26308.220001")
    stopped, eth = positions[0], positions[3]
    assert {name: stopped[name] for name in ("stop_coverage", "stop_price", "stop_watches", "loss_at_stop")} == {
        "stop_coverage": "1",
        "stop_price": "88000",
        "stop_watches": "last",
        "loss_at_stop": "1000.0",
    }
    assert stopped["stop_overrun_since_timestamp"] == {"watched": NOW - 10, "mark": NOW - 20}
    assert stopped["unprotected_since_timestamp"] is None
    assert (stopped["stop_beyond_liquidation"], stopped["stop_may_open"], stopped["stop_over_covered"]) == (False,) * 3
    assert (eth["stop_coverage"], eth["stop_price"], eth["unprotected_since_timestamp"]) == ("0", None, NOW - 90)


async def test_account_that_is_not_live_shows_nothing_it_holds(site: Served):
    """A stale account has status, reason and health; figures and holdings are null."""
    found = document(await ask(site, "/api/v1/accounts/eon"))

    assert found["unexplained_usd"] == "-12.5"
    assert found["unexplained_since_timestamp"] == NOW - 61
    assert [found[key] for key in ("settings", "figures", "positions", "symbols", "balances", "orders")] == [None] * 6


async def test_infinity_is_a_word(site: Served):
    """An infinite ratio is the string Infinity, so that the JSON stays JSON."""
    book = builders.book([builders.position("BTCUSDT", "1", "95000")], orders=None)
    site.scene.view = exporter_view(account_view(book=book))
    found = document(await ask(site, "/api/v1/accounts/live"))

    assert found["figures"]["leverage"] == "Infinity"  # type: ignore[index]
    assert found["figures"]["initial_margin"] is None  # type: ignore[index]
    assert found["orders"] is None


@pytest.mark.parametrize("name", ["nobody", "", "live/positions", "LIVE", "%00", "a%2Fb"])
async def test_unknown_account_is_not_found(site: Served, name: str):
    """An account that is not configured is 404, in JSON."""
    answer = await ask(site, f"/api/v1/accounts/{name}")

    assert answer.status == 404
    assert document(answer) == {"error": "no such account"}
