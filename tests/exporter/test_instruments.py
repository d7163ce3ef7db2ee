"""What the process counts about itself: everything at 0 from the start, closed labels, no extra series."""

from __future__ import annotations

from itertools import product

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from exporter_state import ENDPOINTS, Scene, account_view, exporter_view
from plimsoll import __version__
from plimsoll.errors import FAILURE_KINDS
from plimsoll.metrics.program import add_process_metrics
from plimsoll_exporter.instruments import ACCOUNT_EVENTS, MARKET_EVENTS, Instruments


def scene() -> Scene:
    """Two accounts, nothing counted yet."""
    return Scene(exporter_view(account_view("eon"), account_view("live")))


def test_every_known_combination_starts_at_zero():
    """Calls, failures, events, reconnects and render failures exist at 0 before anything happens."""
    fresh = scene()

    for endpoint, kind in product(ENDPOINTS, FAILURE_KINDS):
        assert fresh.value("binance_api_requests_total", endpoint=endpoint) == 0
        assert fresh.value("binance_api_failures_total", endpoint=endpoint, kind=kind) == 0
    for account, event in product(("eon", "live"), ACCOUNT_EVENTS):
        assert fresh.value("binance_stream_events_total", account=account, event=event) == 0
    for event in MARKET_EVENTS:
        assert fresh.value("binance_stream_events_total", account="market", event=event) == 0
    for stream in ("eon", "live", "market"):
        assert fresh.value("binance_stream_reconnects_total", stream=stream) == 0
    assert fresh.value("plimsoll_render_failures_total", account="eon") == 0
    assert fresh.value("binance_api_request_duration_seconds_count") == 0
    assert fresh.value("binance_stream_event_delay_seconds_count") == 0


def test_failed_call_counts_twice():
    """A failed call counts as a call and as a failure of its kind; a good one only as a call."""
    counted = scene()
    counted.instruments.request("account", 0.07, None)
    counted.instruments.request("account", 0.2, "throttled")

    assert counted.value("binance_api_requests_total", endpoint="account") == 2
    assert counted.value("binance_api_failures_total", endpoint="account", kind="throttled") == 1
    assert counted.value("binance_api_failures_total", endpoint="account", kind="banned") == 0
    assert counted.value("binance_api_request_duration_seconds_bucket", le="0.1") == 1
    assert counted.value("binance_api_request_duration_seconds_count") == 2


def test_events_count_by_type_and_delay():
    """An event counts under its type, and its delay falls into a bucket; a delay below zero counts as none."""
    counted = scene()
    counted.instruments.stream_event("live", "ACCOUNT_UPDATE", 0.04)
    counted.instruments.stream_event("market", "markPriceUpdate", -0.5)

    assert counted.value("binance_stream_events_total", account="live", event="ACCOUNT_UPDATE") == 1
    assert counted.value("binance_stream_events_total", account="market", event="markPriceUpdate") == 1
    assert counted.value("binance_stream_event_delay_seconds_bucket", le="0.05") == 2
    assert counted.value("binance_stream_event_delay_seconds_sum") == 0.04


def test_undocumented_event_counts_as_unknown():
    """A type from outside the documentation makes no new series, however many the exchange invents."""
    counted = scene()
    for number in range(5):
        counted.instruments.stream_event("live", f"SURPRISE_{number}", 0.1)

    assert counted.value("binance_stream_events_total", account="live", event="unknown") == 5
    assert "SURPRISE" not in counted.text()


def test_account_called_market_keeps_both_lists():
    """An account may be called market: its events and those of the market stream are all known."""
    counted = Scene(exporter_view(account_view("market")))
    counted.instruments.stream_event("market", "ORDER_TRADE_UPDATE", 0.1)
    counted.instruments.stream_event("market", "markPriceUpdate", 0.1)

    assert counted.value("binance_stream_events_total", account="market", event="ORDER_TRADE_UPDATE") == 1
    assert counted.value("binance_stream_events_total", account="market", event="markPriceUpdate") == 1


def test_reconnects_count_by_stream():
    """A reopened stream counts under the account's name."""
    counted = scene()
    counted.instruments.stream_reconnect("eon")

    assert counted.value("binance_stream_reconnects_total", stream="eon") == 1
    assert counted.value("binance_stream_reconnects_total", stream="live") == 0


def test_weight_and_clock_are_left_to_the_view():
    """What the view tells of one moment is not told a second time from another."""
    counted = scene()
    counted.instruments.weight(2000, 2400)
    counted.instruments.clock_offset(9.0)

    assert counted.value("binance_api_used_weight") == 42
    assert counted.value("binance_clock_offset_seconds") == 0.012


def test_build_info_tells_the_version():
    """Version and interpreter are labels of a constant 1."""
    registry = CollectorRegistry()
    Instruments(registry=registry, accounts=[], endpoints=[])

    assert 'plimsoll_build_info{python_version="3.' in generate_latest(registry).decode()
    assert f'version="{__version__}"' in generate_latest(registry).decode()


def test_no_created_series_in_any_format():
    """Neither format carries ``_created`` series."""
    counted = scene()
    counted.instruments.request("account", 0.1, None)

    assert "_created" not in counted.text()
    assert "_created" not in generate_openmetrics(counted.registry).decode()


def test_process_metrics_join_the_same_registry():
    """The client's own collectors tell about memory, the interpreter and its garbage collection."""
    registry = CollectorRegistry()
    add_process_metrics(registry)
    text = generate_latest(registry).decode()

    assert "python_info{" in text
    assert "python_gc_collections_total{" in text
    assert "process_resident_memory_bytes " in text
