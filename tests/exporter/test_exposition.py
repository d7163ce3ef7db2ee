"""Pages are made once for a view: what has not changed is not written again, and what has is."""

from __future__ import annotations

import gzip
from dataclasses import replace
from decimal import Decimal

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from counted_assess import Counted
from exporter_state import NOW, Scene, two_accounts
from plimsoll.metrics.format import negotiate
from plimsoll_exporter.exposition import Pages

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def test_a_second_page_of_an_unchanged_view_computes_nothing():
    """Only the time has passed: the accounts' part is the same, to the byte, without another assessment."""
    counted = Counted()
    scene = Scene(two_accounts(), counted)
    pages = Pages(registry=scene.own, assessor=scene.assessor)
    form = negotiate("", "")
    first = pages.page(scene.view, form)
    made = counted.calls
    assert made > 0
    assert pages.page(replace(two_accounts(), now=NOW + 0.4), form) == first
    assert counted.calls == made


def test_a_changed_view_is_written_anew():
    """One figure of one account has moved: the page shows it."""
    scene = Scene(two_accounts())
    pages = Pages(registry=scene.own, assessor=scene.assessor)
    form = negotiate("", "")
    first = pages.page(scene.view, form)
    live, stale = scene.view.accounts
    moved = replace(scene.view, accounts=(replace(live, unexplained_usd=Decimal("12.5")), stale))
    assert b'binance_account_unexplained_change_usd{account="live"} 12.5' in pages.page(moved, form)
    assert pages.page(scene.view, form) == first


def test_what_the_process_counts_is_always_fresh():
    """A request that was counted between two scrapes of one view is on the second page."""
    scene = Scene(two_accounts())
    pages = Pages(registry=scene.own, assessor=scene.assessor)
    form = negotiate("", "")
    before = pages.page(scene.view, form)
    scene.instruments.stream_reconnect("live")
    assert pages.page(scene.view, form) != before


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_packed_pages_unpack_to_the_plain_ones(accept: str):
    """Whatever begins alike is packed once; each page still ends with what was counted until then."""
    scene = Scene(two_accounts())
    pages = Pages(registry=scene.own, assessor=scene.assessor)
    for _ in range(3):
        packed = pages.page(scene.view, negotiate(accept, "gzip"))
        assert gzip.decompress(packed) == pages.page(scene.view, negotiate(accept, ""))
        scene.instruments.stream_reconnect("live")


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_a_page_joined_of_two_parts_parses_as_one(accept: str):
    """Both formats have one end, and every family once."""
    scene = Scene(two_accounts())
    form = negotiate(accept, "")
    text = Pages(registry=scene.own, assessor=scene.assessor).page(scene.view, form).decode()
    parse = openmetrics_families if accept else text_string_to_metric_families
    names = [family.name for family in parse(text)]
    assert "binance_account_equity_usd" in names
    assert len(names) == len(set(names))
    assert text.count("# EOF") == (1 if accept else 0)
