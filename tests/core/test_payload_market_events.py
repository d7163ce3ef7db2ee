"""What the messages of the market stream say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events
from plimsoll.model.market import AssetRate, LastPrice, Mark


def test_mark_price():
    """One symbol's mark price, raw and wrapped, with the time it was sent."""
    mark = Mark(symbol="SOLUSDT", price=Decimal("185.2"), time_ms=1795165201000)
    assert events.market_events(payload("stream_mark")) == (mark,)
    assert events.market_events(payload("stream_mark_wrapped")) == (mark,)


def test_mark_prices_of_all_symbols():
    """Coin-margined symbols, symbols without a price and broken rows are left out of the array."""
    found = events.market_events(payload("stream_mark_array"))
    assert [mark.symbol for mark in found if isinstance(mark, Mark)] == ["SOLUSDT", "BNBUSDC"]
    assert len(found) == 2


def test_asset_rates():
    """One asset or an array of them."""
    btc = AssetRate(asset="BTC", bid=Decimal(85500), ask=Decimal(94500), time_ms=1795165201000)
    assert events.market_events(payload("stream_asset_index_one")) == (btc,)
    assert events.market_events(payload("stream_asset_index"))[0] == btc
    assert len(events.market_events(payload("stream_asset_index"))) == 2


def test_last_price():
    """The mini ticker's close is the last price, with the time it was sent; not of coin-margined symbols."""
    told = payload("stream_mini_ticker")
    last = LastPrice(symbol="SOLUSDT", price=Decimal("185.19"), time_ms=1795165201500)
    assert events.market_events(told) == (last,)
    assert events.market_events(changed(told, ("data", "st"), MISSING)) == (last,)
    assert events.market_events(changed(told, ("data", "st"), 2)) == ()


def test_a_symbol_that_was_never_traded_has_no_last_price():
    """A close of zero is no price."""
    assert events.market_events(changed(payload("stream_mini_ticker"), ("data", "c"), "0.00")) == ()


@pytest.mark.parametrize(("field", "value"), [("c", "NaN"), ("s", MISSING), ("E", "x"), ("st", "one")])
def test_a_broken_last_price_is_refused(field: str, value: object):
    """A last price that cannot be believed is an error when it comes alone."""
    with pytest.raises(Malformed, match=f"24hrMiniTicker: {field} "):
        events.market_events(changed(payload("stream_mini_ticker"), ("data", field), value))


def test_other_market_messages_say_nothing():
    """Other events, answers to subscriptions and stray values give no event."""
    assert events.market_events(payload("stream_other")) == ()
    assert events.market_events(payload("stream_subscribed")) == ()
    assert events.market_events([]) == ()
    assert events.market_events("pong") == ()


@pytest.mark.parametrize(("field", "value"), [("p", "NaN"), ("s", MISSING), ("E", "x"), ("st", "one")])
def test_a_broken_mark_price_is_refused(field: str, value: object):
    """A mark price that cannot be believed is an error when it comes alone."""
    with pytest.raises(Malformed, match=f"markPriceUpdate: {field} "):
        events.market_events(changed(payload("stream_mark"), (field,), value))
