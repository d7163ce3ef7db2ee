"""What a scrape shows of the accounts: the rules of contract section 3, one behaviour a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

import builders
from exporter_state import NOW, Scene, account_view, exporter_view, hedged_book
from plimsoll.config.model import Mode
from plimsoll.metrics.metric import Kind, Metric
from plimsoll.metrics.section import Section
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_exporter.view import Status


def test_account_series_carry_the_figures():
    """A live account shows equity, exposure, leverage and the number of its positions."""
    scene = Scene(exporter_view(account_view(book=builders.book([builders.position("BTCUSDT", "0.01", "90000")]))))

    assert scene.value("binance_account_equity_usd", account="live") == 1015.0
    assert scene.value("binance_account_wallet_balance_usd", account="live") == 1000.0
    assert scene.value("binance_account_unrealized_pnl_usd", account="live") == 15.0
    assert scene.value("binance_account_gross_exposure_usd", account="live") == 915.0
    assert scene.value("binance_account_net_exposure_usd", account="live") == 915.0
    assert scene.value("binance_account_leverage_ratio", account="live") == pytest.approx(915 / 1015)
    assert scene.value("binance_account_positions", account="live") == 1


def test_modes_are_labels_of_the_info_series():
    """Asset mode and position mode are told as labels of a constant 1."""
    scene = Scene(exporter_view(account_view(book=builders.book(hedge=True, multi=False))))

    assert scene.value("binance_account_info", account="live", asset_mode="single", position_mode="hedge") == 1


def test_both_sides_of_a_hedged_symbol_are_series():
    """In hedge mode long and short of one symbol stand side by side, each with an absolute quantity."""
    scene = Scene(exporter_view(account_view(book=hedged_book())))

    assert scene.value("binance_position_quantity", account="live", symbol="BTCUSDT", side="long") == 0.5
    assert scene.value("binance_position_quantity", account="live", symbol="BTCUSDT", side="short") == 0.2
    assert scene.value("binance_position_notional_usd", account="live", symbol="BTCUSDT", side="short") == 18300.0
    assert scene.value("binance_position_entry_price_usd", account="live", symbol="BTCUSDT", side="short") == 92000.0
    assert scene.value("binance_position_mark_price_usd", account="live", symbol="BTCUSDT", side="long") == 91500.0
    assert scene.value("binance_position_unrealized_pnl_usd", account="live", symbol="BTCUSDT", side="long") == 750.0


def test_prices_of_a_contract_quoted_in_a_coin_are_shown_in_usd():
    """ETHBTC trades at 0.05 BTC; with BTC at 91,500 its price series say 4,575 USD, as their names promise."""
    held = builders.position("ETHBTC", "2", "0.04")
    prices = builders.market({"ETHBTC": "0.05", "BTCUSDT": "91500"}, margin_assets=["USDT", "BTC"])
    scene = Scene(replace(exporter_view(account_view(book=builders.book([held]))), market=prices))

    assert scene.value("binance_position_mark_price_usd", account="live", symbol="ETHBTC", side="long") == 4575.0
    assert scene.value("binance_position_entry_price_usd", account="live", symbol="ETHBTC", side="long") == 3660.0
    assert scene.value("binance_position_notional_usd", account="live", symbol="ETHBTC", side="long") == 9150.0


def test_symbol_leverage_sums_both_sides():
    """A symbol's leverage counts both hedge sides, and the exchange's setting stands beside it."""
    scene = Scene(exporter_view(account_view(book=hedged_book())))
    equity = scene.value("binance_account_equity_usd", account="live")

    assert equity is not None
    assert scene.value("binance_symbol_leverage_ratio", account="live", symbol="BTCUSDT") == pytest.approx(
        0.7 * 91500 / equity
    )
    assert scene.value("binance_symbol_leverage_setting_ratio", account="live", symbol="BTCUSDT") == 10


def test_closed_position_disappears_at_once():
    """A position that is gone from the state is gone from the next scrape."""
    scene = Scene(exporter_view(account_view(book=builders.book([builders.position("BTCUSDT", "0.01", "90000")]))))
    assert scene.value("binance_position_quantity", account="live", symbol="BTCUSDT", side="long") == 0.01

    scene.view = exporter_view(account_view(book=builders.book()))

    assert not any(name.startswith("binance_position_") for name in scene.names())
    assert scene.value("binance_account_positions", account="live") == 0


@pytest.mark.parametrize("status", [Status.CONNECTING, Status.SYNCING, Status.STALE])
def test_account_that_is_not_live_has_no_risk_series(status: Status):
    """Whatever it last held: an account that is not live shows no risk figure, only its health."""
    scene = Scene(exporter_view(account_view(status=status, reason="why", book=hedged_book())))

    assert scene.risk_names() == set()
    assert scene.value("binance_account_up", account="live") == 0
    assert scene.value("binance_account_trusted_timestamp_seconds", account="live") == NOW - 0.25


def test_account_without_a_snapshot_is_down():
    """Before the first snapshot an account is down, even if somebody calls it live."""
    scene = Scene(exporter_view(replace(account_view(), book=None)))

    assert scene.value("binance_account_up", account="live") == 0
    assert scene.risk_names() == set()


def test_unknown_figures_are_absent():
    """Without a mark price the position's quantity stands, and nothing that needs the price."""
    book = builders.book([builders.position("XYZUSDT", "5", "10")])
    scene = Scene(exporter_view(account_view(book=book), state=builders.market({})))

    assert scene.value("binance_position_quantity", account="live", symbol="XYZUSDT", side="long") == 5
    assert scene.value("binance_account_up", account="live") == 1
    assert scene.value("binance_account_wallet_balance_usd", account="live") == 1000
    for name in ("binance_account_equity_usd", "binance_account_leverage_ratio", "binance_position_notional_usd"):
        assert name not in scene.names()


def test_leverage_without_equity_is_infinite():
    """With equity at or below zero and something held, leverage and margin ratio are +Inf, not absent."""
    book = builders.book([builders.position("BTCUSDT", "1", "95000")])
    scene = Scene(exporter_view(account_view(book=book)))

    assert scene.value("binance_account_leverage_ratio", account="live") == float("inf")
    assert scene.value("binance_account_margin_ratio", account="live") == float("inf")
    assert 'binance_account_leverage_ratio{account="live"} +Inf' in scene.text()


def test_open_orders_exist_for_every_purpose():
    """While the orders are known, all four purposes exist, 0 included."""
    scene = Scene(exporter_view(account_view(book=hedged_book())))

    counts = {
        purpose: scene.value("binance_open_orders", account="live", purpose=purpose)
        for purpose in ("entry", "reduce", "stop", "take_profit")
    }

    assert counts == {"entry": 1, "reduce": 0, "stop": 1, "take_profit": 1}


def test_reduce_only_limit_order_counts_as_reduce():
    """A limit order that can only close is not an entry."""
    order = builders.order("BTCUSDT", Direction.SELL, reduce_only=True)
    scene = Scene(exporter_view(account_view(book=builders.book(orders=[order]))))

    assert scene.value("binance_open_orders", account="live", purpose="reduce") == 1


def test_unknown_orders_have_no_series():
    """While an order list is unknown there is no count of open orders and no margin that depends on them."""
    scene = Scene(exporter_view(account_view(book=builders.book(orders=None))))

    assert "binance_open_orders" not in scene.names()
    assert "binance_account_initial_margin_usd" not in scene.names()
    assert scene.value("binance_account_equity_usd", account="live") == 1000


def test_hostile_names_are_escaped():
    """Quotes, backslashes and line breaks in a name come back from the parser as they went in."""
    name, symbol = 'a"b\\c\nd{}', 'X"\\\nUSDT'
    book = builders.book([builders.position(symbol, "1", "100", margin_asset="USDT")])
    scene = Scene(exporter_view(account_view(name, book=book), state=builders.market({symbol: "100"})))

    labels = [
        sample.labels
        for family in text_string_to_metric_families(scene.text())
        for sample in family.samples
        if sample.name == "binance_position_quantity"
    ]

    assert labels == [{"account": name, "symbol": symbol, "side": "long"}]


def test_wrong_number_of_labels_is_refused():
    """A sample must have a value for every label of its metric."""
    metric = Metric(name="x", kind=Kind.GAUGE, labels=("a",), help="h", unit="1", source="s", formula="f")

    with pytest.raises(ValueError, match="has labels"):
        Section().add(metric, (), 1)


def many() -> Iterator[str]:
    """Names of twenty accounts."""
    return (f"account-{number}" for number in range(20))


def test_accounts_do_not_mix():
    """Twenty accounts each show their own money."""
    views = [
        account_view(
            name,
            book=builders.book(
                [builders.position("BTCUSDT", "0.01", "91500", position_side=PositionSide.BOTH)],
                [builders.balance(wallet=str(1000 + number))],
            ),
            mode=Mode.OFF,
        )
        for number, name in enumerate(many())
    ]
    scene = Scene(exporter_view(*views))

    shown = [scene.value("binance_account_equity_usd", account=name) for name in many()]

    assert shown == [1000 + number for number in range(20)]
