"""Drawdown and ledger as they are shown: what is kept always, what is made of equity only while it is trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from exporter_state import NOW, RULES, Scene, account_view, exporter_view, remembered
from plimsoll.config.model import Limits
from plimsoll_exporter.api import account as account_json
from plimsoll_exporter.view import AccountView, Status

LIMITS = Limits(drawdown={rule.name: rule for rule in RULES})
KEPT = (
    "drawdown_reference_usd",
    "drawdown_reference_timestamp_seconds",
    "drawdown_limit_ratio",
    "drawdown_floor_usd",
    "drawdown_estimated",
    "breach_samples",
    "flows_until_timestamp_seconds",
)
OF_EQUITY = ("drawdown_usd", "drawdown_ratio", "drawdown_at_stops_ratio")


def account(*, status: Status = Status.LIVE, trusted: bool = True, wallet: str = "4600", held: str = "") -> AccountView:
    """An account that stood at 5,000 USD."""
    positions = [builders.position("BTCUSDT", held, "91500")] if held else []
    view = account_view(status=status, book=builders.book(positions, [builders.balance("USDT", wallet)]))
    ledger = replace(remembered(LIMITS), trusted=trusted)
    return replace(view, config=replace(view.config, limits=LIMITS), ledger=ledger)


def shown(view: AccountView) -> Mapping[str, float | None]:
    """The series of the rule with a ratio, by the end of their names."""
    scene = Scene(exporter_view(view))
    return {name: scene.value(f"binance_account_{name}", account="live", rule="total") for name in (*KEPT, *OF_EQUITY)}


def test_a_trusted_account_shows_all():
    """Reference 5,000, floor 4,500, 400 lost: 8 %; flat, so that at the stops it is the same."""
    found = shown(account())
    assert found == {
        "drawdown_reference_usd": 5000,
        "drawdown_reference_timestamp_seconds": NOW - 3600,
        "drawdown_limit_ratio": 0.1,
        "drawdown_floor_usd": 4500,
        "drawdown_estimated": 0,
        "breach_samples": 0,
        "flows_until_timestamp_seconds": NOW - 2,
        "drawdown_usd": 400,
        "drawdown_ratio": 0.08,
        "drawdown_at_stops_ratio": 0.08,
    }


@pytest.mark.parametrize(
    "view",
    [account(status=Status.STALE), account(trusted=False), account(wallet="9")],
    ids=["not live", "unexplained", "below min_equity_usd"],
)
def test_without_trust_in_equity_the_kept_is_shown_and_nothing_else(view: AccountView):
    """References, limits and breaches stay; what equity makes is absent."""
    found = shown(view)
    assert [found[name] for name in OF_EQUITY] == [None] * 3
    assert None not in [found[name] for name in KEPT]
    scene = Scene(exporter_view(view))
    labels = {"account": "live", "rule": "total"}
    assert scene.value("binance_account_drawdown_breached", on_breach="flatten", **labels) == 0


def test_at_the_stops_is_unknown_without_stops():
    """A position that no stop covers makes it absent, the drawdown of now stays."""
    found = shown(account(held="0.01"))
    assert found["drawdown_ratio"] == 0.08
    assert found["drawdown_at_stops_ratio"] is None


def test_a_rule_that_has_not_begun_shows_its_limit():
    """Before the first trusted sample the limit of a ratio is known, and what warns before it."""
    view = account()
    scene = Scene(exporter_view(replace(view, ledger=replace(view.ledger, watched=None, flows_until=None))))
    labels = {"account": "live", "rule": "total"}
    assert scene.value("binance_account_drawdown_limit_ratio", **labels) == 0.1
    assert scene.value("binance_account_drawdown_near_ratio", level="critical", **labels) == 0.08
    assert scene.value("binance_account_drawdown_reference_usd", **labels) is None
    assert scene.value("binance_account_drawdown_limit_ratio", account="live", rule="daily") is None


def test_the_json_tells_the_same():
    """Rules by name, decimals as text, and the ledger with every known label."""
    scene = Scene(exporter_view(account()))
    found = json.loads(json.dumps(account_json("live", scene.view, scene.assessor)))
    total, daily = found["drawdown"]["rules"]["total"], found["drawdown"]["rules"]["daily"]
    assert (Decimal(total["drawdown_ratio"]), Decimal(total["limit_used"]), total["from"]) == (
        Decimal("0.08"),
        Decimal("0.8"),
        "high-water",
    )
    assert (Decimal(daily["drawdown_usd"]), Decimal(daily["limit_ratio"]), daily["estimated"]) == (
        400,
        Decimal("0.1"),
        True,
    )
    assert found["ledger"]["external_flow_usd"] == {"in": "1250.5", "out": "0"}
    assert found["ledger"]["forced_closes"]["liquidation"] == {"count": 2, "last_timestamp": NOW - 590}
    assert set(found["ledger"]["forced_closes"]) == {"liquidation", "adl", "settlement"}
