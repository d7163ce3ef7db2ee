"""The part of the foreign clients' list that changes something: orders, algo orders and settings, in both modes."""

from __future__ import annotations

from decimal import Decimal

from foreign_client import Ask, Do, Word

D = Decimal
BTC = {"symbol": "BTCUSDT"}
LIVE = {"account": "live"}


def limit(client_id: str, quantity: str, price: str, **more: Word) -> dict[str, Word]:
    """A bid for BTCUSDT, good till cancelled unless told otherwise."""
    return {
        **BTC,
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "quantity": D(quantity),
        "price": D(price),
        "new_client_order_id": client_id,
        **more,
    }


def market(client_id: str, symbol: str, side: str, quantity: str, **more: Word) -> dict[str, Word]:
    """A market order whose answer tells its end."""
    return {
        "symbol": symbol,
        "side": side,
        "type": "MARKET",
        "quantity": D(quantity),
        "new_client_order_id": client_id,
        "new_order_resp_type": "RESULT",
        **more,
    }


def stop(client_id: str, trigger: str, **more: Word) -> dict[str, Word]:
    """A conditional order that sells BTCUSDT at the market."""
    return {
        **BTC,
        "algo_type": "CONDITIONAL",
        "side": "SELL",
        "type": "STOP_MARKET",
        "trigger_price": D(trigger),
        "client_algo_id": client_id,
        **more,
    }


def trailing(client_id: str) -> dict[str, Word]:
    """A trailing stop of one per cent that wakes at 95,000."""
    return {
        **BTC,
        "algo_type": "CONDITIONAL",
        "side": "SELL",
        "type": "TRAILING_STOP_MARKET",
        "quantity": D("0.010"),
        "callback_rate": D("1.0"),
        "activate_price": D(95000),
        "client_algo_id": client_id,
    }


BY_CLIENT_ID = {**BTC, "orig_client_order_id": "fc-1"}

SINGLE_ORDERS = (
    Ask(word="test order", args=limit("fc-0", "0.010", "90000")),
    Ask(word="place", label="a bid", args=limit("fc-1", "0.010", "90000")),
    Ask(word="order", label="by its client id", args=BY_CLIENT_ID),
    Ask(word="open order", label="by its client id", args=BY_CLIENT_ID),
    Ask(
        word="modify",
        args={**BY_CLIENT_ID, "side": "BUY", "quantity": D("0.020"), "price": D("89000")},
    ),
    Ask(word="order changes", args=BY_CLIENT_ID),
    Ask(word="open orders", label="with a changed one", args=BTC),
    Ask(word="place", label="at the market", args=market("fc-2", "BTCUSDT", "BUY", "0.020")),
    Ask(word="order", label="filled", args={**BTC, "orig_client_order_id": "fc-2"}),
    Ask(
        word="place",
        label="reduce-only",
        args=market("fc-3", "BTCUSDT", "SELL", "0.010", reduce_only="true"),
    ),
    Ask(
        word="place",
        label="what fills at once or not at all",
        args=limit("fc-4", "0.010", "90000", time_in_force="IOC", new_order_resp_type="RESULT"),
    ),
    Ask(word="place", label="only as maker", args=limit("fc-5", "0.010", "90000", time_in_force="GTX")),
    Ask(word="trades", label="after trading", args=BTC),
    Ask(word="positions v3", label="after trading"),
    Ask(word="account v3", label="after trading"),
    Ask(word="all orders", label="after trading", args=BTC),
    Ask(word="cancel", args={**BTC, "orig_client_order_id": "fc-5"}),
    Ask(word="order", label="cancelled", args={**BTC, "orig_client_order_id": "fc-5"}),
)

PAIR: list[dict[str, str | Decimal]] = [
    {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "quantity": D("0.010"),
        "price": D(price),
        "new_client_order_id": client_id,
    }
    for client_id, price in (("fc-10", "88500"), ("fc-11", "88400"))
]
_DUST: dict[str, str | Decimal] = {
    **PAIR[0],
    "new_client_order_id": "fc-12",
    "quantity": D("0.001"),
    "price": D(88500),
}
_CHANGED: list[dict[str, str | Decimal]] = [
    {"symbol": "BTCUSDT", "side": "BUY", "orig_client_order_id": each, "quantity": D("0.020"), "price": D("88000")}
    for each in ("fc-10", "fc-11")
]

SEVERAL_ORDERS = (
    Ask(word="place several", args={"batch_orders": [*PAIR, _DUST]}),
    Ask(word="modify several", args={"batch_orders": _CHANGED}),
    Ask(word="cancel several", args={**BTC, "orig_client_order_id_list": ["fc-10", "fc-11"]}),
    Ask(word="cancel all", args=BTC),
    Ask(word="cancel all", label="again", args=BTC),
    Ask(word="countdown", args={**BTC, "countdown_time": 120_000}),
    Ask(word="countdown", label="off", args={**BTC, "countdown_time": 0}),
)

ALGO_ORDERS = (
    Ask(word="place algo", label="a stop", args=stop("fa-1", "88000", quantity=D("0.050"), reduce_only="true")),
    Ask(word="place algo", label="that closes all", args=stop("fa-2", "87000", close_position="true")),
    Ask(
        word="place algo",
        label="a take-profit with a price",
        args=stop("fa-3", "99000", type="TAKE_PROFIT", quantity=D("0.010"), price=D("98900"), time_in_force="GTC"),
    ),
    Ask(
        word="place algo",
        label="that trails",
        args=trailing("fa-4"),
    ),
    Ask(word="algo order", label="by its client id", args={"client_algo_id": "fa-1"}),
    Ask(word="open algo orders", label="after placing", args=BTC),
    Ask(word="cancel algo", args={"client_algo_id": "fa-4"}),
    Do(path="price", fields={**BTC, "mark": "87900"}),
    Ask(word="algo order", label="triggered", args={"client_algo_id": "fa-1"}),
    Ask(word="all algo orders", label="after a trigger", args=BTC),
    Do(path="price", fields={**BTC, "mark": "92000"}),
    Ask(word="cancel all algo", args=BTC),
)

SETTINGS = (
    Ask(word="set leverage", args={**BTC, "leverage": 7}),
    Ask(word="set fee burn", args={"fee_burn": "true"}),
    Ask(word="fee burn"),
    Ask(word="set fee burn", label="back", args={"fee_burn": "false"}),
    Ask(word="set asset mode", args={"multi_assets_margin": "true"}),
    Ask(word="account v3", label="in multi-assets mode"),
    Ask(word="asset mode", label="when set"),
    Ask(word="set asset mode", label="back", args={"multi_assets_margin": "false"}),
    Ask(word="set margin type", args={"symbol": "SOLUSDT", "margin_type": "ISOLATED"}),
    Ask(word="place", label="an isolated position", args=market("fc-20", "SOLUSDT", "BUY", "10")),
    Ask(word="move margin", args={"symbol": "SOLUSDT", "amount": D(25), "type": 1}),
    Ask(word="margin changes", args={"symbol": "SOLUSDT"}),
    Ask(word="positions v2", label="isolated", args={"symbol": "SOLUSDT"}),
    Ask(word="positions v3", label="isolated", args={"symbol": "SOLUSDT"}),
    Ask(word="income", label="after all that"),
)

CLOSING = (
    Ask(word="cancel all algo", label="of BNB", args={"symbol": "BNBUSDT"}),
    Ask(word="cancel all algo", label="of DOT", args={"symbol": "DOTUSDT"}),
    Ask(word="cancel all", label="of BTC", args=BTC),
    Ask(word="cancel all algo", label="of BTC", args=BTC),
    Ask(word="open algo orders", label="when none is left"),
    Ask(word="set position mode", label="with positions", args={"dual_side_position": "true"}, refused=-4068),
    Ask(word="place", label="the end of SOL", args=market("fz-1", "SOLUSDT", "SELL", "10", reduce_only="true")),
    Ask(word="place", label="the end of BNB", args=market("fz-2", "BNBUSDT", "SELL", "1.50", reduce_only="true")),
    Ask(word="place", label="the end of DOT", args=market("fz-3", "DOTUSDT", "BUY", "250", reduce_only="true")),
    Ask(word="place", label="the end of BTC", args=market("fz-4", "BTCUSDT", "SELL", "1", reduce_only="true")),
    Ask(word="positions v3", label="when flat"),
)

HEDGE = (
    Ask(word="set position mode", args={"dual_side_position": "true"}),
    Ask(word="position mode", label="when set"),
    Ask(word="place", label="long", args=market("fh-1", "BTCUSDT", "BUY", "0.050", position_side="LONG")),
    Ask(word="place", label="short", args=market("fh-2", "BTCUSDT", "SELL", "0.020", position_side="SHORT")),
    Ask(word="positions v3", label="in hedge mode"),
    Ask(word="positions v2", label="in hedge mode", args=BTC),
    Ask(word="account v3", label="in hedge mode"),
    Ask(word="adl quantiles", label="in hedge mode"),
    Ask(
        word="place",
        label="without a side",
        args=market("fh-3", "BTCUSDT", "BUY", "0.010"),
        refused=-4061,
    ),
    Ask(
        word="place",
        label="more than there is to close",
        args=market("fh-4", "BTCUSDT", "SELL", "1", position_side="LONG"),
        refused=-2022,
    ),
    Ask(
        word="place",
        label="reduce-only in hedge mode",
        args=market("fh-5", "BTCUSDT", "SELL", "0.010", position_side="LONG", reduce_only="true"),
        refused=-1106,
    ),
)

MARKET_HISTORY = (
    Ask(word="day tickers"),
    Ask(word="day tickers", label="of one symbol", args=BTC),
    Ask(word="order book", args={**BTC, "limit": 5}),
    Ask(word="candles", args={**BTC, "interval": "1m", "limit": 5}),
    Ask(
        word="continuous candles", args={"pair": "BTCUSDT", "contract_type": "PERPETUAL", "interval": "1m", "limit": 5}
    ),
    Ask(word="recent trades", args={**BTC, "limit": 5}),
    Ask(word="aggregated trades", args={**BTC, "limit": 5}),
    Ask(word="open interest", args=BTC),
    Ask(word="adl risks"),
    Ask(word="adl risks", label="of one symbol", args=BTC),
    Ask(word="funding rates", args=BTC),
    Ask(word="funding terms"),
    Ask(word="fee burn", label="at last"),
)

PERMITTED = (Do(path="key", fields={**LIVE, "permissions": {"enableFutures": True}}),)

TRADING: tuple[Ask | Do, ...] = (*PERMITTED, *SINGLE_ORDERS, *SEVERAL_ORDERS, *ALGO_ORDERS, *SETTINGS)
ENDING: tuple[Ask | Do, ...] = (*CLOSING, *HEDGE, *MARKET_HISTORY)
