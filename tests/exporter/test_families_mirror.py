"""Limits and mirrors as a scrape and the JSON show them."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from exporter_state import NOW, Scene, account_view, every_series, exporter_view
from plimsoll.config.model import Limits, Mirror, SymbolLimits
from plimsoll.state.book import Book
from plimsoll_exporter import api
from plimsoll_exporter.api_mirrors import mirrors
from plimsoll_exporter.view import AccountView, ExporterView, MirrorView, Status

PAIR = {"source": "source", "destination": "eon"}
BTC = {**PAIR, "symbol": "BTCUSDT", "side": ""}
SETTINGS = {"binance_mirror_tolerance_ratio", "binance_mirror_grace_seconds", "binance_mirror_min_usd"}


def limited(limits: Limits, *, book: Book | None = None, status: Status = Status.LIVE) -> Scene:
    """One account with limits."""
    account = account_view(book=book, status=status)
    return Scene(exporter_view(replace(account, config=replace(account.config, limits=limits))))


def holding(name: str, *amounts: str, status: Status = Status.LIVE) -> AccountView:
    """An account that holds BTC, or nothing."""
    return account_view(name, book=builders.book([builders.position(amount=each) for each in amounts]), status=status)


def mirrored(source: AccountView, destination: AccountView) -> ExporterView:
    """Two accounts and a mirror that has drifted in BTC for 30 s."""
    mirror = Mirror(source="source", destination="eon", scale=Decimal("0.125"))
    drifting = MirrorView(config=mirror, drift_since={("BTCUSDT", None): NOW - 30})
    return replace(exporter_view(source, destination), mirrors=(drifting,))


def mirror_names(scene: Scene) -> set[str]:
    """The mirror series that exist."""
    return {name for name in scene.names() if name.startswith("binance_mirror_")}


def test_limits_exist_while_the_account_is_not_live():
    """They come from the configuration; only those of symbols that it merely holds are gone."""
    limits = Limits(leverage=Decimal(3), symbol_leverage=Decimal(2), symbols={"SOLUSDT": SymbolLimits()})
    scene = limited(limits, book=builders.book([builders.position()]), status=Status.STALE)
    assert scene.value("binance_account_leverage_limit_ratio", account="live") == 3
    assert scene.value("binance_symbol_leverage_limit_ratio", account="live", symbol="SOLUSDT") == 2
    assert scene.value("binance_symbol_leverage_limit_ratio", account="live", symbol="BTCUSDT") is None


def test_a_limit_that_is_not_set_is_absent():
    """An account without limits has the grace, which has a default, and no other."""
    names = limited(Limits(), book=builders.book([builders.position()])).names()
    assert {name for name in names if "_limit_ratio" in name} == set()
    assert "binance_account_stop_grace_seconds" in names


def test_a_symbols_own_limit_goes_before_the_general_one():
    """Symbols held, symbols with orders and symbols configured each have one."""
    limits = Limits(symbol_leverage=Decimal(2), symbols={"BTCUSDT": SymbolLimits(leverage=Decimal(3))})
    book = builders.book([builders.position("ETHUSDT")], orders=[builders.order("SOLUSDT")])
    scene = limited(limits, book=book)
    found = {
        symbol: scene.value("binance_symbol_leverage_limit_ratio", account="live", symbol=symbol)
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "DOTUSDT")
    }
    assert found == {"BTCUSDT": 3, "ETHUSDT": 2, "SOLUSDT": 2, "DOTUSDT": None}


def test_limits_stand_in_the_json_of_the_account():
    """Under the names of the configuration, live or not."""
    scene = Scene(every_series())
    found = json.loads(json.dumps(api.account("copy", scene.view, scene.assessor)))
    assert found["limits"] == {
        "leverage": "3",
        "symbol_leverage": "2",
        "margin_ratio": "0.5",
        "liquidation_distance": "0.05",
        "available_margin": "0.1",
        "stop_coverage": "1",
        "drawdown_at_stops": "0.08",
        "leverage_setting": 5,
        "stop_grace_seconds": 30.0,
        "symbols": {"BTCUSDT": "2", "SOLUSDT": "1.5"},
    }


def test_a_mirror_shows_what_should_be_and_what_is():
    """October's first fill: an eighth of 1 BTC is wanted, 1 BTC is held."""
    scene = Scene(mirrored(holding("source", "1"), holding("eon", "1")))
    found = {name: scene.value(name, **BTC) for name in mirror_names(scene) - SETTINGS}
    assert found == {
        "binance_mirror_expected_quantity": 0.125,
        "binance_mirror_actual_quantity": 1,
        "binance_mirror_drift_ratio": 0.875,
        "binance_mirror_drift_usd": 0.875 * 91500,
        "binance_mirror_drift_since_timestamp_seconds": NOW - 30,
    }
    assert {name: scene.value(name, **PAIR) for name in SETTINGS} == {
        "binance_mirror_tolerance_ratio": 0.05,
        "binance_mirror_grace_seconds": 10,
        "binance_mirror_min_usd": 500,
    }


@pytest.mark.parametrize("which", ["source", "eon"])
def test_a_mirror_of_an_account_that_is_not_live_shows_its_settings_only(which: str):
    """Unknown is absent, and null in the JSON."""
    status = {"source": Status.LIVE, "eon": Status.LIVE, which: Status.STALE}
    scene = Scene(mirrored(holding("source", "1", status=status["source"]), holding("eon", "1", status=status["eon"])))
    assert mirror_names(scene) == SETTINGS
    found = json.loads(json.dumps(mirrors(scene.view, scene.assessor)))
    assert [row["legs"] for row in found["mirrors"]] == [None]


def test_closed_positions_leave_no_mirror_series():
    """Whatever the keeper remembered at its last look."""
    scene = Scene(mirrored(holding("source"), holding("eon")))
    assert mirror_names(scene) == SETTINGS


def test_a_drift_that_ended_since_the_last_look_has_no_beginning():
    """The page shows what is so now."""
    scene = Scene(mirrored(holding("source", "8"), holding("eon", "1")))
    assert scene.value("binance_mirror_drift_ratio", **BTC) == 0
    assert scene.value("binance_mirror_drift_since_timestamp_seconds", **BTC) is None


def test_mirrors_as_json():
    """The whole document."""
    scene = Scene(mirrored(holding("source", "1"), holding("eon", "1")))
    assert json.loads(json.dumps(mirrors(scene.view, scene.assessor))) == {
        "time": NOW,
        "mirrors": [
            {
                **PAIR,
                "scale": "0.125",
                "tolerance": "0.05",
                "min_usd": "500",
                "grace_seconds": 10.0,
                "legs": [
                    {
                        "symbol": "BTCUSDT",
                        "side": None,
                        "expected_quantity": "0.125",
                        "actual_quantity": "1",
                        "drift_ratio": "0.875",
                        "drift_usd": "80062.500",
                        "drift_since_timestamp": NOW - 30,
                    }
                ],
            }
        ],
    }
