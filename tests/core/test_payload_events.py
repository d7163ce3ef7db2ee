"""What the messages of the streams say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, names, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events
from plimsoll.model.events import (
    AccountUpdate,
    AlgoUpdate,
    AssetModeChange,
    BalanceChange,
    Fill,
    IgnoredEvent,
    LeverageChange,
    ListenKeyExpired,
    MarginCall,
    OrderUpdate,
    PositionChange,
    UnknownEvent,
)
from plimsoll.model.market import AssetRate, Mark
from plimsoll.model.terms import AssetMode, MarginMode, OrderBook, PositionSide, PriceKind

SENT, DONE = 1795165200007, 1795165200004
KNOWN = sorted(
    set(names("ev_"))
    - {"ev_unknown", "ev_wrapped", "ev_trade_lite", "ev_strategy", "ev_grid", "ev_trigger_reject", "ev_config_new_kind"}
)


def _order_update(name: str) -> OrderUpdate:
    event = events.account_event(payload(name))
    assert isinstance(event, OrderUpdate)
    return event


def _algo_update(name: str) -> AlgoUpdate:
    event = events.account_event(payload(name))
    assert isinstance(event, AlgoUpdate)
    return event


def test_account_update_of_a_fill():
    """Balances and positions that changed, cross and isolated."""
    event = events.account_event(payload("ev_account_update_order"))
    assert isinstance(event, AccountUpdate)
    assert (event.time_ms, event.event_ms, event.reason) == (DONE, SENT, "ORDER")
    assert event.balances == (
        BalanceChange(
            asset="USDT", wallet=Decimal("12498.1485"), cross_wallet=Decimal("12498.1485"), change=Decimal(0)
        ),
    )
    assert event.positions[1] == PositionChange(
        symbol="BNBUSDC",
        position_side=PositionSide.BOTH,
        amount=Decimal(-3),
        entry_price=Decimal("905.5"),
        unrealized_pnl=Decimal("18.75"),
        margin_mode=MarginMode.ISOLATED,
        isolated_wallet=Decimal(300),
    )


def test_account_update_of_a_closed_position():
    """A closed position has no amount and no entry price, on any side, and may leave its isolated wallet out."""
    event = events.account_event(payload("ev_account_update_closed"))
    assert isinstance(event, AccountUpdate)
    (position,) = event.positions
    assert (position.key, position.amount, position.isolated_wallet) == (("SOLUSDT", PositionSide.LONG), 0, 0)


def test_account_update_of_funding():
    """Cross funding changes a balance and no position; the symbol that it names is not needed."""
    event = events.account_event(payload("ev_account_update_funding_cross"))
    assert isinstance(event, AccountUpdate)
    assert (event.reason, event.balances[0].change, event.positions) == ("FUNDING_FEE", Decimal("-0.2285"), ())


def test_account_update_without_a_list():
    """A list that is left out changed nothing; a wallet may be negative."""
    event = events.account_event(payload("ev_account_update_deposit"))
    assert isinstance(event, AccountUpdate)
    assert (event.balances[0].wallet, event.positions) == (Decimal("-13.5"), ())


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("a",), MISSING, "ACCOUNT_UPDATE: a is missing"),
        (("T",), None, "ACCOUNT_UPDATE: T should not be null"),
        (("a", "m"), 3, "ACCOUNT_UPDATE a: m should be text"),
        (("a", "B", 0, "wb"), "NaN", r"ACCOUNT_UPDATE a B \[0\]: wb should be a number"),
        (("a", "P"), {}, "ACCOUNT_UPDATE a P: expected a list"),
        (("a", "P", 0, "ep"), "0.0", r"ACCOUNT_UPDATE a P \[0\]: entry price should be above zero"),
        (("a", "P", 1, "mt"), "half", r"a P \[1\]: mt should be one of cross, crossed, isolated, found 'half'"),
        (("a", "P", 1, "ps"), "LONG", r"a P \[1\]: amount has the wrong sign for the long side"),
        (("a", "P", 1, "iw"), "x", r"a P \[1\]: iw should be a number"),
    ],
)
def test_a_broken_account_update(path: tuple[str | int, ...], value: object, fault: str):
    """One broken part refuses the whole event and is named."""
    with pytest.raises(Malformed, match=fault):
        events.account_event(changed(payload("ev_account_update_order"), path, value))


def test_a_new_order():
    """No trade, no fill; a commission of null is none; the order is as of the transaction time."""
    event = _order_update("ev_order_new")
    assert (event.time_ms, event.event_ms, event.execution, event.fill) == (DONE, SENT, "NEW", None)
    assert (event.order.book, event.order.key) == (OrderBook.PLAIN, (OrderBook.PLAIN, 99120100))
    assert (event.order.updated_ms, event.order.reason, event.order.reduce_only) == (DONE, "", True)
    assert (event.order.watches, event.order.trigger_price) == (PriceKind.LAST, None)


def test_a_trade():
    """A partial fill with its price, profit and commission."""
    event = _order_update("ev_order_trade")
    assert (event.order.status, event.order.executed, event.order.remaining) == ("PARTIALLY_FILLED", 4, 6)
    assert event.fill == Fill(
        trade_id=881200501,
        quantity=Decimal(4),
        price=Decimal("186.01"),
        realized_pnl=Decimal("14.44"),
        commission=Decimal("0.297616"),
        commission_asset="USDT",
    )


def test_a_trade_without_commission():
    """The commission and its asset may be left out when there was none."""
    fill = _order_update("ev_order_trade_free").fill
    assert fill is not None
    assert (fill.commission, fill.commission_asset, fill.quantity) == (0, "", 6)


def test_a_commission_needs_its_asset():
    """A commission in an unknown asset could not be booked."""
    with pytest.raises(Malformed, match="ORDER_TRADE_UPDATE o: N is missing"):
        events.account_event(changed(payload("ev_order_trade"), ("o", "N"), MISSING))


def test_a_market_order_cut_off():
    """An order that expired unfilled has a reason and no fill, even if it filled before."""
    event = _order_update("ev_order_expired")
    assert (event.execution, event.order.reason, event.fill, event.order.ended) == ("EXPIRED", "9", None, True)


def test_a_trade_of_nothing_is_no_fill():
    """An execution that filled nothing is no fill."""
    event = events.account_event(changed(payload("ev_order_trade"), ("o", "l"), "0"))
    assert isinstance(event, OrderUpdate)
    assert event.fill is None


def test_a_liquidation():
    """The exchange's own execution is a fill like any other; its unknown order type is kept."""
    event = _order_update("ev_order_liquidation")
    assert (event.execution, event.order.type, event.order.client_id[:9]) == ("CALCULATED", "LIQUIDATION", "autoclose")
    assert event.fill is not None
    assert event.fill.realized_pnl == -613


def test_a_new_conditional_order():
    """Before the trigger nothing is filled and no order was born."""
    event = _algo_update("ev_algo_new")
    assert (event.time_ms, event.event_ms, event.average_price, event.filled) == (DONE, SENT, None, None)
    assert (event.order.book, event.order.trigger_price) == (OrderBook.ALGO, Decimal("171.5"))
    assert (event.order.actual_order_id, event.order.activated, event.order.reason) == (None, None, "")
    assert (event.order.watches, event.order.executed) == (PriceKind.MARK, 0)


def test_a_close_all_stop():
    """A close-all order has the quantity zero."""
    order = _algo_update("ev_algo_close_all").order
    assert (order.close_position, order.quantity) == (True, 0)


def test_a_trailing_stop_tells_its_activation():
    """Activated or not, or not told; never a trigger price."""
    assert _algo_update("ev_algo_trailing_activated").order.activated is True
    assert _algo_update("ev_algo_trailing_untold").order.activated is None
    assert _algo_update("ev_algo_trailing_activated").order.trigger_price is None


def test_a_triggered_conditional_order():
    """The order it became is named; nothing is filled yet, so there is no average price."""
    event = _algo_update("ev_algo_triggered")
    assert (event.order.status, event.order.actual_order_id) == ("TRIGGERED", 99120200)
    assert (event.average_price, event.filled) == (None, 0)


def test_a_finished_conditional_order():
    """What the order it became filled, and at which price."""
    event = _algo_update("ev_algo_finished")
    assert (event.average_price, event.filled, event.order.executed) == (Decimal("171.38"), 40, 40)


def test_a_rejected_conditional_order():
    """The exchange's reason is kept: it is told nowhere else."""
    event = _algo_update("ev_algo_rejected")
    assert (event.order.status, event.order.reason, event.order.ended) == ("REJECTED", "Reduce Only reject", True)
    assert (event.average_price, event.filled) == (None, 0)


def test_settings_that_change():
    """A leverage setting, or the asset mode."""
    assert events.account_event(payload("ev_leverage")) == LeverageChange(
        time_ms=DONE, event_ms=SENT, symbol="SOLUSDT", leverage=8
    )
    multi, single = payload("ev_asset_mode_multi"), payload("ev_asset_mode_single")
    assert events.account_event(multi) == AssetModeChange(time_ms=DONE, event_ms=SENT, asset_mode=AssetMode.MULTI)
    assert events.account_event(single) == AssetModeChange(time_ms=DONE, event_ms=SENT, asset_mode=AssetMode.SINGLE)


def test_a_setting_that_is_not_documented_is_unknown():
    """A change of settings of another kind, or two at once, makes the account be read again."""
    unknown = UnknownEvent(time_ms=DONE, event_ms=SENT, name="ACCOUNT_CONFIG_UPDATE")
    assert events.account_event(payload("ev_config_new_kind")) == unknown
    assert events.account_event(changed(payload("ev_leverage"), ("ai",), {"j": True})) == unknown


def test_margin_call():
    """Each symbol once; the time it was sent stands for both."""
    assert events.account_event(payload("ev_margin_call")) == MarginCall(
        time_ms=SENT, event_ms=SENT, symbols=("SOLUSDT",)
    )


def test_listen_key_expired():
    """A time written as text is read; the key is not kept."""
    event = events.account_event(payload("ev_listen_key_expired"))
    assert event == ListenKeyExpired(time_ms=SENT, event_ms=SENT)
    assert "invented" not in repr(event)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("ev_trade_lite", "TRADE_LITE"),
        ("ev_strategy", "STRATEGY_UPDATE"),
        ("ev_grid", "GRID_UPDATE"),
        ("ev_trigger_reject", "CONDITIONAL_ORDER_TRIGGER_REJECT"),
    ],
)
def test_events_that_others_tell_again_are_ignored(name: str, word: str):
    """Known events without news are named and nothing else is read from them."""
    assert events.account_event(payload(name)) == IgnoredEvent(time_ms=DONE, event_ms=SENT, name=word)


def test_an_unknown_event_is_no_error():
    """An event of an unknown type is told by name, whatever is in it."""
    assert events.account_event(payload("ev_unknown")) == UnknownEvent(
        time_ms=SENT, event_ms=SENT, name="LIGHTHOUSE_UPDATE"
    )
    strange = changed(payload("ev_unknown"), ("E",), {"when": "NaN"})
    assert events.account_event(strange) == UnknownEvent(time_ms=0, event_ms=0, name="LIGHTHOUSE_UPDATE")


@pytest.mark.parametrize("json", [None, [], "text", 7, {}, {"e": None}, {"e": 5}, {"result": None, "id": 1}])
def test_what_is_no_event_is_refused(json: object):
    """A message without an event type is no event."""
    with pytest.raises(Malformed, match="user stream"):
        events.account_event(json)


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_event_without_content_is_refused(name: str):
    """An event of a known type that has nothing but its type is broken, never unknown."""
    json = payload(name)
    assert isinstance(json, dict)
    with pytest.raises(Malformed, match=f"^{json['e']}: "):
        events.account_event({"e": json["e"]})


@pytest.mark.parametrize("name", KNOWN)
def test_wrapped_and_raw_events_are_the_same(name: str):
    """The envelope of a combined stream changes neither the event nor its identity."""
    raw = payload(name)
    wrapped = {"stream": "some-listen-key", "data": raw}
    assert events.account_event(wrapped) == events.account_event(raw)
    assert events.fingerprint(wrapped) == events.fingerprint(raw)


def test_a_wrapped_event():
    """The wrapped form, as a file."""
    assert isinstance(events.account_event(payload("ev_wrapped")), LeverageChange)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys():
    """The exchange does not fix the order of keys."""
    json = payload("ev_order_trade")
    assert isinstance(json, dict)
    assert events.fingerprint(dict(reversed(json.items()))) == events.fingerprint(json)


def test_events_have_fingerprints_of_their_own():
    """Two different events never share an identity, however little they differ."""
    marks = [events.fingerprint(payload(name)) for name in names("ev_") if name != "ev_wrapped"]
    assert len(set(marks)) == len(marks)
    later = changed(payload("ev_order_trade"), ("o", "t"), 881200599)
    assert events.fingerprint(later) not in marks


def test_a_fingerprint_of_something_without_measure_is_refused():
    """Nesting without end is refused, not a crash."""
    nested: object = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(Malformed, match="cannot be read"):
        events.fingerprint(nested)


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
