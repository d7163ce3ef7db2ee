"""Every refusal of an order: the code that the exchange gives, and that nothing has changed by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll_simulator.market import Depth
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.standing import MAX_OPEN_ORDERS, RESTRICTIONS
from trading_desk import Desk

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "quantity": "0.010",
    "price": "91000",
    "timeInForce": "GTC",
}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}


@pytest.fixture
def desk() -> Desk:
    """A desk with 10,000 USDT."""
    return Desk()


@pytest.mark.parametrize("base", [LIMIT, MARKET])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": None}, -1102),
        ({"symbol": "NOUSDT"}, -1121),
        ({"side": None}, -1102),
        ({"side": "LONG"}, -1117),
        ({"type": None}, -1102),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "STOP_MARKET", "stopPrice": "90000"}, -4120),
        ({"quantity": None}, -1102),
        ({"quantity": "1e-05"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "0"}, -4003),
        ({"quantity": "0.0001"}, -1111),
        ({"quantity": "5000"}, -4005),
        ({"positionSide": "UP"}, -4060),
        ({"positionSide": "LONG"}, -4061),
        ({"reduceOnly": "maybe"}, -4062),
        ({"reduceOnly": "true"}, -2022),
        ({"newClientOrderId": "has spaces"}, -4015),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"selfTradePreventionMode": "OFTEN"}, -5039),
        ({"closePosition": "true"}, -4136),
        ({"stopPrice": "90000"}, -1106),
        ({"quantity": "0.001", "price": None, "priceMatch": "MIDDLE"}, -5037),
    ],
)
def test_a_wrong_order_is_refused(desk: Desk, base: dict, changes: dict, code: int):
    """Each wrong parameter has its code, for limit and market orders alike."""
    assert desk.code("POST", "order", **{**base, **changes}) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": None}, -1102),
        ({"price": "91000.001"}, -1111),
        ({"price": "91000.05"}, -4014),
        ({"price": "0"}, -4001),
        ({"price": "0.01"}, -4013),
        ({"price": "5000000"}, -4002),
        ({"price": "96600.1"}, -4016),
        ({"side": "SELL", "price": "87399.9"}, -4024),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "DAY"}, -1115),
        ({"timeInForce": "RPI"}, -1115),
        ({"timeInForce": "GTD"}, -1102),
        ({"timeInForce": "GTD", "goodTillDate": "5"}, -5040),
        ({"goodTillDate": "1895164000000"}, -1106),
        ({"priceMatch": "OPPONENT"}, -1106),
        ({"quantity": "0.001"}, -4164),
        ({"quantity": "1199"}, -2027),
        ({"quantity": "3"}, -2019),
    ],
)
def test_a_wrong_limit_order_is_refused(desk: Desk, changes: dict, code: int):
    """Price, band, time in force, notional, position limit and margin have their codes."""
    assert desk.code("POST", "order", **{**LIMIT, **changes}) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timeInForce": "GTC"}, -1106),
        ({"price": "92000"}, -1106),
        ({"priceMatch": "OPPONENT"}, -5038),
        ({"quantity": "121"}, -4005),
        ({"quantity": "0.001"}, -4164),
        ({"quantity": "3"}, -2019),
    ],
)
def test_a_wrong_market_order_is_refused(desk: Desk, changes: dict, code: int):
    """A market order takes neither price nor time in force, and has its own largest quantity."""
    assert desk.code("POST", "order", **{**MARKET, **changes}) == code


def _coarse(desk: Desk) -> None:
    symbol = desk.world.market.symbols["BTCUSDT"]
    desk.world.market.symbols["BTCUSDT"] = replace(symbol, tick=Decimal("0.50"), step=Decimal("0.005"))


def _status(status: str) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        symbol = desk.world.market.symbols["BTCUSDT"]
        desk.world.market.symbols["BTCUSDT"] = replace(symbol, status=status)

    return change


def _restricted(code: int) -> Callable[[Desk], None]:
    return lambda desk: desk.world.restrictions.update({("desk", None): code})


def _overloaded(desk: Desk) -> None:
    desk.world.overloaded = True


def _liquidating(desk: Desk) -> None:
    desk.account.liquidating = True


def _empty(desk: Desk) -> None:
    desk.world.market.depths["BTCUSDT"] = Depth(depth_usd=Decimal(0))


def _last_far_above(desk: Desk) -> None:
    desk.price("92000", last="98000")


def _many_orders(desk: Desk) -> None:
    desk.account.wallets["USDT"] = Decimal(10**6)
    for _ in range(MAX_OPEN_ORDERS):
        desk.order("BUY", "0.01", "90000")


@pytest.mark.parametrize(
    ("situation", "changes", "code"),
    [
        (_coarse, {"price": "91000.20"}, -4014),
        (_coarse, {"quantity": "0.012"}, -4023),
        (_coarse, {"quantity": "0.001"}, -4004),
        (_status("CLOSE"), {}, -4141),
        (_status("DELIVERED"), {}, -4141),
        (_status("PENDING_TRADING"), {}, -1122),
        (_status("SETTLING"), {}, -4140),
        (_overloaded, {}, -1008),
        (_liquidating, {}, -2023),
        (_many_orders, {}, -2025),
        (_empty, {"price": None, "priceMatch": "OPPONENT"}, -5041),
        (_empty, {"type": "MARKET", "price": None, "timeInForce": None}, -1112),
        (_last_far_above, {"type": "MARKET", "price": None, "timeInForce": None}, -4131),
        *((_restricted(code), {"side": "SELL" if code == -4107 else "BUY"}, code) for code in RESTRICTIONS),
    ],
)
def test_a_situation_refuses_an_order(desk: Desk, situation: Callable[[Desk], None], changes: dict, code: int):
    """What the exchange, the symbol or the account is in decides before the order's own merits."""
    situation(desk)
    desk.forget()
    assert desk.code("POST", "order", **{**LIMIT, **changes}) == code


@pytest.mark.parametrize(
    "situation",
    [
        _overloaded,
        _status("SETTLING"),
        *(_restricted(code) for code in RESTRICTIONS if code not in {-4088, -4402}),
    ],
)
def test_what_reduces_is_exempt(desk: Desk, situation: Callable[[Desk], None]):
    """A reduce-only order passes where only opening is forbidden."""
    desk.order("BUY", "0.02")
    situation(desk)
    assert desk.order("SELL", "0.01", reduceOnly="true")["status"] == "FILLED"


@pytest.mark.parametrize("code", [-4088, -4402])
def test_some_restrictions_spare_nobody(desk: Desk, code: int):
    """An account that may not order at all may not close either."""
    desk.order("BUY", "0.02")
    _restricted(code)(desk)
    assert desk.refused("SELL", "0.01", reduceOnly="true") == code


@pytest.mark.parametrize(("code", "free"), [(-4106, "SELL"), (-4107, "BUY")])
def test_a_restriction_of_one_side_leaves_the_other_free(desk: Desk, code: int, free: str):
    """-4106 meets buys alone, -4107 sells alone."""
    desk.world.restrictions[None, "BTCUSDT"] = code
    assert desk.order(free, "0.01")["status"] == "FILLED"


def test_an_overload_is_the_server_s_fault():
    """-1008 comes with status 503, everything else with 400."""
    assert (refused(-1008).status, refused(-2019).status) == (503, 400)


def test_a_client_id_is_free_again_once_its_order_has_ended(desk: Desk):
    """Two working orders cannot share an id (-4116); an ended one gives it back."""
    first = desk.order("BUY", "0.01", "91000", newClientOrderId="twin")
    assert desk.refused("BUY", "0.01", "91000", newClientOrderId="twin") == -4116
    desk.call("DELETE", "order", symbol="BTCUSDT", orderId=first["orderId"])
    assert desk.order("BUY", "0.01", "91000", newClientOrderId="twin")["clientOrderId"] == "twin"


def test_hedge_mode_wants_a_side_and_no_reduce_only():
    """Without a position side an order is refused (-4061), with reduceOnly too (-1106)."""
    desk = Desk(hedge=True)
    assert desk.refused("BUY", "0.01") == -4061
    assert desk.refused("SELL", "0.01", positionSide="LONG", reduceOnly="true") == -1106
    assert desk.refused("SELL", "0.01", positionSide="LONG") == -2022


def test_a_refusal_says_what_would_be_right(desk: Desk):
    """Texts name the bound that was passed."""
    with pytest.raises(Refused) as caught:
        desk.order("BUY", "0.01", "96600.1")
    assert caught.value.text == "Limit price can't be higher than 96600."
    with pytest.raises(Refused) as caught:
        desk.order("BUY", "0.001", "91000")
    assert caught.value.text == "Order's notional must be no smaller than 100 (unless you choose reduce only)."
