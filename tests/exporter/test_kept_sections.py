"""Parts of a page that are kept from page to page: whatever changes between two pages, the second is the library's."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from itertools import pairwise

import pytest
from prometheus_client.registry import Collector

import builders
from exporter_state import (
    NOW,
    Scene,
    account_view,
    ended_orders,
    every_series,
    exporter_view,
    hedged_book,
    market,
    opening,
    permissions,
    remembered,
)
from plimsoll.config.model import Mode
from plimsoll.metrics.format import negotiate
from plimsoll.metrics.fragments import Fragments
from plimsoll.metrics.metric import Kind, Metric
from plimsoll.metrics.page import PageWriter
from plimsoll.metrics.section import Section
from plimsoll.model.terms import PositionSide
from plimsoll.risk.assess import assess
from plimsoll.risk.entries import Openings
from plimsoll_exporter.exposition import Pages
from plimsoll_exporter.families import Families
from plimsoll_exporter.view import AccountView, ExporterView, Status, StopTimes

FORMATS = ("", "application/openmetrics-text;version=1.0.0")
MANY = 200
ABSURD_SECONDS = 30.0

CHANGED: dict[str, object] = {
    "status": Status.STALE,
    "reason": "the stream is silent",
    "book": hedged_book(),
    "connected": False,
    "trusted_at": NOW - 7,
    "unexplained_usd": Decimal("-3.5"),
    "unexplained_since": NOW - 8,
    "allowed_age": 15.0,
    "sources": {"account": NOW - 1},
    "permissions": {"read": permissions(withdraw=True)},
    "corrections": {"position": 7},
    "stop_times": StopTimes(unprotected={("BTCUSDT", "long"): NOW - 9}),
    "openings": Openings(rows={("BTCUSDT", PositionSide.BOTH): opening("0.5", entries=3)}),
    "order_counts": ended_orders(),
}
"""Another value of each field of an account's view but its configuration and its ledger."""


class Checked:
    """Pages of one process over changing views, each compared with what the library makes of the view alone."""

    def __init__(self, view: ExporterView) -> None:
        self._scene = Scene(view)
        self._pages = Pages(registry=self._scene.own, assessor=self._scene.assessor)

    def show(self, view: ExporterView) -> None:
        """One page in each format, the same as the library's."""
        self._scene.view = view
        for accept in FORMATS:
            form = negotiate(accept, "")
            page = self._pages.page(view, form)
            assert page == form.encode(self._scene.registry)


def variants(account: AccountView) -> Iterator[AccountView]:
    """The account with each of its fields changed in turn, and the account itself again after each."""
    ledger = remembered(account.config.limits)
    armed = replace(account.config, enforcement=replace(account.config.enforcement, mode=Mode.ARMED))
    limited = replace(account.config, limits=replace(account.config.limits, leverage=Decimal(7)))
    for change in (*CHANGED.items(), ("ledger", ledger), ("config", armed), ("config", limited)):
        yield replace(account, **dict([change]))  # type: ignore[arg-type] # of the field's own type, as listed
        yield account


def test_every_field_of_an_account_has_another_value_here():
    """A field that is added to the view must be changed below too, or nobody would see it kept too long."""
    assert {field.name for field in fields(AccountView)} == {*CHANGED, "config", "ledger"}


def test_a_page_after_any_change_of_an_account_is_that_of_the_new_state():
    """No field of an account can change without being shown, whatever was kept of the page before."""
    stop = builders.stop("BTCUSDT", quantity="0.2", trigger="89000", order_id=9)
    held = account_view("held", book=builders.book([builders.position("BTCUSDT", "0.5", "90000")], orders=[stop]))
    other = account_view("other", book=hedged_book())
    checked = Checked(exporter_view(held, other))
    for account in variants(held):
        checked.show(exporter_view(account, other))


def test_prices_mirrors_and_what_all_accounts_share_are_shown_as_they_become():
    """Prices up, down and gone; weight, offset and a state that cannot be written; mirrors with and without a drift."""
    view = every_series()
    checked = Checked(view)
    higher = builders.market({"BTCUSDT": "91501", "ETHUSDT": "2400", "DOTUSDT": "2.69406667", "BNBUSDT": "900"})
    for changed in (
        view,
        replace(view, market=higher),
        replace(view, market=market()),
        replace(view, market=builders.market({"BTCUSDT": "91500"})),
        replace(view, weight_used=None, clock_offset=None, state_failing_since=None),
        replace(view, mirrors=tuple(replace(each, drift_since={}) for each in view.mirrors)),
        replace(view, accounts=tuple(reversed(view.accounts))),
        view,
    ):
        checked.show(changed)


def plain(numbers: Iterable[float | Decimal], metric: Metric, before: Section | None = None) -> Section:
    """A section with these numbers, in the place of another."""
    section = Section(before)
    for place, number in enumerate(numbers):
        section.add(metric, (str(place),), number)
    return section


@pytest.mark.parametrize("kind", [Kind.GAUGE, Kind.COUNTER])
def test_a_line_is_written_again_whenever_its_number_is_written_otherwise(kind: Kind):
    """Zeros of both signs are equal and written differently; so are a number and its neighbour."""
    name = "binance_many_total" if kind is Kind.COUNTER else "binance_some"
    metric = Metric(name=name, kind=kind, labels=("place",), help="Some.", unit="1", source="s", formula="f")
    values = (0.0, -0.0, Decimal(0), Decimal("-0"), False, True, 1, 1e6, 1e21, float("inf"), Decimal("Infinity"), 0.1)
    values += (Decimal("0.1"), Decimal("0.10"), 2**53, 2**53 + 1.0, Decimal("1E-9"), 0.0)
    writer, fragments, form = PageWriter(), Fragments((metric,)), negotiate("", "")
    section = None
    for before, after in pairwise(values):
        for numbers in ((before, after), (after, before), (after, after, before), (before, after)):
            section = plain(numbers, metric, section)
            families = list(section.families((metric,)))
            written = writer.sections((section,), fragments, form)
            assert written == writer.part(_Fixed(families), form)


def some_metric() -> Metric:
    """Any metric."""
    return Metric(name="some", kind=Kind.GAUGE, labels=("place",), help="Some.", unit="1", source="s", formula="f")


def test_a_section_holds_nothing_of_those_before_it_once_it_is_written():
    """Positions open and close for as long as the process runs; of what is gone nothing is kept."""
    metric = some_metric()
    writer, fragments, form = PageWriter(), Fragments((metric,)), negotiate("", "")
    section = None
    for page in range(5):
        section = Section(section)
        section.add(metric, (f"{page}",), page)
        assert f'some{{place="{page}"}} {page}.0'.encode() in writer.sections((section,), fragments, form)
        assert section.before is None


def test_sections_that_nobody_writes_do_not_hold_one_another():
    """Where the library writes every page, a section follows the last one that was written, or none."""
    metric = some_metric()
    written, fragments = plain((1,), metric), Fragments((metric,))
    fragments.write((written,), lambda _: b"")
    section = written
    for number in range(5):
        section = plain((number,), metric, section)
        assert section.before is written
    assert plain((1,), metric, plain((1,), metric)).before is None


def test_a_line_is_kept_with_its_labels():
    """Equal numbers under other label values, of another metric or of fewer samples are written anew."""
    some, other = some_metric(), replace(some_metric(), name="other")
    writer, fragments, form = PageWriter(), Fragments((some, other)), negotiate("", "")
    section = None
    for samples in (
        ((some, "a"), (some, "b")),
        ((some, "b"), (some, "a")),
        ((some, "a"), (other, "a")),
        ((other, "a"), (some, "a")),
        ((some, "a"),),
        ((some, "a"), (some, "b")),
    ):
        section = Section(section)
        for metric, place in samples:
            section.add(metric, (place,), 1)
        families = list(section.families((some, other)))
        assert writer.sections((section,), fragments, form) == writer.part(_Fixed(families), form)


class _Fixed(Collector):
    def __init__(self, families: object) -> None:
        self._families = families

    def collect(self) -> object:  # type: ignore[override] # the same families always
        """The families."""
        return self._families


def test_a_part_that_has_not_changed_is_not_made_again():
    """With two accounts of which one changes, the other's parts are the very same on the next page."""
    scene = Scene(exporter_view(account_view("one"), account_view("two")))
    families = Families(view=lambda: scene.view, assessor=scene.assessor)
    before = families.sections()
    one, two = scene.view.accounts
    scene.view = exporter_view(one, replace(two, book=hedged_book()), state=scene.view.market)
    after = families.sections()
    same = [id(section) for section in before if section in after]
    assert len(same) > len(before) / 2
    assert [section for section in after if section not in before]


def test_series_that_prices_do_not_move_are_not_made_again():
    """After a price only what follows prices is new: entries, stops and settings are the very same."""
    held = builders.book([builders.position("BTCUSDT", "0.5", "90000")], orders=[builders.stop(trigger="89500")])
    scene = Scene(exporter_view(account_view(book=held)))
    families = Families(view=lambda: scene.view, assessor=scene.assessor)
    before = families.sections()
    scene.view = replace(scene.view, market=builders.market({"BTCUSDT": "91501"}))
    changed = [section for section in families.sections() if section not in before]

    moving = {name for section in changed for name in section.names}
    assert {"binance_position_mark_price_usd", "binance_position_stop_distance_ratio"} < moving
    assert not {"binance_position_entry_price_usd", "binance_position_stop_price_usd", "binance_open_orders"} & moving


def test_prices_that_do_move_what_mostly_stands_still_are_shown():
    """A stop that comes to lie beyond the liquidation price and before it again; a symbol that is quoted in a coin."""
    orders = [builders.stop("BTCUSDT", trigger="53"), builders.stop("ETHBTC", trigger="0.03", order_id=2)]
    held = builders.book(
        [builders.position("BTCUSDT", "1", "100"), builders.position("ETHBTC", "100", "0.05", margin_asset="USDT")],
        [builders.balance(wallet="50")],
        orders,
    )
    view = exporter_view(account_view(book=held))
    checked, late = Checked(view), set()
    for bitcoin, ether in (("100", "0.05"), ("100", "0.01"), ("160", "0.05"), ("100", "9"), ("100", "0.05")):
        changed = replace(view, market=builders.market({"BTCUSDT": bitcoin, "ETHBTC": ether}))
        checked.show(changed)
        late.add(assess(held, changed.market).protection.positions[0].beyond_liquidation)
    assert late == {True, False}


def test_two_hundred_accounts_are_the_library_s_to_the_byte_within_seconds():
    """Orders of magnitude: 200 accounts, four positions each, twice, the second time at other prices."""
    accounts = [account_view(f"a{number:03}", book=hedged_book()) for number in range(MANY)]
    view = exporter_view(*accounts)
    checked = Checked(view)
    began = time.process_time()
    checked.show(view)
    checked.show(replace(view, market=builders.market({"BTCUSDT": "91499", "ETHUSDT": "2401", "DOTUSDT": "2.7"})))
    assert time.process_time() - began < ABSURD_SECONDS
