"""What the user-data events about the account say in the product's language, and the identity of an event."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, names, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events
from plimsoll.model.events import (
    AccountUpdate,
    AssetModeChange,
    BalanceChange,
    IgnoredEvent,
    LeverageChange,
    ListenKeyExpired,
    MarginCall,
    PositionChange,
    UnknownEvent,
)
from plimsoll.model.terms import AssetMode, MarginMode, PositionSide

SENT, DONE = 1795165200007, 1795165200004
KNOWN = sorted(
    set(names("ev_"))
    - {"ev_unknown", "ev_wrapped", "ev_trade_lite", "ev_strategy", "ev_grid", "ev_trigger_reject", "ev_config_new_kind"}
)


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
