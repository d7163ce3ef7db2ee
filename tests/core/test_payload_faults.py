"""Whatever the exchange sends, a translator gives its value or ``Malformed``: properties over invented JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payload_files import MISSING, changed, names, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import account, events, market, orders

Translator = Callable[[object], object]

FILES: dict[str, Translator] = {
    "rest_account_single": account.wallet,
    "rest_account_multi": account.wallet,
    "rest_positions": account.position_reports,
    "rest_account_config": account.settings,
    "rest_symbol_config": account.symbol_settings,
    "rest_income": account.incomes,
    "sapi_key": account.key_permissions,
    "rest_exchange_info": market.rules,
    "rest_premium_index": market.marks,
    "rest_asset_index": market.asset_rates,
    "rest_leverage_bracket": market.brackets,
    "rest_server_time": market.server_time,
    "rest_open_orders": orders.plain_orders,
    "rest_open_algo_orders": orders.algo_orders,
    "ev_": events.account_event,
    "stream_": events.market_events,
}
PAIRS = [(name, translate) for beginning, translate in FILES.items() for name in names(beginning)]
TRANSLATORS = [*FILES.values(), events.fingerprint]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.sampled_from(["", "0", "NaN", "-Infinity", "1e999999999", "0x10", "-1", "BOTH", "BUY", "true", "\ud800"])
)
keys = st.text(max_size=3) | st.sampled_from(
    ["e", "E", "T", "a", "o", "ac", "ai", "p", "s", "data", "stream", "symbol", "assets", "symbols", "brackets"]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6), max_leaves=12
)


def _paths(json: object, so_far: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value, the value itself first."""
    yield so_far
    if isinstance(json, dict):
        for key, item in json.items():
            yield from _paths(item, (*so_far, key))
    elif isinstance(json, list):
        for index, item in enumerate(json):
            yield from _paths(item, (*so_far, index))


@pytest.mark.parametrize("translate", TRANSLATORS, ids=lambda translate: translate.__name__)
@given(json=values)
def test_any_json_gives_a_value_or_malformed(translate: Translator, json: object):
    """No JSON value makes a translator raise anything but ``Malformed``."""
    with contextlib.suppress(Malformed):
        translate(json)


@given(data=st.data())
def test_a_spoilt_payload_gives_a_value_or_malformed(data: st.DataObject):
    """No single spoilt field in a true payload makes a translator raise anything but ``Malformed``."""
    name, translate = data.draw(st.sampled_from(PAIRS))
    json = payload(name)
    path = data.draw(st.sampled_from(list(_paths(json))))
    with contextlib.suppress(Malformed):
        translate(changed(json, path, data.draw(values)))


@given(data=st.data())
def test_fields_that_we_do_not_know_change_nothing(data: st.DataObject):
    """An additional field anywhere leaves the translation as it was."""
    name, translate = data.draw(st.sampled_from([pair for pair in PAIRS if pair[0] != "ev_config_new_kind"]))
    json = payload(name)
    objects = [path for path in _paths(json) if isinstance(_at(json, path), dict)]
    path = data.draw(st.sampled_from(objects))
    assert translate(changed(json, (*path, "somethingNew"), data.draw(values))) == translate(json)


def _at(json: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        json = json[step]  # type: ignore[index]  # the path was made from this very value
    return json


@pytest.mark.parametrize(("name", "translate"), PAIRS)
def test_removing_any_field_gives_a_value_or_malformed(name: str, translate: Translator):
    """No field that goes missing makes a translator raise anything but ``Malformed``."""
    json = payload(name)
    for path in _paths(json):
        if path and isinstance(path[-1], str):
            with contextlib.suppress(Malformed):
                translate(changed(json, path, MISSING))


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=8))
def test_every_amount_comes_through_exactly(number: Decimal):
    """A balance of eight decimals is the same number afterwards, whatever its size and sign."""
    json = changed(payload("rest_account_single"), ("assets", 0, "walletBalance"), f"{number:f}")
    assert account.wallet(json).balances[0].wallet == number
