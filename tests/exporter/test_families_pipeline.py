"""What a scrape shows of the pipeline: health of every account, faults kept inside theirs, one view a scrape."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry

import builders
from exporter_state import NOW, Scene, account_view, exporter_view, permissions, two_accounts
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.compare import FIELDS
from plimsoll.state.market import MarketState
from plimsoll_exporter.families import Families
from plimsoll_exporter.figures import Assess
from plimsoll_exporter.view import ExporterView


def test_up_exists_for_every_account():
    """Each configured account has ``up``: 1 for the live one, 0 for the stale one."""
    scene = Scene(two_accounts())

    assert scene.value("binance_account_up", account="live") == 1
    assert scene.value("binance_account_up", account="eon") == 0


def test_health_of_a_stale_account_is_complete():
    """A stale account still tells its stream, its unexplained change and since when, and its allowed age."""
    scene = Scene(two_accounts())

    assert scene.value("binance_stream_connected", account="eon") == 0
    assert scene.value("binance_account_unexplained_change_usd", account="eon") == -12.5
    assert scene.value("binance_account_unexplained_since_timestamp_seconds", account="eon") == NOW - 61
    assert scene.value("binance_account_unexplained_since_timestamp_seconds", account="live") is None
    assert scene.value("binance_account_allowed_age_seconds", account="eon") == 60
    assert scene.value("plimsoll_account_configured", account="live", mode="armed") == 1
    assert scene.value("plimsoll_account_configured", account="eon", mode="dry-run") == 1


def test_sources_that_never_succeeded_are_absent():
    """A source has a timestamp once it succeeded, and none before."""
    scene = Scene(exporter_view(account_view(sources={"marks": NOW - 1})))

    assert scene.value("binance_source_success_timestamp_seconds", account="live", source="marks") == NOW - 1
    assert scene.value("binance_source_success_timestamp_seconds", account="live", source="orders") is None


def test_corrections_exist_at_zero_for_every_field():
    """Every field that a reconcile compares has a counter from the start."""
    scene = Scene(exporter_view(account_view(corrections={"position": 2})))

    counts = {
        field: scene.value("binance_reconcile_corrections_total", account="live", field=field) for field in FIELDS
    }

    assert counts == {**dict.fromkeys(FIELDS, 0), "position": 2}


def test_key_permissions_are_told_when_known():
    """What a key may do is 0 or 1 by permission; a key nobody could ask about has no series."""
    scene = Scene(exporter_view(account_view(keys={"read": permissions(withdraw=True)})))

    def allowed(permission: str, key: str = "read") -> float | None:
        return scene.value("binance_api_key_permission", account="live", key=key, permission=permission)

    assert [allowed(name) for name in ("read", "trade", "withdraw", "transfer", "ip_restricted")] == [1, 0, 1, 0, 1]
    assert allowed("read", key="trade") is None


def test_exchange_series_follow_the_view():
    """Weight and clock offset are those of the view, absent while unknown; the limit is always there."""
    scene = Scene(exporter_view())
    assert scene.value("binance_api_used_weight") == 42
    assert scene.value("binance_clock_offset_seconds") == 0.012

    scene.view = exporter_view(weight_used=None, clock_offset=None)

    assert scene.value("binance_api_used_weight") is None
    assert scene.value("binance_clock_offset_seconds") is None
    assert scene.value("binance_api_weight_limit") == 2400


def broken_for(equity: Decimal, error: Exception) -> Assess:
    """A computation that fails for the account with that wallet."""

    def compute(book: Book, market: MarketState) -> AccountFigures:
        if book.balances["USDT"].wallet == equity:
            raise error
        return assess(book, market)

    return compute


def test_fault_in_one_account_spares_the_others(caplog: pytest.LogCaptureFixture):
    """An account whose figures cannot be computed is down, counted and logged; the others and its health are shown."""
    bad = account_view("bad", book=builders.book(balances=[builders.balance(wallet="666")]))
    scene = Scene(
        exporter_view(bad, account_view("good")),
        assess=broken_for(Decimal(666), ZeroDivisionError("surprise")),
    )

    assert scene.value("binance_account_up", account="bad") == 0
    assert scene.value("binance_account_up", account="good") == 1
    assert scene.value("binance_account_equity_usd", account="bad") is None
    assert scene.value("binance_account_equity_usd", account="good") == 1000
    assert scene.value("binance_stream_connected", account="bad") == 1
    assert scene.value("plimsoll_render_failures_total", account="bad") >= 1
    assert scene.value("plimsoll_render_failures_total", account="good") == 0
    assert "account bad: its figures cannot be shown" in caplog.text


def not_a_number(book: Book, market: MarketState) -> AccountFigures:
    """Figures of which the last is no number."""
    return replace(assess(book, market), leverage=Decimal("NaN"))


def test_figure_that_is_no_number_takes_the_whole_account_down():
    """A NaN is a fault of ours: nothing of that account is shown, not even the figures added before it."""
    scene = Scene(exporter_view(account_view()), assess=not_a_number)

    assert scene.value("binance_account_up", account="live") == 0
    assert scene.risk_names() == set()
    assert scene.value("plimsoll_render_failures_total", account="live") >= 1


def test_fault_in_the_health_of_an_account_leaves_up():
    """Even when its health cannot be shown, an account has ``up``."""
    scene = Scene(exporter_view(account_view(trusted_at=float("nan"))))

    assert scene.value("binance_account_up", account="live") == 1
    assert scene.value("binance_stream_connected", account="live") is None
    assert scene.value("plimsoll_render_failures_total", account="live") >= 1


def test_one_view_for_each_scrape():
    """A scrape asks for the state once; registering asks for none."""
    asked: list[int] = []
    source = Scene(exporter_view())

    def ask() -> ExporterView:
        asked.append(1)
        return exporter_view()

    registry = CollectorRegistry(auto_describe=True)
    registry.register(Families(view=ask, assessor=source.assessor))
    assert asked == []

    list(registry.collect())

    assert asked == [1]


def test_registering_twice_is_refused():
    """Families are described by name, so a second collector with the same metrics cannot slip in."""
    scene = Scene(exporter_view())

    with pytest.raises(ValueError, match="Duplicated timeseries"):
        scene.registry.register(Families(view=exporter_view, assessor=scene.assessor))
