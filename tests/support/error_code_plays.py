"""How each error code is met at the simulated exchange: a play per code, which gives the code that it ends in.

A play gets a desk with 10,000 USDT at 20x, flat, one-way, BTCUSDT at 92,000. Codes that the HTTP surface gives (keys,
signatures, limits, presence of parameters) are in ``tests/simulator/test_sim_error_codes.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll_simulator.market import Depth
from plimsoll_simulator.rest.order_writes import MOST_AMENDMENTS
from plimsoll_simulator.trading.standing import LEVERAGE_CODES, MAX_OPEN_ORDERS, RESTRICTIONS
from trading_desk import Desk

Play = Callable[[Desk], int]
_STOP = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.01",
    "triggerPrice": "90000",
}
_TRAIL = {"type": "TRAILING_STOP_MARKET", "callbackRate": "1", "triggerPrice": None}


def _limit(**changes: object) -> Play:
    return lambda desk: desk.refused("BUY", **{"quantity": "0.01", "price": "91000", **changes})


def _sell(**changes: object) -> Play:
    return lambda desk: desk.refused("SELL", **{"quantity": "0.01", "price": "93000", **changes})


def _market(**changes: object) -> Play:
    return lambda desk: desk.refused("BUY", **{"quantity": "0.01", **changes})


def _stop(**changes: object) -> Play:
    return lambda desk: desk.code("POST", "algoOrder", **{**_STOP, **changes})


def _post(path: str, **params: object) -> Play:
    return lambda desk: desk.code("POST", path, **params)


def _get(path: str, **params: object) -> Play:
    return lambda desk: desk.code("GET", path, **params)


def _after(*steps: Callable[[Desk], object], then: Play) -> Play:
    def play(desk: Desk) -> int:
        for step in steps:
            step(desk)
        return then(desk)

    return play


def _symbol(**changes: object) -> Callable[[Desk], object]:
    symbols = "BTCUSDT"
    return lambda desk: desk.world.market.symbols.update(
        {symbols: replace(desk.world.market.symbols[symbols], **changes)}
    )


def _account(**changes: object) -> Callable[[Desk], object]:
    return lambda desk: [setattr(desk.account, name, value) for name, value in changes.items()]


def _restricted(code: int) -> Callable[[Desk], object]:
    return lambda desk: desk.world.restrictions.update({("desk", None): code})


def _empty_book(desk: Desk) -> None:
    desk.world.market.depths["BTCUSDT"] = Depth(depth_usd=Decimal(0))


def _wealth(desk: Desk) -> None:
    desk.account.wallets["USDT"] = Decimal(10**7)


def _long(desk: Desk) -> None:
    desk.order("BUY", "0.1")


def _resting(desk: Desk) -> None:
    desk.order("BUY", "0.01", "91000", newClientOrderId="mine")


def _isolated(desk: Desk) -> None:
    desk.account.setting("BTCUSDT").margin_type = "ISOLATED"


def _placed(**changes: object) -> Callable[[Desk], object]:
    params = {**_STOP, **changes}
    return lambda desk: desk.call("POST", "algoOrder", **params)


def _many(count: int, one: Callable[[Desk], object]) -> Callable[[Desk], object]:
    return lambda desk: [one(desk) for _ in range(count)]


def _triggering(desk: Desk) -> None:
    for order in desk.account.open_algo_orders():
        order.status = "TRIGGERING"


def _change(**changes: object) -> Play:
    params = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "origClientOrderId": "mine",
        "quantity": "0.02",
        "price": "91000",
        **changes,
    }
    return lambda desk: desk.code("PUT", "order", **params)


def _tired(desk: Desk) -> None:
    desk.account.open_orders()[0].amendments = MOST_AMENDMENTS


def _plain_stop(desk: Desk) -> None:
    desk.account.open_orders()[0].type = "STOP_MARKET"


def _owing(desk: Desk) -> None:
    desk.account.multi_assets = True
    desk.account.wallets["USDC"] = Decimal(-1)


def _shared(desk: Desk) -> None:
    desk.account.multi_assets = True
    desk.account.wallets["BTC"] = Decimal(1)
    desk.order("BUY", "0.1")
    desk.account.wallets["USDT"] = Decimal(100)


def _cancelled_stop(desk: Desk) -> int:
    return desk.code("DELETE", "algoOrder", algoId=next(iter(desk.account.algo_orders)))


_CLOSING = {"closePosition": "true", "quantity": None}
_MARGIN = {"symbol": "BTCUSDT", "type": "1", "amount": "10"}
_CANDLES = {"pair": "BTCUSDT", "interval": "1m"}

PLAYS: Mapping[int, Play] = {
    -1008: _after(lambda desk: setattr(desk.world, "overloaded", True), then=_limit()),
    -1023: _get("userTrades", symbol="BTCUSDT", startTime="2", endTime="1"),
    -1100: _limit(quantity="1e-05"),
    -1102: _limit(quantity=None),
    -1106: _limit(stopPrice="90000"),
    -1111: _limit(quantity="0.0001"),
    -1112: _after(_empty_book, then=_market()),
    -1115: _limit(timeInForce="DAY"),
    -1116: _limit(type="ICEBERG"),
    -1117: _post("order", symbol="BTCUSDT", side="LONG"),
    -1120: _get("klines", symbol="BTCUSDT", interval="7m"),
    -1121: _limit(symbol="NOUSDT"),
    -1122: _after(_symbol(status="PENDING_TRADING"), then=_limit()),
    -1127: _get("userTrades", symbol="BTCUSDT", startTime="1", endTime=str(10**9)),
    -1128: _get("userTrades", symbol="BTCUSDT", fromId="1", startTime="1"),
    -1130: _stop(algoType="VP"),
    -1136: _limit(newOrderRespType="FULL"),
    -2011: lambda desk: desk.code("DELETE", "order", symbol="BTCUSDT", orderId="1"),
    -2013: _get("order", symbol="BTCUSDT", orderId="1"),
    -2019: _market(quantity="3"),
    -2021: _stop(triggerPrice="93000"),
    -2022: _market(reduceOnly="true"),
    -2023: _after(_account(liquidating=True), then=_limit()),
    -2025: _after(_wealth, _many(MAX_OPEN_ORDERS, lambda desk: desk.order("BUY", "0.01", "91000")), then=_limit()),
    -2027: _after(_wealth, _many(40, _long), then=_post("leverage", symbol="BTCUSDT", leverage="125")),
    -2028: _after(
        _many(10, _long),
        lambda desk: desk.account.wallets.update({"USDT": Decimal(5000)}),
        then=_post("leverage", symbol="BTCUSDT", leverage="10"),
    ),
    -4001: _limit(price="0"),
    -4002: _limit(price="5000000"),
    -4003: _limit(quantity="0"),
    -4004: _after(_symbol(step=Decimal("0.005")), then=_limit(quantity="0.001")),
    -4005: _limit(quantity="5000"),
    -4006: _stop(triggerPrice="0"),
    -4007: _stop(triggerPrice="5000000"),
    -4013: _limit(price="0.01"),
    -4014: _limit(price="91000.05"),
    -4015: _limit(newClientOrderId="x" * 37),
    -4016: _limit(price="96600.1"),
    -4023: _after(_symbol(step=Decimal("0.005")), then=_limit(quantity="0.012")),
    -4024: _sell(price="87399.9"),
    -4028: _post("leverage", symbol="BTCUSDT", leverage="126"),
    -4045: _after(_many(200, _placed()), then=_stop()),
    -4046: _post("marginType", symbol="BTCUSDT", marginType="CROSSED"),
    -4047: _after(_resting, then=_post("marginType", symbol="BTCUSDT", marginType="ISOLATED")),
    -4048: _after(_long, then=_post("marginType", symbol="BTCUSDT", marginType="ISOLATED")),
    -4049: _after(_long, then=_post("positionMargin", **_MARGIN)),
    -4050: _after(_isolated, _long, then=_post("positionMargin", **{**_MARGIN, "amount": "99999"})),
    -4051: _after(_isolated, _long, then=_post("positionMargin", **{**_MARGIN, "type": "2", "amount": "400"})),
    -4054: _after(_isolated, then=_post("positionMargin", **_MARGIN)),
    -4055: _after(_isolated, _long, then=_post("positionMargin", **{**_MARGIN, "amount": "0"})),
    -4059: _post("positionSide/dual", dualSidePosition="false"),
    -4060: _limit(positionSide="UP"),
    -4061: _limit(positionSide="LONG"),
    -4062: _limit(reduceOnly="maybe"),
    -4067: _after(_resting, then=_post("positionSide/dual", dualSidePosition="true")),
    -4068: _after(_long, then=_post("positionSide/dual", dualSidePosition="true")),
    -4082: _post("batchOrders", batchOrders="[]"),
    -4104: _get("continuousKlines", **_CANDLES, contractType="WEEKLY"),
    -4109: _after(_account(wallets={}), then=_limit()),
    -4116: _after(_resting, then=_limit(newClientOrderId="mine")),
    -4117: _after(_placed(), _triggering, then=_cancelled_stop),
    -4118: _after(
        _long, lambda desk: desk.order("SELL", "0.1", "93000"), then=_sell(quantity="0.1", reduceOnly="true")
    ),
    -4120: _market(type="STOP_MARKET", stopPrice="93000"),
    -4130: _after(_long, _placed(**_CLOSING), then=_stop(**_CLOSING, triggerPrice="89000")),
    -4131: _after(lambda desk: desk.price("92000", last="98000"), then=_market()),
    -4135: _stop(**_TRAIL, activatePrice="0"),
    -4136: _limit(closePosition="true"),
    -4137: _after(_long, then=_stop(closePosition="true")),
    -4138: _after(_long, then=_stop(**_CLOSING, reduceOnly="false")),
    -4139: _after(_restricted(-4139), then=_market()),
    -4140: _after(_symbol(status="SETTLING"), then=_limit()),
    -4141: _after(_symbol(status="CLOSE"), then=_limit()),
    -4142: _after(_long, then=_stop(**_CLOSING, triggerPrice="93000")),
    -4161: _after(_isolated, _long, then=_post("leverage", symbol="BTCUSDT", leverage="10")),
    -4164: _limit(quantity="0.001"),
    -4167: _after(_isolated, then=_post("multiAssetsMargin", multiAssetsMargin="true")),
    -4168: _after(_account(multi_assets=True), then=_post("marginType", symbol="BTCUSDT", marginType="ISOLATED")),
    -4169: _after(_shared, then=_post("multiAssetsMargin", multiAssetsMargin="false")),
    -4170: _after(_resting, then=_post("multiAssetsMargin", multiAssetsMargin="true")),
    -4171: _post("multiAssetsMargin", multiAssetsMargin="false"),
    -4172: _after(_owing, then=_post("multiAssetsMargin", multiAssetsMargin="false")),
    -4183: _stop(type="STOP", side="BUY", triggerPrice="93000", price="97700"),
    -4184: _stop(type="STOP", price="85000"),
    -4210: _stop(type="STOP", side="BUY", triggerPrice="93000", price="88000"),
    -4211: _stop(type="STOP", price="95000"),
    -4509: _stop(**_CLOSING),
    -5021: _limit(timeInForce="FOK"),
    -5022: _limit(timeInForce="GTX", price="92500"),
    -5024: _after(_resting, _symbol(status="SETTLING"), then=_change()),
    -5025: _after(_resting, _plain_stop, then=_change()),
    -5026: _after(_resting, _tired, then=_change()),
    -5027: _after(_resting, then=_change(quantity="0.01")),
    -5029: _after(_resting, then=_change(quantity="0.001")),
    -5037: _limit(price=None, priceMatch="BEST"),
    -5038: _post("order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01", priceMatch="QUEUE"),
    -5039: _limit(selfTradePreventionMode="OFTEN"),
    -5040: _limit(timeInForce="GTD", goodTillDate="1"),
    -5041: _after(_empty_book, then=_limit(price=None, priceMatch="OPPONENT")),
    -5047: _after(_resting, then=_change(reduceOnly="true")),
    **{code: _after(_restricted(code), then=_sell() if code == -4107 else _limit()) for code in RESTRICTIONS},
    **{
        code: _after(_restricted(code), then=_post("leverage", symbol="BTCUSDT", leverage="21"))
        for code in LEVERAGE_CODES
    },
}
