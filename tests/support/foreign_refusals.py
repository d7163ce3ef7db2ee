"""The part of the foreign clients' list that the exchange refuses, asked while the account trades one-way."""

from __future__ import annotations

from foreign_client import Ask
from foreign_writes import BTC, PAIR, D, limit, market, stop

REFUSALS = (
    Ask(word="place", label="without margin", args=limit("fx-1", "900", "90000"), refused=-2019),
    Ask(
        word="place",
        label="reduce-only without position",
        args=market("fx-2", "ETHUSDT", "SELL", "0.100", reduce_only="true"),
        refused=-2022,
    ),
    Ask(word="place", label="on no symbol", args=limit("fx-3", "1", "90000", symbol="NOSUCH"), refused=-1121),
    Ask(word="cancel", label="nothing", args={**BTC, "orig_client_order_id": "never"}, refused=-2011),
    Ask(word="cancel algo", label="nothing", args={"client_algo_id": "never"}, refused=-2011),
    Ask(word="place", label="too fine a quantity", args=limit("fx-4", "0.01234", "90000"), refused=-1111),
    Ask(word="place", label="off the tick", args=limit("fx-5", "0.010", "90000.05"), refused=-4014),
    Ask(
        word="test order",
        label="a stop where it does not belong",
        args=market("fx-6", "BTCUSDT", "SELL", "0.010", type="STOP_MARKET"),
        refused=-4120,
    ),
    Ask(word="place", label="too little", args=limit("fx-7", "0.001", "90000"), refused=-4164),
    Ask(word="place", label="too much", args=market("fx-8", "BTCUSDT", "BUY", "500"), refused=-4005),
    Ask(word="place", label="too dear", args=limit("fx-9", "0.010", "99000"), refused=-4016),
    Ask(word="place", label="nothing", args=limit("fx-10", "0", "90000"), refused=-4003),
    Ask(word="place", label="of no side", args=limit("fx-11", "0.010", "90000", side="HOLD"), refused=-1117),
    Ask(word="place", label="of no type", args=limit("fx-12", "0.010", "90000", type="DANCE"), refused=-1116),
    Ask(
        word="place",
        label="that would take",
        args=limit("fx-13", "0.010", "92500", time_in_force="GTX"),
        refused=-5022,
    ),
    Ask(
        word="place",
        label="that cannot fill whole",
        args=limit("fx-14", "0.010", "90000", time_in_force="FOK"),
        refused=-5021,
    ),
    Ask(word="place algo", label="past its trigger", args=stop("fy-1", "99000", quantity=D("0.010")), refused=-2021),
    Ask(
        word="place algo",
        label="that closes nothing",
        args=stop("fy-2", "80", symbol="LINKUSDT", close_position="true"),
        refused=-4509,
    ),
    Ask(
        word="place",
        label="for a side that is not there",
        args=limit("fx-15", "0.010", "90000", position_side="LONG"),
        refused=-4061,
    ),
    Ask(word="set leverage", label="beyond all", args={**BTC, "leverage": 126}, refused=-4028),
    Ask(
        word="set margin type",
        label="as it is",
        args={"symbol": "LINKUSDT", "margin_type": "CROSSED"},
        refused=-4046,
    ),
    Ask(
        word="set margin type",
        label="of a position",
        args={"symbol": "SOLUSDT", "margin_type": "CROSSED"},
        refused=-4048,
    ),
    Ask(word="set position mode", label="as it is", args={"dual_side_position": "false"}, refused=-4059),
    Ask(word="set position mode", label="with orders", args={"dual_side_position": "true"}, refused=-4067),
    Ask(word="set asset mode", label="as it is", args={"multi_assets_margin": "false"}, refused=-4171),
)

MORE_REFUSALS = (
    Ask(word="place", label="of an id that is at work", args=limit("fr-1", "0.010", "90000")),
    Ask(word="place", label="of the same id", args=limit("fr-1", "0.010", "90000"), refused=-4116),
    Ask(word="place", label="of an endless id", args=limit("x" * 37, "0.010", "90000"), refused=-4015),
    Ask(word="place", label="beyond the brackets", args=limit("fr-2", "8000", "90000"), refused=-4005),
    Ask(
        word="place",
        label="of an unknown validity",
        args=limit("fr-3", "0.010", "90000", time_in_force="YEAR"),
        refused=-1115,
    ),
    Ask(
        word="modify",
        label="nothing",
        args={**BTC, "orig_client_order_id": "never", "side": "BUY", "quantity": D("0.010"), "price": D(89000)},
        refused=-2013,
    ),
    Ask(
        word="modify",
        label="without change",
        args={**BTC, "orig_client_order_id": "fr-1", "side": "BUY", "quantity": D("0.010"), "price": D(90000)},
        refused=-5027,
    ),
    Ask(word="place algo", label="one that closes all", args=stop("fs-1", "80000", close_position="true")),
    Ask(
        word="place algo",
        label="another that closes all",
        args=stop("fs-2", "79000", close_position="true"),
        refused=-4130,
    ),
    Ask(
        word="place algo",
        label="that closes a quantity",
        args=stop("fs-3", "78000", close_position="true", quantity=D(1)),
        refused=-4137,
    ),
    Ask(word="place algo", label="of the same id", args=stop("fs-1", "80000", quantity=D("0.010")), refused=-4116),
    Ask(word="set margin type", label="with orders", args={**BTC, "margin_type": "ISOLATED"}, refused=-4047),
    Ask(word="set asset mode", label="with isolated margin", args={"multi_assets_margin": "true"}, refused=-4167),
    Ask(word="move margin", label="of a cross position", args={**BTC, "amount": D(10), "type": 1}, refused=-4049),
    Ask(word="place several", label="too many", args={"batch_orders": [PAIR[0]] * 6}, refused=-4082),
    Ask(
        word="trades", label="of too long a time", args={**BTC, "start_time": 1, "end_time": 864_000_000}, refused=-1127
    ),
    Ask(word="order book", label="of an odd depth", args={**BTC, "limit": 7}, refused=-4021),
    Ask(word="candles", label="of an odd length", args={**BTC, "interval": "7m"}, refused=-1120),
    Ask(
        word="continuous candles",
        label="of no such contract",
        args={"pair": "BTCUSDT", "contract_type": "WEEKLY", "interval": "1m"},
        refused=-4104,
    ),
)
