"""Settings over REST: what each changes, and the code for every reason not to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trading_desk import Desk

DONE = {"code": 200, "msg": "success"}


@pytest.fixture
def desk() -> Desk:
    """A desk with 10,000 USDT at 20x."""
    return Desk()


def test_leverage_is_set_and_told(desk: Desk):
    """The answer says how much may be held then; the event is ACCOUNT_CONFIG_UPDATE."""
    found = desk.call("POST", "leverage", symbol="BTCUSDT", leverage=5)
    assert found == {"leverage": 5, "maxNotionalValue": "480000000", "symbol": "BTCUSDT"}
    assert [event["ac"] for event in desk.heard] == [{"s": "BTCUSDT", "l": 5}]
    assert desk.call("POST", "leverage", symbol="BTCUSDT", leverage=5) == found


@pytest.mark.parametrize("leverage", ["0", "126"])
def test_leverage_beyond_the_brackets_is_refused(desk: Desk, leverage: str):
    """A symbol offers 1 to its first bracket's leverage."""
    assert desk.code("POST", "leverage", symbol="BTCUSDT", leverage=leverage) == -4028


def test_leverage_cannot_fall_below_what_the_account_can_carry(desk: Desk):
    """Less leverage binds more margin, for positions and resting orders alike."""
    desk.order("BUY", "1")
    desk.order("BUY", "0.5", "91000")
    assert desk.code("POST", "leverage", symbol="BTCUSDT", leverage=10) == -2028
    assert desk.call("POST", "leverage", symbol="BTCUSDT", leverage=15)["leverage"] == 15
    assert desk.code("POST", "leverage", symbol="BTCUSDT") == -1102


def test_leverage_cannot_rise_above_what_the_position_allows():
    """A position of more than 300,000 forbids 125x."""
    desk = Desk("100000")
    desk.order("BUY", "4")
    assert desk.code("POST", "leverage", symbol="BTCUSDT", leverage=125) == -2027


def test_leverage_of_an_isolated_position_only_rises(desk: Desk):
    """Its margin has been set aside."""
    desk.call("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    desk.order("BUY", "0.1")
    assert desk.code("POST", "leverage", symbol="BTCUSDT", leverage=10) == -4161
    assert desk.call("POST", "leverage", symbol="BTCUSDT", leverage=25)["leverage"] == 25


def test_a_margin_type_changes_only_while_nothing_is_there(desk: Desk):
    """Orders forbid it, positions forbid it, and so does its being so already."""
    assert desk.code("POST", "marginType", symbol="BTCUSDT", marginType="CROSSED") == -4046
    assert desk.code("POST", "marginType", symbol="BTCUSDT", marginType="cross") == -1102
    resting = desk.order("BUY", "0.01", "91000")
    assert desk.code("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4047
    desk.call("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"])
    desk.order("BUY", "0.01")
    assert desk.code("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4048
    desk.order("SELL", "0.01", reduceOnly="true")
    assert desk.call("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED") == DONE
    (row,) = desk.call("GET", "symbolConfig", symbol="BTCUSDT")
    assert row["marginType"] == "ISOLATED"


def test_the_position_mode_changes_only_while_nothing_is_there(desk: Desk):
    """Orders and positions of any symbol forbid it."""
    assert desk.code("POST", "positionSide/dual", dualSidePosition="false") == -4059
    assert desk.code("POST", "positionSide/dual", dualSidePosition="perhaps") == -1102
    resting = desk.order("BUY", "0.01", "91000")
    assert desk.code("POST", "positionSide/dual", dualSidePosition="true") == -4067
    desk.call("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"])
    desk.order("BUY", "0.01")
    assert desk.code("POST", "positionSide/dual", dualSidePosition="true") == -4068
    desk.order("SELL", "0.01", reduceOnly="true")
    assert desk.call("POST", "positionSide/dual", dualSidePosition="true") == DONE
    assert desk.call("GET", "positionSide/dual") == {"dualSidePosition": True}


def test_multi_assets_mode_has_its_conditions(desk: Desk):
    """Not with an isolated symbol, not with orders, not twice; and no isolated symbol within it."""
    assert desk.code("POST", "multiAssetsMargin", multiAssetsMargin="false") == -4171
    desk.call("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    assert desk.code("POST", "multiAssetsMargin", multiAssetsMargin="true") == -4167
    desk.call("POST", "marginType", symbol="BTCUSDT", marginType="CROSSED")
    resting = desk.order("BUY", "0.01", "91000")
    assert desk.code("POST", "multiAssetsMargin", multiAssetsMargin="true") == -4170
    desk.call("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"])
    assert desk.call("POST", "multiAssetsMargin", multiAssetsMargin="true") == DONE
    assert desk.heard[-1]["ai"] == {"j": True}
    assert desk.code("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4168


def test_single_asset_mode_needs_every_asset_to_stand_alone(desk: Desk):
    """What one asset owes, or positions it cannot carry, keep the account in multi-assets mode."""
    desk.call("POST", "multiAssetsMargin", multiAssetsMargin="true")
    desk.account.wallets["BTC"] = Decimal(1)
    desk.order("BUY", "2")
    desk.account.wallets["USDT"] = Decimal(100)
    assert desk.code("POST", "multiAssetsMargin", multiAssetsMargin="false") == -4169
    desk.account.wallets["USDT"] = Decimal(-100)
    assert desk.code("POST", "multiAssetsMargin", multiAssetsMargin="false") == -4172
    desk.account.wallets["USDT"] = Decimal(20000)
    assert desk.call("POST", "multiAssetsMargin", multiAssetsMargin="false") == DONE


@pytest.fixture
def isolated(desk: Desk) -> Desk:
    """A desk with an isolated position of 0.1 BTC."""
    desk.call("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    desk.order("BUY", "0.1")
    desk.forget()
    return desk


def test_money_moves_into_and_out_of_an_isolated_position(isolated: Desk):
    """The wallet stays, the cross part moves, the history remembers, and the event says MARGIN_TRANSFER."""
    found = isolated.call("POST", "positionMargin", symbol="BTCUSDT", amount="100", type=1)
    assert found == {"amount": 100, "code": 200, "msg": "Successfully modify position margin.", "type": 1}
    (event,) = isolated.heard
    assert (event["a"]["m"], event["a"]["P"][0]["iw"], event["a"]["B"][0]["bc"]) == (
        "MARGIN_TRANSFER",
        "560.00050000",
        "0",
    )
    assert isolated.call("POST", "positionMargin", symbol="BTCUSDT", amount="50.5", type=2)["amount"] == 50.5
    rows = isolated.call("GET", "positionMargin/history", symbol="BTCUSDT")
    assert [(row["type"], row["amount"], row["deltaType"]) for row in rows] == [
        (1, "100", "USER_ADJUST"),
        (2, "50.5", "USER_ADJUST"),
    ]
    assert len(isolated.call("GET", "positionMargin/history", symbol="BTCUSDT", type=2)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": "ETHUSDT"}, -4049),
        ({"positionSide": "LONG"}, -4061),
        ({"type": "3"}, -1102),
        ({"type": None}, -1102),
        ({"amount": None}, -1102),
        ({"amount": "0"}, -4055),
        ({"amount": "20000"}, -4050),
        ({"type": "2", "amount": "300"}, -4051),
    ],
)
def test_money_that_cannot_move_stays(isolated: Desk, changes: dict, code: int):
    """Cross positions have no money of their own; what is not there cannot move."""
    params = {"symbol": "BTCUSDT", "amount": "10", "type": "1", **changes}
    assert isolated.code("POST", "positionMargin", **params) == code


def test_a_flat_symbol_takes_no_money(isolated: Desk):
    """Without a position there is nothing to add to."""
    isolated.order("SELL", "0.1", reduceOnly="true")
    isolated.forget()
    assert isolated.code("POST", "positionMargin", symbol="BTCUSDT", amount="10", type=1) == -4054


def test_a_lock_of_the_quantitative_rules_is_told(desk: Desk):
    """While -4400 holds for a symbol, apiTradingStatus names it and when it ends."""
    assert desk.call("GET", "apiTradingStatus")["indicators"] == {}
    desk.world.restrictions["desk", "ETHUSDT"] = -4400
    found = desk.call("GET", "apiTradingStatus")["indicators"]
    assert list(found) == ["ETHUSDT"]
    assert (found["ETHUSDT"][0]["isLocked"], found["ETHUSDT"][0]["indicator"]) == (True, "UFR")
